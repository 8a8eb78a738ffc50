// Counts, positions, areas and names of meshes against numbers worked out by hand.
#include <lodestone/base/error.h>
#include <lodestone/discretization/grading_manifold.h>
#include <lodestone/discretization/mesh.h>
#include <lodestone/discretization/msh_file.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <fstream>
#include <set>

using namespace lodestone;
using dealii::Point;

namespace
{

template <int dim>
typename Mesh<dim>::Parameters box(const Point<dim> &lower, const Point<dim> &upper,
                                   const std::vector<unsigned int> &cells)
{
  typename Mesh<dim>::Parameters p;
  p.lower = lower;
  p.upper = upper;
  p.cells = cells;
  return p;
}

template <int dim>
double boundary_area(const Mesh<dim> &mesh, const std::string &name)
{
  double area = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const auto &face : cell->face_iterators())
        if (face->at_boundary() && face->boundary_id() == mesh.boundary_id(name, "test"))
          area += face->measure();
  return dealii::Utilities::MPI::sum(area, mesh.communicator());
}

template <int dim>
double volume(const Mesh<dim> &mesh, const std::string &zone = "")
{
  double sum = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && (zone.empty() || cell->material_id() == mesh.zone_id(zone, "test")))
      sum += cell->measure();
  return dealii::Utilities::MPI::sum(sum, mesh.communicator());
}

/// Distinct coordinates of vertices of owned cells along one axis.
template <int dim>
std::set<double> coordinates(const Mesh<dim> &mesh, unsigned int axis)
{
  std::set<double> found;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        found.insert(cell->vertex(v)[axis]);
  return found;
}

void expect_each_near_one(const std::set<double> &found, const std::vector<double> &expected, double tolerance)
{
  for (const double x : found)
  {
    double nearest = std::numeric_limits<double>::max();
    for (const double y : expected)
      nearest = std::min(nearest, std::abs(x - y));
    EXPECT_LT(nearest, tolerance) << x;
  }
}

std::string error_of(const std::function<void()> &action)
{
  try
  {
    action();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "no error";
}

void expect_error(const std::function<void()> &action, const std::vector<std::string> &parts)
{
  const std::string text = error_of(action);
  for (const std::string &part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
}

/// Rank 0 writes the text; the reader opens it on rank 0 only.
std::string write_file(const std::string &name, const std::string &text)
{
  const std::string path =
      ::testing::TempDir() + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + name;
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::ofstream(path) << text;
  return path;
}

template <int dim>
typename Mesh<dim>::Parameters gmsh(const std::string &file)
{
  typename Mesh<dim>::Parameters p;
  p.source = MeshSource::gmsh;
  p.file = file;
  return p;
}

const std::string source_dir = LODESTONE_SOURCE_DIR;
const std::string format = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n";
const std::string nodes = "$Nodes\n6\n1 0 -1 0\n2 1 -1 0\n3 1 0 0\n4 0 0 0\n5 2 -1 0\n6 2 0 0\n"
                          "$EndNodes\n";
const std::string names = "$PhysicalNames\n2\n1 8 \"top\"\n2 5 \"rock\"\n$EndPhysicalNames\n";
const std::string quads = "$Elements\n3\n1 1 2 8 1 4 3\n2 3 2 5 1 1 2 3 4\n3 3 2 5 1 2 5 6 3\n$EndElements\n";

} // namespace

TEST(MeshParallel, BoxHasTheCellsAskedFor)
{
  const Mesh<3> mesh(box<3>({-3, -1, -2}, {3, 1, 0}, {12, 4, 8}), MPI_COMM_WORLD);
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 12u * 4u * 8u);
  EXPECT_EQ(mesh.triangulation().n_global_levels(), 3u); // coarsest 3 x 1 x 2
  EXPECT_EQ(mesh.lower(), Point<3>(-3, -1, -2));
  EXPECT_EQ(mesh.upper(), Point<3>(3, 1, 0));
  EXPECT_EQ(mesh.surface_elevation(), 0);
  EXPECT_NEAR(mesh.smallest_cell_size(), .5, 1e-14);
  EXPECT_NEAR((mesh.smallest_cell_extents() - dealii::Tensor<1, 3>({.5, .5, .25})).norm(), 0, 1e-14);
  EXPECT_NEAR(volume(mesh), 24, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "west"), 4, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "east"), 4, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "south"), 12, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "north"), 12, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "bottom"), 12, 1e-12);
  EXPECT_NEAR(boundary_area(mesh, "top"), 12, 1e-12);
}

TEST(MeshParallel, BoxWithOddCountsIsItsOwnCoarsestMesh)
{
  const Mesh<2> mesh(box<2>({0, -1}, {3, 0}, {5, 4}), MPI_COMM_WORLD);
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 20u);
  EXPECT_EQ(mesh.triangulation().n_global_levels(), 1u);
  EXPECT_EQ(mesh.boundary_names().size(), 4u);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const auto &face : cell->face_iterators())
        if (face->at_boundary())
        {
          const Point<2> c = face->center();
          const std::string side = c[0] == 0 ? "west" : c[0] == 3 ? "east" : c[1] == -1 ? "bottom" : "top";
          EXPECT_EQ(face->boundary_id(), mesh.boundary_id(side, "test"));
        }
}

