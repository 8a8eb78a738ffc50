// Unknowns on their way to a finer mesh: constants stay, no value moves further than its cell, sums of dual vectors stay,
// and a zone keeps its value, by counting and by hand. Meshes are refined locally and distributed differently.
#include <lodestone/discretization/parameter_prolongation.h>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

using namespace lodestone;
using dealii::Point;

namespace
{

template <int dim>
std::unique_ptr<Mesh<dim>> make_mesh(const bool with_zones)
{
  typename Mesh<dim>::Parameters p;
  Point<dim> observation;
  for (unsigned int d = 0; d < dim; ++d)
  {
    p.upper[d] = 1;
    observation[d] = d + 1 == dim ? 1 : 0.3;
  }
  p.cells.assign(dim, 8);
  p.observation_refinements = 1;
  if (with_zones)
    p.zones = {{"left", "x < 0.55"}, {"right", "1"}}; // 0.55 lies inside coarser cells, and inside finer ones
  auto mesh = std::make_unique<Mesh<dim>>(p, MPI_COMM_WORLD);
  mesh->refine({observation}, {});
  return mesh;
}

/// Unknowns of two fields on a mesh and on the coarser one, all of whose cells but those with x > 0.8 have some.
template <int dim>
struct Pair
{
  explicit Pair(const ParameterCellKind kind = ParameterCellKind::cells)
      : fine_mesh(make_mesh<dim>(kind == ParameterCellKind::zones)), coarse_mesh(fine_mesh->make_coarser()),
        fine(*fine_mesh, {kind, 0, {}}, held(*fine_mesh)), coarse(*coarse_mesh, {kind, 0, {}}, held(*coarse_mesh)),
        prolongation(coarse, fine), m(coarse.make_layout({"a", "b"})), fine_m(fine.make_layout({"a", "b"}))
  {
  }
  static CellField held(const Mesh<dim> &mesh)
  {
    CellField field = mesh.make_cell_field();
    for (const auto &cell : mesh.triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
        field(cell->global_active_cell_index()) = cell->center()[0] > 0.8 ? 1 : 0;
    field.update_ghost_values();
    return field;
  }

  std::unique_ptr<Mesh<dim>> fine_mesh, coarse_mesh;
  ParameterCells<dim> fine, coarse;
  ParameterProlongation<dim> prolongation;
  ParameterVector m, fine_m;
};

template <int dim>
void expect_values_stay_in_their_cells()
{
  Pair<dim> pair;
  const auto value = [](const Point<dim> &p, const unsigned int field) { return field + 1 + p[0] - 2 * p[1]; };
  for (const auto &cell : pair.coarse_mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && pair.coarse.index(cell) != dealii::numbers::invalid_dof_index)
      for (unsigned int field = 0; field < 2; ++field)
        pair.m.values()(2 * pair.coarse.index(cell) + field) = value(cell->center(), field);
  pair.prolongation.apply(pair.m, pair.fine_m);
  unsigned int n = 0, n_of_parent = 0;
  for (const auto &cell : pair.fine_mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && pair.fine.index(cell) != dealii::numbers::invalid_dof_index &&
        cell->center()[0] < 0.75) // beyond, cells of the coarser mesh are held
      for (unsigned int field = 0; field < 2; ++field, ++n)
      {
        // The parent's centre lies half an edge away in every direction, or the cell is one of both meshes.
        Point<dim> parent = cell->center();
        for (unsigned int d = 0; d < dim; ++d)
        {
          const double position = cell->center()[d] / cell->bounding_box().side_length(d);
          parent[d] += (static_cast<int>(position) % 2 == 0 ? 1 : -1) * cell->bounding_box().side_length(d) / 2;
        }
        const double found = pair.fine_m.values()(2 * pair.fine.index(cell) + field);
        EXPECT_TRUE(std::abs(found - value(parent, field)) < 1e-12 ||
                    std::abs(found - value(cell->center(), field)) < 1e-12)
            << cell->center() << ": " << found;
        n_of_parent += std::abs(found - value(parent, field)) < 1e-12 ? 1 : 0;
      }
  n = dealii::Utilities::MPI::sum(n, MPI_COMM_WORLD);
  n_of_parent = dealii::Utilities::MPI::sum(n_of_parent, MPI_COMM_WORLD);
  EXPECT_GT(n, 0u);
  EXPECT_GT(n_of_parent, n / 2); // few cells beside smaller ones are in both meshes
}

} // namespace

TEST(ParallelParameterProlongation, ValuesStayInTheirCells)
{
  expect_values_stay_in_their_cells<2>();
  expect_values_stay_in_their_cells<3>();
}

TEST(ParallelParameterProlongation, SumsOfDualVectorsStayWhereNoCellIsHeldInOneMeshAlone)
{
  // x = 0.75 is a side of both meshes; held cells have their centres beyond 0.8.
  Pair<3> pair;
  double sum = 0;
  for (const auto &cell : pair.coarse_mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->center()[0] < 0.7)
    {
      pair.m.values()(2 * pair.coarse.index(cell)) = cell->measure() * (1 + cell->center()[1]);
      sum += cell->measure() * (1 + cell->center()[1]);
    }
  pair.prolongation.apply_to_dual(pair.m, pair.fine_m);
  double fine_sum = 0;
  for (unsigned int i = 0; i < pair.fine_m.values().locally_owned_size(); ++i)
    fine_sum += pair.fine_m.values().local_element(i);
  EXPECT_NEAR(dealii::Utilities::MPI::sum(fine_sum, MPI_COMM_WORLD), dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD),
              1e-12);
}

TEST(ParallelParameterProlongation, AZoneKeepsItsValue)
{
  Pair<3> pair(ParameterCellKind::zones);
  ASSERT_EQ(pair.coarse.n(), 2u);
  const auto value_of = [](const auto &cell) { return cell->material_id() == 0 ? 3. : -5.; };
  for (const auto &cell : pair.coarse_mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      if (const auto j = pair.coarse.index(cell);
          j != dealii::numbers::invalid_dof_index && pair.m.values().in_local_range(2 * j))
        pair.m.values()(2 * j) = value_of(cell);
  pair.prolongation.apply(pair.m, pair.fine_m);
  for (const auto &cell : pair.fine_mesh->triangulation().active_cell_iterators())
    if (const auto j = cell->is_locally_owned() ? pair.fine.index(cell) : dealii::numbers::invalid_dof_index;
        j != dealii::numbers::invalid_dof_index && pair.fine_m.values().in_local_range(2 * j))
    {
      EXPECT_NEAR(pair.fine_m.values()(2 * j), value_of(cell), 1e-14);
    }
}
