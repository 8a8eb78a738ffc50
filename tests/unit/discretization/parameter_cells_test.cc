// Counts of parameter cells against counting by hand; numbers agree between ranks, volumes add up to the mesh's.
#include <lodestone/base/error.h>
#include <lodestone/discretization/parameter_cells.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace lodestone;
using dealii::Point;
using dealii::numbers::invalid_dof_index;

namespace
{

template <int dim>
typename Mesh<dim>::Parameters square(unsigned int n, unsigned int source_refinements = 0)
{
  typename Mesh<dim>::Parameters p;
  for (unsigned int d = 0; d < dim; ++d)
    p.upper[d] = 1;
  p.cells.assign(dim, n);
  p.source_refinements = source_refinements;
  return p;
}

/// Different numbers in use, over all ranks.
template <int dim>
std::set<dealii::types::global_dof_index> numbers_in_use(const ParameterCells<dim> &cells)
{
  std::vector<dealii::types::global_dof_index> here;
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != invalid_dof_index)
      here.push_back(cells.index(cell));
  std::set<dealii::types::global_dof_index> all;
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(cells.mesh().communicator(), here))
    all.insert(of_rank.begin(), of_rank.end());
  return all;
}

/// Numbers 0 ... n-1 are all in use, and ghosts have the number that their owner gave them.
template <int dim>
void expect_consistent(const ParameterCells<dim> &cells, dealii::types::global_dof_index n)
{
  EXPECT_EQ(cells.n(), n);
  const auto used = numbers_in_use(cells);
  EXPECT_EQ(used.size(), n);
  EXPECT_TRUE(used.empty() || *used.rbegin() == n - 1);
  CellField number = cells.mesh().make_cell_field();
  const auto as_double = [&](const auto &cell) {
    return cells.index(cell) == invalid_dof_index ? -1. : static_cast<double>(cells.index(cell));
  };
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      number(cell->global_active_cell_index()) = as_double(cell);
  number.update_ghost_values();
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_ghost())
    {
      EXPECT_EQ(number(cell->global_active_cell_index()), as_double(cell));
    }
}

template <int dim>
typename ParameterCells<dim>::Parameters kind(const ParameterCellKind kind, unsigned int coarsening = 0)
{
  typename ParameterCells<dim>::Parameters p;
  p.kind = kind;
  p.coarsening = coarsening;
  return p;
}

} // namespace

TEST(ParameterCellsParallel, OneForEachCell)
{
  Mesh<2> mesh(square<2>(8, 2), MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(.3, .3)});
  expect_consistent(ParameterCells<2>(mesh, kind<2>(ParameterCellKind::cells), mesh.make_cell_field()),
                    mesh.triangulation().n_global_active_cells());
}

TEST(ParameterCellsParallel, AncestorsOfAUniformMesh)
{
  const Mesh<2> flat(square<2>(8), MPI_COMM_WORLD);
  const Mesh<3> solid(square<3>(4), MPI_COMM_WORLD);
  for (const auto &[coarsening, n] : {std::make_pair(0u, 64u), {1u, 16u}, {2u, 4u}, {3u, 1u}, {9u, 1u}})
  {
    const ParameterCells<2> cells(flat, kind<2>(ParameterCellKind::cells, coarsening), flat.make_cell_field());
    expect_consistent(cells, n);
    const auto layout = cells.make_layout({"ln E/E0"});
    const DistributedVector volumes = cells.volumes(*layout);
    for (const double volume : volumes)
      EXPECT_NEAR(volume, 1. / n, 1e-14);
  }
  for (const auto &[coarsening, n] : {std::make_pair(0u, 64u), {1u, 8u}, {2u, 1u}})
    expect_consistent(ParameterCells<3>(solid, kind<3>(ParameterCellKind::cells, coarsening), solid.make_cell_field()),
                      n);
}

TEST(ParameterCellsParallel, AncestorsOfAHangingNodeMesh)
{
  // 4 x 4 with one corner cell split: its four parts are one parameter cell, its three siblings another
  Mesh<2> mesh(square<2>(4, 1), MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(.1, .1)});
  ASSERT_EQ(mesh.triangulation().n_global_active_cells(), 19u);
  const ParameterCells<2> cells(mesh, kind<2>(ParameterCellKind::cells, 1), mesh.make_cell_field());
  expect_consistent(cells, 5);
  const DistributedVector volumes = cells.volumes(*cells.make_layout({"K"}));
  std::vector<double> here(volumes.begin(), volumes.end());
  std::multiset<long> parts; // in sixteenths
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(MPI_COMM_WORLD, here))
    for (const double volume : of_rank)
      parts.insert(std::lround(16 * volume));
  EXPECT_EQ(parts, (std::multiset<long>{1, 3, 4, 4, 4}));
}

