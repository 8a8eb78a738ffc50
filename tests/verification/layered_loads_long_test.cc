// Loads on three layers against tables of other programs' transform solutions, on meshes that the program adapts within
// 30,000 cells.
//
// Crust: a disc of 4 km on 10, 30 and 60 GPa with interfaces at 1 and 5 km. Pavement: two wheels of 0.15 m on 3000, 200
// and 40 MPa with interfaces at 0.15 and 0.75 m. Loads and points lie off the lines of the mesh. The error is the
// largest difference of a component at any point over the largest displacement of the table. Expected: 1 % where the
// mesh has faces at the interfaces (`Layers`), 2 % where cells are cut by them. Found: crust 0.95 and 0.71 %, pavement
// 1.5 % in cut cells; with faces at its interfaces it is 3.5 % in linear elements, which 30,000 flat cells do not do
// better, and 0.85 % in quadratic ones.
#include <lodestone/app/adapt.h>

#include <gtest/gtest.h>

#include "problem_from_text.h"
#include "surface_points.h"
#include <algorithm>
#include <cmath>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

struct Reference
{
  std::vector<std::array<double, 5>> points; ///< x, y, east, north, up (m)
  Entries mesh, material;
  Named load;
  std::string layers, target;
};

const std::string data = std::string(LODESTONE_SOURCE_DIR) + "/tests/verification/data/";

Reference crust()
{
  Reference r;
  const double x0 = 520, y0 = -280;
  for (const auto &row : reference_rows(data + "layered_crust_3layer.csv"))
    if (row[0] <= 20e3) // on a ray to the north-east
      r.points.push_back({{x0 + 0.8 * row[0], y0 + 0.6 * row[0], 0.8 * row[1], 0.6 * row[1], row[2]}});
  r.mesh = {"Lower corner = -800 km, -800 km, -1000 km", "Upper corner = 800 km, 800 km, 0", "Cells = 16, 16, 16",
            "Grading = 60, 60, 100"};
  r.material = {"Young modulus = if(z > -1 km, 10 GPa, if(z > -5 km, 30 GPa, 60 GPa))", "Poisson ratio = 0.25",
                "Unknowns = none"};
  r.load = {"ice",
            {"Type = pressure", "Boundary = top", "Region = (x - 520)^2 + (y + 280)^2 < 4000^2", "Value = 1.4715 MPa"}};
  r.layers = "-1 km, -5 km";
  r.target = "1";
  return r;
}

Reference pavement()
{
  Reference r;
  for (const auto &row : reference_rows(data + "layered_pavement_3layer.csv"))
    r.points.push_back({{row[0] / 1e3 + 0.0123, -0.0077, row[1] / 1e3, 0, row[2] / 1e3}});
  r.mesh = {"Lower corner = -100, -100, -240",
            "Upper corner = 100, 100, 0",
            "Cells = 20, 20, 16",
            "Grading = 100, 100, 100",
            "Focus lower corner = -0.4, -0.6, -0.9",
            "Focus upper corner = 1, 0.6, 0"};
  r.material = {"Young modulus = if(z > -0.15, 3000 MPa, if(z > -0.75, 200 MPa, 40 MPa))",
                "Poisson ratio = if(z > -0.15, 0.3, if(z > -0.75, 0.35, 0.4))", "Unknowns = none"};
  r.load = {"wheels",
            {"Type = pressure", "Boundary = top", "Value = 1.1 MPa",
             "Region = (x - 0.0123)^2 + (abs(y + 0.0077) - 0.15)^2 < 0.15^2"}};
  r.layers = "-0.15, -0.75";
  r.target = "0.005";
  return r;
}

/// The error of the adapted mesh, as a part of the largest displacement.
double error(const Reference &reference, const bool has_layers, const std::string &degree)
{
  Scratch scratch;
  std::string csv = "x,y,east,north,up\n";
  double peak = 0;
  for (const auto &p : reference.points)
  {
    for (std::size_t i = 0; i < p.size(); ++i)
      csv += number(p[i]) + (i + 1 < p.size() ? "," : "\n");
    peak = std::max(peak, std::hypot(p[2], p[3], p[4]));
  }
  scratch.write("stations.csv", csv);
  Entries mesh = reference.mesh;
  mesh.insert(mesh.end(), {"Adapt = yes", "Target = " + reference.target, "Maximum cells = 30000"});
  if (has_layers)
    mesh.push_back("Layers = " + reference.layers);
  const std::string deck =
      section("Mesh", mesh) + section("Material", reference.material) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section("Load cases", {"Names = only"},
              load_case("only", {reference.load}, {{"gnss", {"File = stations.csv", "Sigma = 1 mm"}}})) +
      section("Solver", {"Element degree = " + degree});
  TextProblem<3> problem(deck, scratch.path());
  const ParameterVector m = problem->parametrization().make_vector();
  problem.problem = adapt_mesh(std::move(problem.problem), m, FirstMesh::is_unknown, problem.log);
  problem.evaluate(copy_for(*problem.problem, m));
  EXPECT_LT(problem->mesh().triangulation().n_global_active_cells(), 33000u); // with cells that follow their neighbours
  const DataVector found = problem->predict(0);
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(found[i] - reference.points[i / 3][2 + i % 3]));
  return worst / peak;
}

} // namespace

TEST(LayeredLoads, OnACrustWithFacesAtInterfaces)
{
  EXPECT_LT(error(crust(), true, "1"), 0.01);
}

TEST(LayeredLoads, OnACrustInCutCells)
{
  EXPECT_LT(error(crust(), false, "1"), 0.02);
}

TEST(LayeredLoads, OnAPavementWithFacesAtInterfaces)
{
  EXPECT_LT(error(pavement(), true, "2"), 0.01);
}

TEST(LayeredLoads, OnAPavementInCutCells)
{
  EXPECT_LT(error(pavement(), false, "1"), 0.02);
}