TEST(MeshParallel, GradedDownwardIsAGeometricSeries)
{
  // eight cells with sizes growing by q downward from the surface, q^8 = 16; found at k = 3 by refinement, at k = 0 in
  // the coarse mesh
  const double length = 2e4, q = std::pow(16., 1. / 8);
  std::vector<double> expected;
  for (unsigned int i = 0; i <= 8; ++i)
    expected.push_back(-length * (std::pow(q, i) - 1) / (std::pow(q, 8) - 1));
  for (const unsigned int horizontal : {8u, 3u})
  {
    auto p = box<3>({-1, -1, -length}, {1, 1, 0}, {horizontal, 8, 8});
    p.grading = {1, 1, 16};
    const Mesh<3> mesh(p, MPI_COMM_WORLD);
    EXPECT_EQ(mesh.triangulation().n_global_levels(), horizontal == 8 ? 4u : 1u);
    EXPECT_EQ(mesh.lower()[2], -length);
    EXPECT_EQ(mesh.upper()[2], 0);
    expect_each_near_one(coordinates(mesh, 2), expected, 1e-10 * length);
    EXPECT_LE(coordinates(mesh, 2).size(), 9u); // the same to the last bit across the mesh
    EXPECT_NEAR(volume(mesh), 4 * length, 1e-9 * length);
    EXPECT_NEAR(boundary_area(mesh, "top"), 4, 1e-12);
  }
}

TEST(MeshParallel, GradingKeepsItsFormulaUnderLocalRefinement)
{
  // outward from the middle: x = +-L (R^t - 1) / (R - 1), t = |2 s - 1|
  const double half = 5., ratio = 9.;
  auto p = box<2>({-half, -1}, {half, 0}, {16, 4});
  p.grading = {ratio, 1};
  p.source_refinements = 2;
  Mesh<2> mesh(p, MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(3.1, -.2)});
  EXPECT_EQ(mesh.triangulation().n_global_levels(), 5u);
  std::vector<double> expected;
  for (int i = -32; i <= 32; ++i)
    expected.push_back((i < 0 ? -1 : 1) * half * (std::pow(ratio, std::abs(i) / 32.) - 1) / (ratio - 1));
  expect_each_near_one(coordinates(mesh, 0), expected, 1e-11 * half);
  EXPECT_NEAR(volume(mesh), 2 * half, 1e-11);
}

// Position and coordinate undo each other, and the derivative is that of the position by central differences (of step
// 2^-16, a node of the finest cells that the axis knows; truncation h^2, rounding epsilon / h: below 1e-8), inside the
// focus, outside and without any grading.
TEST(GradedAxis, DerivativeAndInverse)
{
  for (const double ratio : {1., 7.})
  {
    const GradedAxis axis(-5, 4, -1, 2, ratio, 16);
    const double h = std::ldexp(1., -16);
    for (const double s : {0.125, 0.25, 0.4375, 0.5, 0.625, 0.875})
    {
      const double slope = (axis.position(s + h) - axis.position(s - h)) / (2 * h);
      EXPECT_NEAR(axis.derivative(s) / slope, 1, 1e-7) << "s = " << s << ", ratio " << ratio;
      EXPECT_NEAR(axis.coordinate(axis.position(s)), s, 1e-9);
    }
  }
}

TEST(GradedAxis, FacesLieWhereTheyAreAskedFor)
{
  for (const double ratio : {1., 7.})
    for (const std::vector<double> &faces : {std::vector<double>{-3}, {-3.1, -0.4}, {3.9}, {-4.99, -0.02, 0.01, 0.02}})
    {
      const GradedAxis axis(-5, 4, -1, 2, ratio, 16, faces);
      EXPECT_FALSE(axis.is_uniform());
      std::vector<double> ends;
      for (unsigned int i = 0; i <= 16; ++i)
        ends.push_back(axis.position(i / 16.));
      EXPECT_EQ(ends.front(), -5);
      EXPECT_EQ(ends.back(), 4);
      for (unsigned int i = 0; i < 16; ++i)
        EXPECT_LT(ends[i], ends[i + 1]);
      for (const double face : faces)
        EXPECT_EQ(std::count(ends.begin(), ends.end(), face), 1) << face;
      const double h = std::ldexp(1., -16);
      for (const double s : {0.03125, 0.1, 0.28125, 0.45, 0.59375, 0.9})
      {
        const double node = std::round(s / h) * h,
                     slope = (axis.position(node + h) - axis.position(node - h)) / (2 * h);
        EXPECT_NEAR(axis.derivative(node) / slope, 1, 1e-5) << "s = " << s << ", ratio " << ratio;
        EXPECT_NEAR(axis.coordinate(axis.position(node)), node, 1e-8);
      }
    }
  // Where faces are few, cells stay nearly alike: one that moves by a third of a cell changes their sizes by 4 %, and
  // neighbours differ by less.
  const GradedAxis axis(0, 16, 8, 8, 1, 16, {8.33});
  for (unsigned int i = 0; i < 16; ++i)
    EXPECT_NEAR(axis.position((i + 1) / 16.) - axis.position(i / 16.), i < 8 ? 8.33 / 8 : 7.67 / 8, 0.035);
}