TEST(ParameterCellsParallel, HeldCellsHaveNone)
{
  const Mesh<2> mesh(square<2>(8), MPI_COMM_WORLD);
  CellField held = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      held(cell->global_active_cell_index()) = cell->center()[0] < .625 ? 1 : 0; // five of eight columns
  const ParameterCells<2> cells(mesh, kind<2>(ParameterCellKind::cells), held);
  expect_consistent(cells, 24);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (!cell->is_artificial())
    {
      EXPECT_EQ(cells.index(cell) == invalid_dof_index, cell->center()[0] < .625);
    }
  // ancestors of 2 x 2 cells: two columns of four remain, one of them of half the size
  const ParameterCells<2> coarse(mesh, kind<2>(ParameterCellKind::cells, 1), held);
  expect_consistent(coarse, 8);
  const DistributedVector volumes = coarse.volumes(*coarse.make_layout({"E"}));
  EXPECT_NEAR(volumes.l1_norm(), .375, 1e-14);
  EXPECT_NEAR(volumes.linfty_norm(), 1. / 16, 1e-14);
  held = 1;
  const ParameterCells<2> none(mesh, kind<2>(ParameterCellKind::cells), held);
  EXPECT_EQ(none.n(), 0u);
  EXPECT_EQ(none.volumes(*none.make_layout({"E"})).size(), 0u);
  EXPECT_EQ(cells.volumes(*cells.make_layout({})).size(), 0u);
}

TEST(ParameterCellsParallel, ZonesOfAGmshMesh)
{
  Mesh<3>::Parameters p;
  p.source = MeshSource::gmsh;
  p.file = std::string(LODESTONE_SOURCE_DIR) + "/meshes/layered_reservoir.msh";
  const Mesh<3> mesh(p, MPI_COMM_WORLD);
  const ParameterCells<3> zones(mesh, kind<3>(ParameterCellKind::zones), mesh.make_cell_field());
  expect_consistent(zones, 4);
  const DistributedVector volumes = zones.volumes(*zones.make_layout({"E"}));
  EXPECT_NEAR(volumes.l1_norm(), 3.2e12, 1e-9 * 3.2e12);
  // the overburden: 20 km x 20 km x 1 km
  double nearest = 1;
  for (const double volume : volumes)
    nearest = std::min(nearest, std::abs(volume / 4e11 - 1));
  EXPECT_LT(dealii::Utilities::MPI::min(nearest, MPI_COMM_WORLD), 1e-9);
}

// On every rank a zone has the number that it has on the others, whichever of its zones a rank meets first.
TEST(ParameterCellsParallel, ZonesHaveOneNumberOnAllRanks)
{
  Mesh<2>::Parameters p;
  p.source = MeshSource::gmsh;
  p.file = std::string(LODESTONE_SOURCE_DIR) + "/meshes/section_fault.msh";
  const Mesh<2> mesh(p, MPI_COMM_WORLD);
  const ParameterCells<2> zones(mesh, kind<2>(ParameterCellKind::zones), mesh.make_cell_field());
  expect_consistent(zones, 3);
  std::map<dealii::types::global_dof_index, double> areas; // by number, this rank's
  std::vector<std::pair<unsigned int, dealii::types::global_dof_index>> here;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      here.emplace_back(cell->material_id(), zones.index(cell));
      areas[zones.index(cell)] += cell->measure();
    }
  std::set<std::pair<unsigned int, dealii::types::global_dof_index>> all;
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(MPI_COMM_WORLD, here))
    all.insert(of_rank.begin(), of_rank.end());
  EXPECT_EQ(all.size(), 3u);
  // The areas of ReadsTheFaultSection: sediments 6e7 m^2.
  const auto sediments = mesh.zone_id("sediments", "test");
  for (const auto &[zone, number] : all)
    if (zone == sediments)
    {
      EXPECT_NEAR(dealii::Utilities::MPI::sum(areas[number], MPI_COMM_WORLD), 6e7, 1e-3);
    }
}

