// Which faces a cut takes: counted by hand on boxes, refined ones included, and on a mesh of gmsh with a named surface
// inside; and what it means: no covariance across, and the standard deviation beside it.
#include <lodestone/base/error.h>
#include <lodestone/prior/cut_faces.h>

#include <gtest/gtest.h>

#include "small_problem.h"
#include <cstdio>
#include <fstream>

using namespace lodestone;

namespace
{

/// The area of all cut faces, seen from both sides.
template <int dim>
double cut_area(const std::string &text, const Mesh<dim> &mesh)
{
  const CutFaces<dim> cut = make_cut(text, mesh);
  double area = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        area += cut(cell, f) ? cell->face(f)->measure() : 0;
  return dealii::Utilities::MPI::sum(area, mesh.communicator());
}

template <int dim>
std::unique_ptr<Mesh<dim>> make_mesh(const typename Mesh<dim>::Parameters &parameters)
{
  auto mesh = std::make_unique<Mesh<dim>>(parameters, MPI_COMM_WORLD);
  mesh->refine({}, {});
  return mesh;
}

std::string remedy_of(const std::function<void()> &call)
{
  try
  {
    call();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "nothing was thrown";
}

/// 4 x 2 squares of 1 m, an edge between cells in the middle of which the upper part has the name "fault".
const char *const msh = R"($MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
3
1 1 "top"
1 2 "fault"
2 3 "rock"
$EndPhysicalNames
$Nodes
15
1 0 -2 0
2 1 -2 0
3 2 -2 0
4 3 -2 0
5 4 -2 0
6 0 -1 0
7 1 -1 0
8 2 -1 0
9 3 -1 0
10 4 -1 0
11 0 0 0
12 1 0 0
13 2 0 0
14 3 0 0
15 4 0 0
$EndNodes
$Elements
10
1 1 2 1 1 11 12
2 1 2 2 2 8 13
3 3 2 3 3 1 2 7 6
4 3 2 3 3 2 3 8 7
5 3 2 3 3 3 4 9 8
6 3 2 3 3 4 5 10 9
7 3 2 3 3 6 7 12 11
8 3 2 3 3 7 8 13 12
9 3 2 3 3 9 14 13 8
10 3 2 3 3 9 10 15 14
$EndElements
)";

} // namespace

TEST(CutFacesParallel, ChangesOfSign)
{
  const auto mesh = make_mesh<3>(box<3>({8, 4, 4}));
  EXPECT_NEAR(cut_area("x - 2", *mesh), 2 * 4., 1e-12);
  EXPECT_NEAR(cut_area("(x - 2)*(z + 0.5)", *mesh), 2 * (4. + 16.), 1e-12);
  // Both sides of faces with a refined side count them, the fine ones piece by piece.
  const auto refined = make_mesh<2>(refined_box<2>({8, 4}));
  EXPECT_NEAR(cut_area("x - 2", *refined), 2 * 1., 1e-12);
  const double depth = 0.5; // the cells below are coarse, those above fine
  EXPECT_NEAR(cut_area("z + " + std::to_string(depth), *refined), 2 * 4., 1e-12);
}

// A slanting cut separates a large cell from some of the small ones beside it: all of the face is cut, seen from each side.
TEST(CutFacesParallel, BothSidesOfFacesWithARefinedSideAgree)
{
  const auto mesh = make_mesh<2>(refined_box<2>({8, 4}));
  const std::string text = "x - 2 + 2.3*(z + 0.4)";
  const Formula<2> formula(text, "");
  const CutFaces<2> cut = make_cut(text, *mesh);
  unsigned int n_partly_cut = 0;
  for (const auto &cell : mesh->triangulation().active_cell_iterators())
    for (const unsigned int f : cell->face_indices())
      if (cell->is_locally_owned() && !cell->at_boundary(f) && cell->neighbor_is_coarser(f))
      {
        const auto other = cell->neighbor(f);
        const bool is_cut = cut(other, cell->neighbor_of_coarser_neighbor(f).first);
        EXPECT_EQ(cut(cell, f), is_cut);
        n_partly_cut += is_cut && (formula.value(cell->center()) < 0) == (formula.value(other->center()) < 0) ? 1 : 0;
      }
  EXPECT_GT(dealii::Utilities::MPI::sum(n_partly_cut, MPI_COMM_WORLD), 0u);
}