TEST(MeshParallel, LayersAreFacesOnAllLevels)
{
  auto p = box<3>({-4, -4, -4}, {4, 4, 0}, {8, 8, 4});
  p.grading = {1, 1, 3};
  p.layers = {-2.2, -0.3};
  p.observation_refinements = 2;
  Mesh<3> mesh(p, MPI_COMM_WORLD);
  mesh.refine({Point<3>(0.2, -0.3, 0)}, {});
  EXPECT_EQ(mesh.triangulation().n_global_levels(), 5u);
  unsigned int touching = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const double layer : p.layers)
      {
        const double low = cell->vertex(0)[2], high = cell->vertex(7)[2];
        EXPECT_TRUE(high <= layer || layer <= low) << low << " to " << high;
        touching += high == layer;
      }
  // Each layer has 64 cells of the box above it, and some are split in four.
  EXPECT_GE(dealii::Utilities::MPI::sum(touching, MPI_COMM_WORLD), 128u);
  EXPECT_NEAR(volume(mesh), 256, 1e-10);
}

TEST(MeshParallel, CellsInTheFocusHaveOneSize)
{
  // h = L0 + (L1 + L2) ln R / (R - 1) = 4 + 6 ln 2: 64 cells, each of h / 64 between -1 and 3
  auto p = box<2>({-5, -1}, {5, 0}, {64, 1});
  p.grading = {2, 1};
  p.has_focus = true;
  p.focus_lower = Point<2>(-1, -1);
  p.focus_upper = Point<2>(3, 0);
  const Mesh<2> mesh(p, MPI_COMM_WORLD);
  const double size = (4 + 6 * std::log(2.)) / 64;
  double largest = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const double dx = cell->extent_in_direction(0);
      largest = std::max(largest, dx);
      if (cell->vertex(0)[0] > -1 && cell->vertex(1)[0] < 3)
        EXPECT_NEAR(dx, size, 1e-12);
      else
        EXPECT_GT(dx, size * (1 - 1e-12));
    }
  largest = dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
  EXPECT_GT(largest, 1.9 * size);
  EXPECT_LT(largest, 2 * size);
}

TEST(MeshParallel, SurfaceRefinementReachesItsDepth)
{
  auto p = box<2>({0, -8}, {8, 0}, {8, 8});
  p.surface_refinements = 1;
  p.surface_distance = 1.5; // the two uppermost layers come within it
  Mesh<2> mesh(p, MPI_COMM_WORLD);
  mesh.refine({}, {});
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 6u * 8u + 2u * 8u * 4u);

  p.surface_distance = 0; // one layer touches
  Mesh<2> touching(p, MPI_COMM_WORLD);
  touching.refine({}, {});
  EXPECT_EQ(touching.triangulation().n_global_active_cells(), 7u * 8u + 8u * 4u);
}

TEST(MeshParallel, RefinesAroundPoints)
{
  auto p = box<3>({0, 0, -4}, {4, 4, 0}, {4, 4, 4});
  p.observation_refinements = 1;
  p.source_refinements = 1;
  p.source_distance = .6;
  Mesh<3> mesh(p, MPI_COMM_WORLD);
  // on the top face of one cell; on the vertex that eight share; in the middle of a cell, .5 from its six neighbours,
  // .707 from those across an edge
  mesh.refine({Point<3>(3.5, .5, 0), Point<3>(1, 1, -1)}, {Point<3>(2.5, 2.5, -2.5)});
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 64u + 7u * (1 + 8 + 7));
  EXPECT_NEAR(volume(mesh), 64, 1e-11);
  EXPECT_NEAR(mesh.smallest_cell_size(), .5, 1e-14);
}

TEST(MeshParallel, LevelsDifferByOneAcrossFaces)
{
  auto p = box<2>({0, -1}, {1, 0}, {4, 4});
  p.source_refinements = 4;
  Mesh<2> mesh(p, MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(.3, -.3)});
  EXPECT_EQ(mesh.triangulation().n_global_levels(), 7u);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
      {
        if (!cell->at_boundary(f) && cell->neighbor(f)->is_active())
        {
          EXPECT_LE(std::abs(cell->level() - cell->neighbor(f)->level()), 1);
        }
      }
}

TEST(MeshParallel, CellFieldKnowsGhosts)
{
  auto p = box<2>({0, -1}, {1, 0}, {8, 8});
  p.source_refinements = 2;
  Mesh<2> mesh(p, MPI_COMM_WORLD);
  mesh.refine({}, {Point<2>(.3, -.3)});
  CellField field = mesh.make_cell_field();
  EXPECT_EQ(field.size(), mesh.triangulation().n_global_active_cells());
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      field(cell->global_active_cell_index()) = cell->center()[0] + 10 * cell->center()[1];
  field.update_ghost_values();
  unsigned int ghosts = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_ghost())
    {
      ++ghosts;
      EXPECT_NEAR(field(cell->global_active_cell_index()), cell->center()[0] + 10 * cell->center()[1], 1e-14);
    }
  ghosts = dealii::Utilities::MPI::sum(ghosts, MPI_COMM_WORLD);
  EXPECT_EQ(ghosts > 0, dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) > 1);
}

