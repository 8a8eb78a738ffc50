// Lame's thick cylinder, plane strain: inner radius 1 m, outer radius 2 m, pressure 1 MPa inside, E = 1 GPa, nu = 1/4:
//   u_r = (1 + nu)/E p a^2/(b^2 - a^2) ((1 - 2 nu) r + b^2/r);
// displacements from a table of the closed form. A quarter of the annulus, read from gmsh meshes with 4 and 8 cells
// across the wall: cells that are no bricks, pressure on a curved boundary, rollers on the two cuts.
//
// Tolerance 2 % of the displacement at each point on the coarser mesh, and the error of the finer one at most a third:
// linear elements on straight edges are of second order, of 1/4 in the limit.
#include <lodestone/loads/load_list.h>

#include <gtest/gtest.h>

#include "elastic_problem.h"
#include "surface_points.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{
const std::string data = LODESTONE_SOURCE_DIR "/tests/verification/data/";

double largest_relative_error(const std::string &mesh_file)
{
  Mesh<2>::Parameters mesh;
  mesh.source = MeshSource::gmsh;
  mesh.file = data + mesh_file;
  Parametrization<2>::Parameters material;
  material.young = "1 GPa";
  BoundaryConditions<2>::Parameters conditions;
  conditions.rollers = "below, left";
  ElasticProblem<2> problem(mesh, 1, material, conditions);
  const PointLocator<2> locator(problem.space);
  const auto loads = make_loads<2>(
      {LoadParameters<2>::from_texts("inside", "inside", "pressure", {{"Boundary", "inner"}, {"Value", "1 MPa"}})}, {});
  problem.set_loads(assemble_loads<2>(problem.space, locator, loads, problem.log));

  // along the lower cut, where the table's radii lie in the mesh
  const auto rows = reference_rows(data + "lame_cylinder.csv");
  std::vector<dealii::Point<2>> points;
  for (const auto &row : rows)
    points.emplace_back(row.at(0), 0);
  const auto u = displacement_at<2>(problem.space, problem.solve().step[0], points);
  double largest = 0;
  for (unsigned int i = 0; i < rows.size(); ++i)
    largest = std::max(largest, std::hypot(u[i][0] - rows[i].at(1), u[i][1]) / rows[i].at(1));
  return largest;
}
} // namespace

TEST(ThickCylinder, ConvergesToLame)
{
  const double coarse = largest_relative_error("annulus_4.msh"), fine = largest_relative_error("annulus_8.msh");
  std::cout << "largest error " << 100 * coarse << " % on 4 cells across the wall, " << 100 * fine << " % on 8"
            << std::endl;
  EXPECT_LT(coarse, 0.02);
  EXPECT_LT(fine, coarse / 3);
}