TEST(ParameterCellsParallel, LayoutPutsTheFieldsOfACellTogether)
{
  Mesh<2> mesh(square<2>(8, 1), MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(.5, .5)});
  const ParameterCells<2> cells(mesh, kind<2>(ParameterCellKind::cells, 1), mesh.make_cell_field());
  const auto layout = cells.make_layout({"ln K/K0", "ln G/G0"});
  EXPECT_EQ(layout->size(), 2 * cells.n());
  EXPECT_EQ(layout->partitioner->size(), 2 * cells.n());
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (!cell->is_artificial())
      for (unsigned int field = 0; field < 2; ++field)
      {
        const auto entry = cells.index(cell) * 2 + field;
        EXPECT_TRUE(layout->partitioner->in_local_range(entry) || layout->partitioner->is_ghost_entry(entry));
      }
  // each field counts the whole area; both entries of a cell are alike
  DistributedVector volumes = cells.volumes(*layout);
  EXPECT_NEAR(volumes.l1_norm(), 2, 1e-13);
  volumes.update_ghost_values();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      EXPECT_EQ(volumes(2 * cells.index(cell)), volumes(2 * cells.index(cell) + 1));
    }
}

TEST(ParameterCellsParallel, StayAsTheyAreWhenTheMeshIsRefined)
{
  // Held cells and ancestors, on a mesh that is refined twice around a corner, which the ranks share out anew.
  const Mesh<2> mesh(square<2>(8), MPI_COMM_WORLD);
  CellField held = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      held(cell->global_active_cell_index()) = cell->center()[1] < 0.25 ? 1 : 0;
  held.update_ghost_values();
  const ParameterCells<2> start(mesh, kind<2>(ParameterCellKind::cells, 1), held);
  ASSERT_EQ(start.n(), 12u);
  const auto near_corner = [](const Mesh<2> &m) {
    std::vector<bool> marked;
    for (const auto &cell : m.triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
        marked.push_back(cell->center().norm() < 0.7);
    return marked;
  };
  const auto once = mesh.make_finer(near_corner(mesh));
  const auto twice = once->make_finer(near_corner(*once));
  EXPECT_GT(twice->triangulation().n_global_active_cells(), 400u);
  EXPECT_EQ(twice->boundary_names(), mesh.boundary_names());

  const auto layout = start.make_layout({"ln E/E0"});
  for (const Mesh<2> *const refined : {once.get(), twice.get()})
  {
    const ParameterCells<2> cells(*refined, start);
    expect_consistent(cells, 12);
    EXPECT_TRUE(cells.make_layout({"ln E/E0"})->partitioner->locally_owned_range() ==
                layout->partitioner->locally_owned_range());
    // The volumes and centres of the parameter cells, by number, are those of the start.
    const auto moments = [](const ParameterCells<2> &of) {
      std::vector<double> sums(3 * of.n(), 0.);
      for (const auto &cell : of.mesh().triangulation().active_cell_iterators())
        if (cell->is_locally_owned() && of.index(cell) != invalid_dof_index)
        {
          sums[3 * of.index(cell)] += cell->measure();
          for (unsigned int d = 0; d < 2; ++d)
            sums[3 * of.index(cell) + 1 + d] += cell->measure() * cell->center()[d];
        }
      dealii::Utilities::MPI::sum(sums, MPI_COMM_WORLD, sums);
      return sums;
    };
    const auto expected = moments(start), found = moments(cells);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(found[i], expected[i], 1e-14);
  }
  // A vector that is assigned has the ghosts of its new layout, though its owned entries are the same ones.
  const auto on_twice = ParameterCells<2>(*twice, start).make_layout({"ln E/E0"});
  ParameterVector m(layout), other(on_twice);
  for (const auto i : other.values().locally_owned_elements())
    other.values()(i) = i;
  other.values().update_ghost_values();
  m = other;
  EXPECT_EQ(m.values().get_partitioner(), on_twice->partitioner);
  EXPECT_EQ(m.shared_layout(), on_twice);
  for (const auto i : on_twice->partitioner->ghost_indices())
    EXPECT_EQ(m.values()(i), i);

  // The same by way of the mesh between.
  const ParameterCells<2> between(*once, start), by_two_steps(*twice, between), directly(*twice, start);
  for (const auto &cell : twice->triangulation().active_cell_iterators())
    if (!cell->is_artificial())
    {
      EXPECT_EQ(by_two_steps.index(cell), directly.index(cell));
    }
}

// One field with a number per zone beside one with a number per cell.
TEST(ParameterCellsParallel, ZonesBesideCells)
{
  Mesh<2>::Parameters p;
  p.source = MeshSource::gmsh;
  p.file = std::string(LODESTONE_SOURCE_DIR) + "/meshes/section_fault.msh";
  const Mesh<2> mesh(p, MPI_COMM_WORLD);
  CellField held = mesh.make_cell_field();
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      held(cell->global_active_cell_index()) = cell->material_id() == mesh.zone_id("footwall", "test") ? 1 : 0;
  held.update_ghost_values();
  auto parameters = kind<2>(ParameterCellKind::cells);
  parameters.by_field = {ParameterCellKind::zones, ParameterCellKind::cells};
  const ParameterCells<2> cells(mesh, parameters, held);
  const auto finer = mesh.make_finer(std::vector<bool>(mesh.triangulation().n_locally_owned_active_cells(), true));
  const ParameterCells<2> on_finer(*finer, cells);
  for (const ParameterCells<2> *const each : {&cells, &on_finer})
  {
    const auto layout = each->make_layout({"E", "nu"});
    EXPECT_EQ(layout->fields, std::vector<std::string>{"nu"});
    ASSERT_EQ(layout->globals.size(), 2u); // nothing of the footwall
    EXPECT_EQ(layout->size(), cells.n() + 2);
    const std::size_t sediments = layout->globals[0] == "E of sediments" ? 0 : 1;
    EXPECT_EQ(layout->globals[sediments], "E of sediments");
    EXPECT_EQ(layout->globals[1 - sediments], "E of hanging wall");
    EXPECT_EQ(layout->field_of(0), 1u);
    EXPECT_EQ(layout->field_of(cells.n() + 1), 0u);
    for (const auto &cell : each->mesh().triangulation().active_cell_iterators())
      if (!cell->is_artificial() && each->index(cell) != invalid_dof_index)
      {
        const bool in_sediments = cell->material_id() == mesh.zone_id("sediments", "test");
        EXPECT_EQ(each->entry(cell, *layout, 0), cells.n() + (in_sediments ? sediments : 1 - sediments));
        EXPECT_EQ(each->entry(cell, *layout, 1), each->index(cell));
        for (const unsigned int field : {0u, 1u})
        {
          const auto i = each->entry(cell, *layout, field);
          EXPECT_TRUE(layout->partitioner->in_local_range(i) || layout->partitioner->is_ghost_entry(i));
        }
      }
    // The areas of ReadsTheFaultSection: sediments 6e7 m^2.
    DistributedVector areas = each->volumes(*layout);
    double of_zones = 0, of_cells = 0, of_sediments = 0;
    for (const auto i : areas.locally_owned_elements())
    {
      (i < cells.n() ? of_cells : of_zones) += areas(i);
      of_sediments += i == cells.n() + sediments ? areas(i) : 0;
    }
    EXPECT_NEAR(dealii::Utilities::MPI::sum(of_sediments, MPI_COMM_WORLD), 6e7, 1e-3);
    EXPECT_NEAR(dealii::Utilities::MPI::sum(of_zones - of_cells, MPI_COMM_WORLD), 0, 1e-3);

    ParameterVector m(layout);
    for (const auto i : m.values().locally_owned_elements())
      m.values()(i) = 3. * i;
    const CellField zone_number = each->on_cells(m, 0), cell_number = each->on_cells(m, 1);
    for (const auto &cell : each->mesh().triangulation().active_cell_iterators())
      if (!cell->is_artificial() && each->index(cell) != invalid_dof_index)
      {
        EXPECT_EQ(zone_number(cell->global_active_cell_index()), 3. * each->entry(cell, *layout, 0));
        EXPECT_EQ(cell_number(cell->global_active_cell_index()), 3. * each->index(cell));
      }
  }
}

TEST(ParameterCells, RefusesZonesWhereThereAreNone)
{
  const Mesh<2> mesh(square<2>(2), MPI_COMM_SELF);
  auto by_field = kind<2>(ParameterCellKind::cells);
  by_field.by_field = {ParameterCellKind::cells, ParameterCellKind::zones};
  EXPECT_THROW(ParameterCells<2>(mesh, by_field, mesh.make_cell_field()), InputError);
  EXPECT_THROW(ParameterCells<2>(mesh, kind<2>(ParameterCellKind::zones), mesh.make_cell_field()), InputError);
}