TEST(MeshParallel, ReadsTheLayeredReservoir)
{
  const Mesh<3> mesh(gmsh<3>(source_dir + "/meshes/layered_reservoir.msh"), MPI_COMM_WORLD);
  // cells a layer: core 6 x 6, ring 4 x 6 x 4, outside 4 x 6 x 6
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 15u * (36 + 96 + 144));
  EXPECT_LT(mesh.lower().distance(Point<3>(-10000, -10000, -8000)), 1e-7);
  EXPECT_LT(mesh.upper().distance(Point<3>(10000, 10000, 0)), 1e-7);
  EXPECT_NEAR(volume(mesh), 2e4 * 2e4 * 8e3, 1e-9 * 3.2e12);
  EXPECT_NEAR(boundary_area(mesh, "top"), 4e8, 1e-9 * 4e8);
  EXPECT_NEAR(boundary_area(mesh, "bottom"), 4e8, 1e-9 * 4e8);
  for (const std::string side : {"west", "east", "south", "north"})
    EXPECT_NEAR(boundary_area(mesh, side), 1.6e8, 1e-9 * 1.6e8) << side;
  EXPECT_EQ(mesh.zone_names().size(), 4u);
  EXPECT_NEAR(volume(mesh, "overburden"), 4e11, 1e-9 * 4e11);
  // paraboloid lens, 100 m at the rim and 400 m more in the middle; 1.2 % is lost to the 24-gon inside the circle, and
  // h^2 / 6 = 7 m of the mean 300 m between the paraboloid and straight edges of length h
  const double lens = dealii::numbers::PI * 3000. * 3000. * (100 + 400 / 2.);
  EXPECT_NEAR(volume(mesh, "reservoir"), .965 * lens, .005 * lens);
}

TEST(MeshParallel, ReadsFormat41WithUnstructuredHexahedra)
{
  auto p = gmsh<3>(source_dir + "/tests/unit/discretization/unstructured_hexahedra.msh");
  const Mesh<3> coarse(p, MPI_COMM_WORLD);
  p.refinements = 1;
  Mesh<3> mesh(p, MPI_COMM_WORLD);
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 8 * coarse.triangulation().n_global_active_cells());
  EXPECT_NEAR(volume(mesh), 2, 1e-10);
  EXPECT_NEAR(boundary_area(mesh, "top"), 2, 1e-10);
  EXPECT_NEAR(boundary_area(mesh, "west"), 1, 1e-10);
  EXPECT_EQ(mesh.zone_id("rock", "test"), 7u);
}

TEST(MeshParallel, ReadsTheFaultSection)
{
  const Mesh<2> mesh(gmsh<2>(source_dir + "/meshes/section_fault.msh"), MPI_COMM_WORLD);
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 48u * 19u);
  EXPECT_NEAR(volume(mesh, "sediments"), 6e7, 1e-3);
  // left of the fault: 30 km plus the mean of depth / tan 60 between 1 and 15 km
  const double mean = 8000 / std::tan(dealii::numbers::PI / 3);
  EXPECT_NEAR(volume(mesh, "footwall"), 14000 * (30000 + mean), 1e-2);
  EXPECT_NEAR(volume(mesh, "hanging wall"), 14000 * (30000 - mean), 1e-2);
}

TEST(MeshParallel, RefusesFilesItCannotUse)
{
  const auto read = [](const std::string &file) { return [file]() { Mesh<2>(gmsh<2>(file), MPI_COMM_WORLD); }; };
  const auto text = [&](const std::string &content) { return read(write_file("refused.msh", content)); };
  EXPECT_EQ(error_of(text(format + names + nodes + quads)), "no error");
  expect_error(read("/nowhere/at_all.msh"), {"Mesh/File", "/nowhere/at_all.msh"});
  expect_error(text("not a mesh\n"), {"refused.msh", "$MeshFormat"});
  expect_error(text("$MeshFormat\n4 0 8\n$EndMeshFormat\n"), {"'4 0 8'", "msh41"});
  expect_error(text("$MeshFormat\n4.1 1 4\n$EndMeshFormat\n"), {"'4.1 1 4'", "8 bytes"});
  expect_error(text(format + names + nodes + "$Elements\n1\n1 2 2 5 1 1 2 3\n$EndElements\n"),
               {"triangles", "RecombineAll"});
  expect_error(text(format + names + nodes + "$Elements\n2\n1 3 2 5 1 1 2 3 4\n2 2 2 5 1 2 5 6\n$EndElements\n"),
               {"triangles", "Recombine Surface"});
  expect_error(text(format + names + nodes + "$Elements\n1\n1 10 2 5 1 1 2 3 4 5 6 1 2 3\n$EndElements\n"),
               {"ElementOrder"});
  expect_error(text(format + names + nodes + "$Elements\n1\n1 5 2 5 1 1 2 3 4 1 2 5 6\n$EndElements\n"), {"Dimension"});
  expect_error(text(format + nodes + quads), {"zone", "Physical Surface(\"rock\")"});
  expect_error(text(format + "$PhysicalNames\n1\n2 5 \"rock\"\n$EndPhysicalNames\n" + nodes + quads),
               {"boundary", "Physical Curve(\"top\")"});
  expect_error(text(format + "$PhysicalNames\n2\n1 8 \"top\"\n2 6 \"rock\"\n$EndPhysicalNames\n" + nodes + quads),
               {"Physical Surface 5 has no name"});
  // the only named curve lies between the two cells
  expect_error(text(format + names + nodes +
                    "$Elements\n3\n1 1 2 8 1 2 3\n2 3 2 5 1 1 2 3 4\n3 3 2 5 1 2 5 6 3\n$EndElements\n"),
               {"no named group lies on the boundary"});
  // crossed edges
  expect_error(text(format + names + nodes + "$Elements\n2\n1 1 2 8 1 4 3\n2 3 2 5 1 1 2 4 3\n$EndElements\n"),
               {"fold over"});
}

