// Programs that are wrong and pass the usual tests, each caught by a test of its own.
//
// An eigenstrain load frozen at the reference model: with all moduli doubled, C : eps* doubles with the stiffness, so
// displacement from slip, opening, volume change and stress-free strain (and from a prescribed boundary) must stay as
// it is to 1e-10, while forces, pressures and eigenstress give half of it. The source without its stiffness held, at nu
// = 0.25. Relative to the largest datum, with a direct solver at 1e-12 times a condition number of about 100.
#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

DataVector predict(const Entries &load, const std::string &young, const double m, const std::string &conditions = "")
{
  Scratch scratch;
  scratch.write("table.csv", "x,y,value\n-900,-900,1e5\n900,-900,0\n-900,900,3e5\n900,900,2e5\n");
  scratch.write("potency.csv", "x,y,z,pxx,pyy,pzz,pyz,pxz,pxy\n-300,200,-700,1e5,2e5,-1e5,3e4,5e4,-2e4\n");
  const std::string text =
      section("Mesh", {"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = 6, 4, 4"}) +
      section("Material", {"Young modulus = " + young}) +
      (conditions.empty() ? section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"})
                          : conditions) +
      section("Load cases", {"Names = a"},
              load_case("a", {{"l", load}}, {{"d", {"Station grid = -1000, 1000, 4, -800, 800, 3", "Sigma = 1e-3"}}})) +
      section("Solver", {"Method = direct", "Tolerance = 1e-12"});
  TextProblem<3> model(text, scratch.path());
  model.evaluate(model.unknowns([&](const dealii::Point<3> &) { return m; }));
  return model->predict(0);
}

void expect_factor(const Entries &load, const double factor, const std::string &conditions = "")
{
  const std::string young = "2e10*(1 - z/800)";
  const DataVector before = predict(load, young, 0, conditions);
  // Through the unknown (m = ln 2), and through the background.
  for (const DataVector &after :
       {predict(load, young, std::log(2.), conditions), predict(load, "2*" + young, 0, conditions)})
  {
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
    {
      largest = std::max(largest, std::abs(before[i]));
      difference = std::max(difference, std::abs(after[i] - factor * before[i]));
    }
    EXPECT_GT(largest, 0) << load[0];
    EXPECT_LE(difference, 1e-10 * largest) << load[0];
  }
}

} // namespace

TEST(DoublingAllModuliParallel, LeavesKinematicDisplacement)
{
  const std::string free_source = "Hold stiffness near source = no";
  expect_factor(
      {"Type = eigenstrain", "Region = (x > -800) && (z < -300)", "Strain = 1e-4, 2e-5, -3e-5, 1e-5, 4e-5, 0"}, 1);
  expect_factor({"Type = eigenstrain", "Region = z < -700", "Temperature change = 20", "Expansion coefficient = 1e-5"},
                1);
  expect_factor({"Type = point source", "Position = 100, 250, 900", "Volume change = 1e6", free_source}, 1);
  expect_factor({"Type = dislocation", "Position = -200, 100, 800", "Strike = 30", "Dip = 60", "Rake = -70", "Slip = 1",
                 "Opening = 0.2", "Length = 900", "Width = 600", free_source},
                1);
  expect_factor({"Type = potency points", "File = potency.csv", free_source}, 1);
  const std::string moved = section("Boundary conditions", {"Fixed = bottom", "Prescribed displacement = east"},
                                    section("east", {"East = 0.3*(1 + z/1600)", "Up = -0.05*z/1600"}));
  expect_factor({"Type = dislocation", "Position = -200, 100, 800", "Strike = 30", "Dip = 60", "Slip = 1",
                 "Length = 900", "Width = 600", free_source},
                1, moved);
}

TEST(DoublingAllModuli, HalvesDisplacementFromForces)
{
  expect_factor({"Type = traction", "Boundary = top", "Value = 1e5, 2e4, -3e5"}, 0.5);
  expect_factor({"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + y^2)/1e6)"}, 0.5);
  expect_factor({"Type = pressure table", "Boundary = top", "File = table.csv"}, 0.5);
  expect_factor({"Type = point force", "Position = 100, 200, 0", "Force = 1e9, 0, -2e9"}, 0.5);
  expect_factor({"Type = body force", "Region = x > -600", "Value = 1e2, 0, -3e2"}, 0.5);
  expect_factor({"Type = pore pressure", "Region = z < -400", "Value = 1e6", "Biot coefficient = 0.8"}, 0.5);
  expect_factor({"Type = eigenstress", "Region = z < -500", "Isotropic stress = 1e6"}, 0.5);
}
