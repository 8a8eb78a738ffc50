// The same numbers on 1, 2 and 3 ranks: J, misfit, prior, norm of the gradient, full Hessian and Gauss-Newton forms, of
// a model with two load cases, an estimated source whose ball crosses rank borders, local refinement, a spring and two
// kinds of data.
//
// Expected: the values stored here, computed on one rank with the direct solver at 1e-13; 1e-10 allows for the order of
// sums. With the iterative solver at 1e-11 they hold to 1e-8, the tolerance times the condition of J.
#include <lodestone/objective/derivative_check.h>

#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

void expect_stored(const std::string &method, const std::string &solver_tolerance, const double tolerance)
{
  Scratch scratch;
  std::string gnss = "x,y,east,north,up,sigma_east,sigma_north,sigma_up\n", track = "x,y,los,sigma,incidence,heading\n";
  for (unsigned int i = 0; i < 14; ++i)
  {
    const std::string at = number(-1400 + 200. * i) + "," + number(900 * std::sin(2.3 * i));
    gnss += at;
    for (unsigned int c = 0; c < 3; ++c)
      gnss += "," + number(0.02 * std::cos(1.1 * i + c));
    gnss += ",2e-3,2e-3,4e-3\n";
    track += at + "," + number(0.03 * std::sin(0.4 * i)) + ",3e-3,38,-168\n";
  }
  scratch.write("gnss.csv", gnss);
  scratch.write("track.csv", track);
  const std::string text =
      section("Mesh", {"Lower corner = -1500, -1200, -1600", "Upper corner = 1500, 1200, 0", "Cells = 6, 4, 4",
                       "Source refinements = 1", "Source distance = 300 m"}) +
      section("Material", {"Young modulus = 2e10*(1 - z/3200)", "Unknowns = Young modulus, Poisson ratio"}) +
      section("Boundary conditions", {"Rollers = west, east, south, north", "Springs = bottom"},
              section("bottom", {"Normal stiffness = 4e7", "Tangential stiffness = 1e7"})) +
      section(
          "Load cases", {"Names = inflation, lake"},
          load_case("inflation",
                    {{"ball",
                      {"Type = point source", "Position = 0, 0, 1000", "Volume change = 3e6", "Strength = estimate",
                       "Strength mean = 0.8", "Strength standard deviation = 0.5", "Hold stiffness near source = no"}}},
                    {{"gnss", {"File = gnss.csv", "Nuisance = offset"}},
                     {"track", {"File = track.csv", "Nuisance = ramp"}}}) +
              load_case("lake", {{"water", {"Type = pressure", "Boundary = top", "Value = 3e6*exp(-(x^2 + y^2)/8e5)"}}},
                        {{"track", {"File = track.csv"}}})) +
      section("Prior", {"Type = H1", "Horizontal correlation length = 900", "Vertical correlation length = 600"}) +
      section("Solver", {"Method = " + method, "Tolerance = " + solver_tolerance});
  TextProblem<3> model(text, scratch.path());
  const auto wave = [](const double a, const double b, const double c) {
    return [=](const dealii::Point<3> &p) { return 0.3 * std::sin(p[0] / a + p[1] / b) * std::cos(p[2] / c); };
  };
  ParameterVector m = model.unknowns(wave(500, 700, 400)), d = model.unknowns(wave(300, -900, 500), 1);
  m.values().add(0.5, model.unknowns(wave(700, 500, -900), 1).values());
  d.values().add(1., model.unknowns(wave(-400, 350, 800)).values());
  model.evaluate(m);
  ReducedObjective &objective = model->objective();
  ParameterVector g, full, gauss_newton;
  ASSERT_TRUE(objective.gradient(g).converged);
  ASSERT_TRUE(objective.apply_hessian(d, full, false).converged);
  ASSERT_TRUE(objective.apply_hessian(d, gauss_newton, true).converged);
  const std::vector<std::pair<std::string, double>> found = {{"J", objective.value()},
                                                             {"prior", objective.prior_value()},
                                                             {"strength", objective.evaluation(0).strengths[0]},
                                                             {"|g|", g.values().l2_norm()},
                                                             {"g.d", g.values() * d.values()},
                                                             {"|H d|", full.values().l2_norm()},
                                                             {"d.Hd", full.values() * d.values()},
                                                             {"d.H_GN d", gauss_newton.values() * d.values()}};
  const double stored[] = {4877.9585892111609, 0.086413404782698613, 0.023067503138651507, 667.48414303952563,
                           61.104633003904169, 59.71790299757626,    -9.5306622424818155,  8.5249867549592686};
  for (unsigned int i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i].second, stored[i], tolerance * std::abs(stored[i]))
        << found[i].first << " = " << number(found[i].second);
}

} // namespace

TEST(RanksParallel, DirectSolver)
{
  expect_stored("direct", "1e-13", 1e-10);
}
TEST(RanksParallel, IterativeSolver)
{
  expect_stored("amg", "1e-11", 1e-8);
}