namespace
{
const std::string layers_in_km = source_dir + "/tests/unit/discretization/two_layers_km_";

std::string contents(const std::string &file)
{
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replace(std::string &text, const std::string &what, const std::string &by)
{
  const auto at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), by);
}

/// Two layers of 2 x 2 x 1 km.
void expect_two_layers(const Mesh<3> &mesh)
{
  EXPECT_EQ(mesh.triangulation().n_global_active_cells(), 8u);
  EXPECT_NEAR(volume(mesh, "upper"), 4e9, 1e-3);
  EXPECT_NEAR(volume(mesh, "lower"), 4e9, 1e-3);
  EXPECT_NEAR(boundary_area(mesh, "top"), 4e6, 1e-6);
  EXPECT_NEAR(boundary_area(mesh, "bottom"), 4e6, 1e-6);
  EXPECT_EQ(mesh.lower(), Point<3>(0, 0, -2000));
  EXPECT_EQ(mesh.upper(), Point<3>(2000, 2000, 0));
  EXPECT_EQ(mesh.interior_surface_names(), std::set<std::string>{"interface"});
  EXPECT_EQ(mesh.boundary_names().size(), 2u);
}
} // namespace

TEST(MeshParallel, EveryFormatOfGmshGivesTheSameMesh)
{
  for (const std::string kind : {"22", "22_binary", "41", "41_binary"})
  {
    SCOPED_TRACE(kind);
    auto p = gmsh<3>(layers_in_km + kind + ".msh");
    p.scale = 1000;
    expect_two_layers(Mesh<3>(p, MPI_COMM_WORLD));
  }
}

TEST(MeshParallel, CellsOfEitherOrientationAreRead)
{
  std::string text = contents(layers_in_km + "22.msh");
  replace(text, " 25 13 1 15 26 17 5 20\n", " 26 17 5 20 25 13 1 15\n"); // below and above
  replace(text, " 18 6 17 26 22 10 21 27\n", " 6 18 26 17 10 22 27 21\n");
  auto p = gmsh<3>(write_file("orientation.msh", text));
  p.scale = 1000;
  expect_two_layers(Mesh<3>(p, MPI_COMM_WORLD));

  std::string flat = format + names + nodes + quads;
  replace(flat, "2 5 6 3\n", "3 6 5 2\n");
  const Mesh<2> mesh(gmsh<2>(write_file("orientation.msh", flat)), MPI_COMM_WORLD);
  EXPECT_NEAR(volume(mesh), 2, 1e-14);
  EXPECT_NEAR(boundary_area(mesh, "top"), 1, 1e-14);
}

TEST(Mesh, CellsAndBoundariesOfGmshBelongToOneGroup)
{
  const auto error = [](const std::string &what, const std::string &by) {
    std::string text = contents(layers_in_km + "22.msh");
    replace(text, what, by);
    const std::string file = write_file("groups.msh", text);
    return [file]() { Mesh<3>(gmsh<3>(file), MPI_COMM_SELF); };
  };
  expect_error(error("$Elements\n20\n", "$Elements\n21\n21 5 2 3 2 25 13 1 15 26 17 5 20\n"), {"no error"}); // twice
  expect_error(error("17 5 2 4 2 26 17 5 20 27 21 9 24\n", "17 5 2 4 2 25 13 1 15 26 17 5 20\n"),
               {"(0.5, 0.5, -0.5)", "Physical Volume \"upper\"", "Physical Volume \"lower\"", "one Physical Volume"});
  expect_error(error("12 3 2 2 49 27 22 11 23\n", "12 3 2 1 49 21 10 22 27\n"),
               {"(1.5, 0.5, -2)", "\"bottom\"", "\"top\"", "one Physical Surface"});
  // between the layers a surface may have any number of groups
  expect_error(error("8 3 2 5 27 26 18 7 19\n", "8 3 2 1 27 26 18 7 19\n"), {"no error"});
  expect_error(error("8 3 2 5 27 26 18 7 19\n", "8 3 2 5 27 26 18 7 24\n"),
               {"\"interface\"", "no face of a cell", "Coherence"});
  // in format 4.1 it is the volume that has two groups
  std::string text = contents(layers_in_km + "41.msh");
  replace(text, " 1 3 6 ", " 2 3 4 6 ");
  const std::string file = write_file("groups.msh", text);
  expect_error([&]() { Mesh<3>(gmsh<3>(file), MPI_COMM_SELF); }, {"\"upper\"", "\"lower\""});
  text = contents(layers_in_km + "41.msh");
  replace(text, " 1 3 6 ", " 9 1 2 3 4 5 6 7 8 9 6 ");
  expect_error([&]() { parse_msh(text, "a.msh", 3); }, {"9 physical groups", "At most 8"});
}

