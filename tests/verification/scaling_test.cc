// The same inversion in other units must take the same steps: everything that reaches the optimiser is dimensionless
// and O(1).
//
// Unit of length L, of stress S: the mesh and the load's position divided by L, moduli by S, pressures by S, springs by
// S/L, data and sigma by L. Data scale D: pressure, data and sigma multiplied by D. Powers of two change no rounding:
// iterates equal to 1e-12. Other factors change every rounding error: the first ten iterates and the final J to 1e-8.
#include <lodestone/inversion/inversion.h>

#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

struct Units
{
  double length = 1, stress = 1; ///< size of the unit in metres, Pa
  double data = 1;               ///< factor on load, data and sigma
};

struct Path
{
  std::vector<double> value;
  std::vector<std::vector<double>> m;
};

Path invert(const Units &units, const std::string &method, const std::string &kind)
{
  const double l = 1 / units.length, s = 1 / units.stress, d = units.data;
  Scratch scratch;
  std::string csv = "x,y,east,north,up,sigma_east,sigma_north,sigma_up\n";
  for (unsigned int i = 0; i < 12; ++i)
  {
    csv += number(l * (-1250 + 220. * i)) + "," + number(l * 900 * std::sin(2.3 * i));
    for (unsigned int c = 0; c < 3; ++c)
      csv += "," + number(l * d * (c == 2 ? -0.05 * (1 + 0.3 * std::cos(i)) : 0.01 * std::sin(i + c)));
    csv += "," + number(l * d * 1e-2) + "," + number(l * d * 1e-2) + "," + number(l * d * 1e-2) + "\n";
  }
  scratch.write("gnss.csv", csv);
  const auto corner = [&](const double x, const double y, const double z) {
    return number(l * x) + ", " + number(l * y) + ", " + number(l * z);
  };
  const std::string radius = number(l * 800);
  const Entries load =
      kind == "pressure"
          ? Entries{"Type = pressure", "Boundary = top",
                    "Value = " + number(1e6 * s * d) + "*exp(-(x^2 + y^2)/" + radius + "^2)"}
          : Entries{"Type = point source", "Position = " + corner(100, 200, 900), "Strength = estimate",
                    "Volume change = " + number(-3e6 * l * l * l * d), "Hold stiffness near source = no"};
  const std::string text =
      section("Mesh", {"Lower corner = " + corner(-1500, -1200, -1600), "Upper corner = " + corner(1500, 1200, 0),
                       "Cells = 4, 4, 3"}) +
      section("Material", {"Young modulus = " + number(2e10 * s), "Poisson ratio = 0.25"}) +
      section("Boundary conditions", {"Rollers = west, east, south, north", "Springs = bottom"},
              section("bottom",
                      {"Normal stiffness = " + number(4e7 * s / l), "Tangential stiffness = " + number(1e7 * s / l)})) +
      section("Load cases", {"Names = a"},
              load_case("a", {{"l", load}}, {{"gnss", {"File = gnss.csv", "Nuisance = offset"}}})) +
      section("Prior", {"Type = H1", "Horizontal correlation length = " + number(l * 900),
                        "Vertical correlation length = " + number(l * 600), "Standard deviation = 0.6"}) +
      section("Optimizer", {"Method = " + method, "Gradient tolerance = 1e-7", "Maximum iterations = 150"}) +
      section("Solver", {"Method = direct", "Tolerance = 1e-12"});
  TextProblem<3> model(text, scratch.path());
  ParameterVector m = model->parametrization().make_vector();
  Inversion inversion(model->objective(), model->volume_weights(), model.parameters.inversion, model.log);
  Path path;
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    path.value.push_back(iterate.optimizer.value);
    path.m.emplace_back(at.values().begin(), at.values().begin() + at.values().locally_owned_size());
  });
  inversion.run(m, model->parametrization().bounds(), 1e-12);
  return path;
}

void expect_same(const Path &a, const Path &b, const std::size_t n_iterates, const double tolerance,
                 const std::string &what)
{
  SCOPED_TRACE(what);
  ASSERT_GT(a.value.size(), 3u);
  if (n_iterates == 0)
  {
    ASSERT_EQ(a.value.size(), b.value.size());
  }
  double largest = 0, difference = 0;
  for (std::size_t k = 0; k < std::min({a.value.size(), b.value.size(), n_iterates == 0 ? a.value.size() : n_iterates});
       ++k)
    for (std::size_t i = 0; i < a.m[k].size(); ++i)
    {
      largest = std::max(largest, std::abs(a.m[k][i]));
      difference = std::max(difference, std::abs(a.m[k][i] - b.m[k][i]));
    }
  EXPECT_GT(largest, 0.1);
  EXPECT_LE(difference, tolerance * largest);
  EXPECT_NEAR(a.value.back(), b.value.back(), tolerance * a.value.back());
  EXPECT_LT(a.value.back(), a.value.front());
}

void check(const std::string &method)
{
  for (const std::string kind : {"pressure", "estimated source"})
  {
    const Path plain = invert({}, method, kind);
    const auto compare = [&](const Units &units, const std::size_t n_iterates, const double tolerance,
                             const std::string &what) {
      expect_same(plain, invert(units, method, kind), n_iterates, tolerance, method + ", " + kind + ": " + what);
    };
    compare({0x1p10, 0x1p30, 1}, 0, 1e-12, "lengths 2^10 m, stresses 2^30 Pa");
    compare({1000, 1e9, 1}, 10, 1e-8, "km and GPa");
    compare({1, 1, 0x1p-30}, 0, 1e-12, "data 2^-30");
    compare({1, 1, 1e-9}, 10, 1e-8, "data 1e-9");
    compare({1, 1, 0x1p-83}, 0, 1e-12, "data 2^-83, about 1e-25");
    compare({1, 1, 1e-25}, 10, 1e-8, "data 1e-25");
    compare({1, 1, 0x1p-531}, 0, 1e-12, "data 2^-531, about 1e-160");
    compare({1, 1, 1e-160}, 10, 1e-8, "data 1e-160");
  }
}

} // namespace

TEST(Scaling, QuasiNewton)
{
  check("lmvm");
}
TEST(Scaling, NewtonWithLineSearch)
{
  check("bnls");
}
TEST(Scaling, NewtonWithTrustRegion)
{
  check("bntr");
}
TEST(Scaling, ConjugateGradients)
{
  check("cg");
}