TEST(CutFacesParallel, Zones)
{
  auto parameters = box<2>({8, 4});
  const auto without = make_mesh<2>(parameters);
  parameters.zones = {{"left", "x < 1"}, {"right", "1"}};
  const auto mesh = make_mesh<2>(parameters);
  EXPECT_NEAR(cut_area("zones", *mesh), 2 * 1., 1e-12);
  EXPECT_NE(remedy_of([&] { (void)make_cut("zones", *without); }).find("has no zones"), std::string::npos);
  EXPECT_NE(remedy_of([&] { (void)make_cut("x - 9", *mesh); }).find("cuts nothing"), std::string::npos);
  EXPECT_NE(remedy_of([&] { (void)make_cut("the fault", *mesh); }).find("neither `zones` nor"), std::string::npos);
  EXPECT_FALSE(make_cut(" ", *mesh));
}

TEST(CutFacesParallel, SurfacesOfGmsh)
{
  const std::string file = "cut_faces_test.msh";
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::ofstream(file) << msh;
  MPI_Barrier(MPI_COMM_WORLD);
  Mesh<2>::Parameters parameters;
  parameters.source = MeshSource::gmsh;
  parameters.file = file;
  for (const unsigned int refinements : {0u, 2u})
  {
    parameters.refinements = refinements;
    const auto mesh = make_mesh<2>(parameters);
    EXPECT_NEAR(cut_area("fault", *mesh), 2 * 1., 1e-12);
    const auto coarser = mesh->make_coarser();
    if (refinements > 0)
    {
      EXPECT_NEAR(cut_area("fault", *coarser), 2 * 1., 1e-12);
    }
    for (const auto &cell : mesh->triangulation().active_cell_iterators())
      for (const unsigned int f : cell->face_indices())
        if (cell->is_locally_owned())
        {
          const auto centre = cell->face(f)->center();
          EXPECT_EQ(mesh->lies_on("fault", cell, f), std::abs(centre[0] - 2) < 1e-9 && centre[1] > -1);
        }
    EXPECT_NE(remedy_of([&] { (void)make_cut("fualt", *mesh); }).find("fault"), std::string::npos);
  }
  EXPECT_EQ(mesh_names<2>(parameters, MPI_COMM_WORLD).interior_surfaces, std::set<std::string>{"fault"});
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

// A cut through the whole box leaves two independent fields; each has a boundary there, with the Robin term of one.
TEST(CutFacesParallel, MaternFieldsOnBothSidesAreIndependent)
{
  PriorParameters p;
  p.type = PriorType::matern;
  p.standard_deviation = "0.5";
  p.horizontal_length = "1";
  p.boundary_correction = "no"; // it is that of one box
  p.cut_at = "x - 2";
  auto half = box<2>({8, 8});
  half.upper[0] = 2;
  const SmallProblem<2> whole(box<2>({16, 8}), p);
  p.cut_at = "";
  const SmallProblem<2> part(half, p);
  const auto variance = [](const SmallProblem<2> &problem, const dealii::Point<2> &at, const dealii::Point<2> &other) {
    const auto e = problem.field([&](const auto &x) { return x.distance(at) < 0.01 ? 1 : 0; });
    ParameterVector column(problem.layout);
    EXPECT_TRUE(problem.prior->apply_inverse(e, column).converged);
    const auto f = problem.field([&](const auto &x) { return x.distance(other) < 0.01 ? 1 : 0; });
    return f.values() * column.values();
  };
  const dealii::Point<2> beside(1.875, -0.3125), across(2.125, -0.3125), away(0.875, -0.5625);
  EXPECT_NEAR(variance(whole, beside, across), 0, 1e-14);
  EXPECT_NEAR(variance(whole, beside, beside), variance(part, beside, beside), 1e-12);
  EXPECT_NEAR(variance(whole, beside, away), variance(part, beside, away), 1e-12);
}