TEST(Mesh, DamagedMeshesOfGmshAreRefusedWithFileAndLine)
{
  const auto with = [](const std::string &kind, const std::string &what, const std::string &by) {
    std::string text = contents(layers_in_km + kind + ".msh");
    replace(text, what, by);
    return [text]() { parse_msh(text, "a.msh", 3); };
  };
  expect_error(with("22", "13 5 2 3 1 25", "13 5 2 3 1 0"), {"a.msh:56: ", "corner 0"});
  expect_error(with("22", "13 5 2 3 1 25", "13 5 2 3 1"), {"a.msh:56: ", "line ends"});
  expect_error(with("22", "13 5 2 3 1 25", "13 5 2 3 1 7 25"), {"a.msh:56: ", "more than it should: '20'"});
  expect_error(with("22", "13 5 2 3 1 25", "13 5 2 3 1 x5"), {"a.msh:56: ", "'x5'"});
  expect_error(with("22", "13 5 2 3 1 25", "13 5 2 3 1 \xff\x01"), {"a.msh:56: ", "binary data"});
  expect_error(with("22", "13 5 2 3 1 25", "13 205 2 3 1 25"), {"a.msh:56: ", "type 205"});
  expect_error(with("22", "13 5 2 3 1 25", "13 5 -2 3 1 25"), {"a.msh:56: ", "-2 tags"});
  expect_error(with("22", "$Nodes\n27", "$Nodes\n1000000000"), {"a.msh:13: ", "1000000000 nodes", "bytes"});
  expect_error(with("22", "$Nodes\n27", "$Nodes\n28"), {"a.msh:41: ", "'$EndNodes'"});
  expect_error(with("22", "$Nodes\n27", "$Nodes\n26"), {"a.msh:40: ", "where $EndNodes should stand"});
  expect_error(with("22", "\n2 2 0 0\n", "\n2 2 0 nan\n"), {"a.msh:15: ", "not finite"});
  expect_error(with("22", "\n2 2 0 0\n", "\n1 2 0 0\n"), {"a.msh:15: ", "node 1 is there twice"});
  expect_error(with("22", "$Elements\n20", "$Elements\n-1"), {"a.msh:43: ", "'-1'", "count"});
  expect_error(with("22", "2 5 \"interface\"", "2 5 \"\xe9t\xe9\""), {"a.msh:8: ", "UTF-8"});
  expect_error(with("22", "3 4 \"lower\"", "3 4 \"upper\""), {"a.msh:10: ", "\"upper\""});
  expect_error(with("22", "2.2 0 8", "2.2 1 8"), {"a.msh, byte ", "order of bytes"});
  expect_error(with("41", "\n12 20 11 2\n", "\n4000000000 20 11 2\n"), {"a.msh:13: ", "4000000000 points"});
  expect_error(with("41", "$Entities", "$PartitionedEntities"), {"a.msh:", "partitions"});
}

TEST(Mesh, AFileOfGmshThatEndsEarlyIsRefusedWhereverItEnds)
{
  for (const std::string kind : {"22", "22_binary", "41", "41_binary"})
  {
    const std::string text = contents(layers_in_km + kind + ".msh");
    for (std::size_t n = 0; n + 2 < text.size(); ++n)
      if (const std::string error = error_of([&]() { parse_msh(text.substr(0, n), "a.msh", 3); });
          error.compare(0, 5, "a.msh") != 0)
      {
        // without its elements, which are the last section, it is whole
        EXPECT_EQ(error, "no error");
        EXPECT_LT(n, text.rfind("$Elements") + 2) << kind;
      }
  }
}

TEST(Mesh, AChangedByteIsReadOrRefused)
{
  // Every byte in turn gets another value: an error is an InputError of one line in printable characters.
  for (const std::string kind : {"22", "22_binary", "41", "41_binary"})
  {
    const std::string text = contents(layers_in_km + kind + ".msh");
    unsigned int refused = 0;
    for (std::size_t n = 0; n < text.size(); ++n)
    {
      std::string changed = text;
      changed[n] = static_cast<char>(37 * n + 11);
      const std::string error = error_of([&]() { parse_msh(changed, "a.msh", 3); });
      refused += error == "no error" ? 0 : 1;
      EXPECT_TRUE(std::none_of(error.begin(), error.end(), [](const unsigned char c) { return c < 0x20 || c == 0x7f; }))
          << kind << ", byte " << n << ": " << error;
    }
    EXPECT_GT(refused, text.size() / 8) << kind;
  }
}

TEST(Mesh, CellsOfGmshMeetFaceByFace)
{
  const auto with = [](const std::string &points, const std::string &cell) {
    std::string text = format + names + nodes + quads;
    replace(text, "$Nodes\n6\n", "$Nodes\n9\n");
    replace(text, "$EndNodes", points + "$EndNodes");
    replace(text, "$Elements\n3\n", "$Elements\n4\n4 3 2 5 1 " + cell + "\n");
    const std::string file = write_file("cells.msh", text);
    return [file]() { Mesh<2>(gmsh<2>(file), MPI_COMM_SELF); };
  };
  expect_error(with("7 3 -1 0\n8 3 0 0\n9 0 9 0\n", "2 7 8 3"), {"more than two cells", "(1, -0.5)", "Coherence"});
  expect_error(with("7 2 1 0\n8 1 2 0\n9 0 1 0\n", "3 7 8 9"), {"only at a point or an edge", "(1, 0)"});
  expect_error(with("7 3 -1 0\n8 3 0 0\n9 0 9 0\n", "5 7 8 8"), {"same corner twice"});
  expect_error(with("7 3 -1 0\n8 3 0 0\n9 0 9 0\n", "5 7 8 6"), {"no error"});
  expect_error(with("7 1.5 -1 0\n8 1.5 0.5 0\n9 0 9 0\n", "2 7 8 3"), {"more than two cells"});
  expect_error(with("7 1.5 -1 0\n8 1.5 0 0\n9 0 9 0\n", "6 5 7 8"), {"same side of their face", "(2, -0.5)"});
}

TEST(Mesh, CellsOfGmshDoNotLieOnOneAnother)
{
  // Convex cells, two at every edge: two twisted strips of them, whose edges cannot be given directions.
  const std::string twisted =
      format + names +
      "$Nodes\n8\n1 1 -17 0\n2 4 -16 0\n3 9 -8 0\n4 -5 -8 0\n5 1 -2 0\n6 10 -1 0\n7 -3 -18 0\n8 -5 -14 0\n$EndNodes\n"
      "$Elements\n6\n1 1 2 8 1 5 2\n2 3 2 5 1 5 2 3 6\n3 3 2 5 1 7 3 4 8\n4 3 2 5 1 5 4 1 6\n5 3 2 5 1 8 2 1 7\n"
      "6 3 2 5 1 1 2 3 4\n$EndElements\n";
  const std::string file = write_file("twisted.msh", twisted);
  expect_error([&]() { Mesh<2>(gmsh<2>(file), MPI_COMM_SELF); }, {"same side of their face", "Coherence"});

  /// Hexahedra of size one by their lowest corners, with the number of each node by its place.
  const auto hexahedra = [](const std::vector<std::array<int, 3>> &cells, const double lift) {
    const auto number = [](const int x, const int y, const int z) { return 1 + x + 10 * y + 100 * z; };
    std::string points, elements = "1 3 2 8 1 101 102 112 111\n"; // below the first cell
    std::set<int> known;
    std::size_t n = 1;
    for (const auto &[x, y, z] : cells)
    {
      elements += std::to_string(++n) + " 5 2 5 1";
      for (const auto &[dx, dy, dz] : std::vector<std::array<int, 3>>{
               {0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}})
      {
        const int node = number(x + dx, y + dy, z + dz);
        elements += " " + std::to_string(node);
        if (known.insert(node).second)
          points += std::to_string(node) + " " + std::to_string(x + dx) + " " + std::to_string(y + dy) + " " +
                    std::to_string(lift * (z + dz)) + "\n";
      }
      elements += "\n";
    }
    const std::string file = write_file(
        "hexahedra.msh", format + "$PhysicalNames\n2\n2 8 \"bottom\"\n3 5 \"rock\"\n$EndPhysicalNames\n$Nodes\n" +
                             std::to_string(known.size()) + "\n" + points + "$EndNodes\n$Elements\n" +
                             std::to_string(n) + "\n" + elements + "$EndElements\n");
    return [file]() { Mesh<3>(gmsh<3>(file), MPI_COMM_SELF); };
  };
  expect_error(hexahedra({{0, 0, 1}, {1, 0, 1}, {1, 1, 1}}, 1), {"no error"});
  expect_error(hexahedra({{0, 0, 1}, {1, 0, 1}, {1, 1, 1}}, -1), {"no error"}); // all of them are turned
  // Two cells at an edge, whose ends are joined by the cells above and below.
  expect_error(hexahedra({{0, 0, 1}, {1, 1, 1}, {0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 0, 2}, {1, 0, 2}, {1, 1, 2}}, 1),
               {"only at a point or an edge", "(1, 1, 1.5)"});
}

TEST(Mesh, GroupsOfPointsAndCurvesOfGmshAreNoBoundaries)
{
  std::string text = format + names + nodes + quads;
  replace(text, "$PhysicalNames\n2\n", "$PhysicalNames\n3\n0 3 \"station\"\n");
  replace(text, "$Elements\n3\n", "$Elements\n4\n9 15 2 3 1 4\n");
  const Mesh<2> section(gmsh<2>(write_file("groups.msh", text)), MPI_COMM_SELF);
  EXPECT_EQ(section.boundary_names().size(), 1u);
  EXPECT_NEAR(boundary_area(section, "top"), 1, 1e-14);

  text = contents(layers_in_km + "22.msh");
  replace(text, "$PhysicalNames\n", "$PhysicalNames\n");
  replace(text, "$Elements\n20\n", "$Elements\n21\n21 1 2 9 1 25 13\n");
  auto p = gmsh<3>(write_file("groups.msh", text));
  p.scale = 1000;
  expect_two_layers(Mesh<3>(p, MPI_COMM_SELF));
}

TEST(MeshParallel, CellsBetweenZonesOfABoxTakeThatOfAPart)
{
  auto p = box<2>({-4, -4}, {4, 0}, {8, 4});
  p.zones = {{"upper", "z > -1"}, {"lower", "z < -1"}}; // the centres of coarser cells lie at -1
  const Mesh<2> mesh(p, MPI_COMM_WORLD);
  EXPECT_NEAR(volume(mesh, "upper"), 8, 1e-12);
  const auto coarser = mesh.make_coarser();
  EXPECT_NEAR(volume(*coarser, "upper") + volume(*coarser, "lower"), 32, 1e-12);
  EXPECT_NEAR(volume(*coarser, "upper"), 0, 1e-12);
}

TEST(Mesh, UnknownNamesAreAnsweredWithTheNearest)
{
  const Mesh<2> mesh(box<2>({0, -1}, {1, 0}, {2, 2}), MPI_COMM_SELF);
  expect_error([&]() { mesh.boundary_id("botom", "Boundary conditions/Fixed"); },
               {"Boundary conditions/Fixed", "botom", "bottom", "west"});
  expect_error([&]() { mesh.zone_id("rock", "Material/Zones"); }, {"Material/Zones", "rock"});
}

TEST(MeshParameters, AreReadWithUnits)
{
  typename Mesh<3>::Parameters p;
  dealii::ParameterHandler handler;
  p.add_parameters(handler);
  handler.parse_input_from_string(
      " set Lower corner = -2 km, -3 km, -1500\n set Upper corner = 2 km, 3 km, 0\n"
      " set Cells = 4, 6, 8\n set Grading = 1, 2, 4.5\n set Focus lower corner = -1 km, 0, -100\n"
      " set Focus upper corner = 1 km, 0, 0\n set Surface distance = 0.5 km\n");
  p.validate("");
  EXPECT_EQ(p.lower, Point<3>(-2000, -3000, -1500));
  EXPECT_EQ(p.upper, Point<3>(2000, 3000, 0));
  EXPECT_EQ(p.cells, (std::vector<unsigned int>{4, 6, 8}));
  EXPECT_EQ(p.grading, (std::vector<double>{1, 2, 4.5}));
  EXPECT_TRUE(p.has_focus);
  EXPECT_EQ(p.focus_lower, Point<3>(-1000, 0, -100));
  EXPECT_EQ(p.surface_distance, 500);
}

TEST(MeshParameters, DefaultsAreValid)
{
  typename Mesh<2>::Parameters p;
  dealii::ParameterHandler handler;
  p.add_parameters(handler);
  EXPECT_NO_THROW(p.validate(""));
  EXPECT_EQ(p.upper[1], 0);
}

TEST(MeshParameters, WrongEntriesAreNamed)
{
  const auto with = [](const std::string &entries) {
    return [entries]() {
      typename Mesh<2>::Parameters p;
      dealii::ParameterHandler handler;
      p.add_parameters(handler);
      handler.parse_input_from_string(entries + "\n");
      p.validate("");
    };
  };
  expect_error(with("set Lower corner = 0, 0, 0"), {"Mesh/Lower corner", "3 values", "2"});
  expect_error(with("set Lower corner = 20 km, -1 km"), {"Mesh/Upper corner", "20000", "in x"});
  expect_error(with("set Lower corner = 2 GPa, -1 km"), {"Mesh/Lower corner"});
  expect_error(with("set Cells = 4, 0"), {"Mesh/Cells", "4, 0"});
  expect_error(with("set Cells = 4, 2.5"), {"Mesh/Cells", "whole"});
  expect_error(with("set Cells = 4"), {"Mesh/Cells", "1 value"});
  expect_error(with("set Grading = 1, 0.5"), {"Mesh/Grading", "0.5 in z"});
  expect_error(with("set Focus lower corner = 0, 0"), {"Mesh/Focus upper corner", "both"});
  expect_error(with("set Focus lower corner = 0, -90 km\nset Focus upper corner = 0, 0"),
               {"Mesh/Focus lower corner", "-90000"});
  expect_error(with("set Source = gmsh"), {"Mesh/File"});
  expect_error(with("set Scale = 1 km"), {"Mesh/Scale", "box"});
  expect_error(with("set Source = gmsh\nset File = a.msh\nset Scale = -1 km"), {"Mesh/Scale", "-1000 m"});
  expect_error(with("set Source = gmsh\nset File = a.msh\nset Scale = 5"), {"no error"});
  expect_error(with("set Surface distance = -1 m"), {"Mesh/Surface distance", "0 or more"});
}
