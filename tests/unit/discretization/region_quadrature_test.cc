#include <lodestone/discretization/region_quadrature.h>

#include <gtest/gtest.h>

using namespace lodestone;

namespace
{

constexpr double pi = 3.14159265358979323846;

template <int dim>
Mesh<dim> box_mesh(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                   const std::vector<unsigned int> &cells)
{
  typename Mesh<dim>::Parameters parameters;
  parameters.lower = lower;
  parameters.upper = upper;
  parameters.cells = cells;
  return Mesh<dim>(parameters, MPI_COMM_WORLD);
}

template <int dim>
double volume(const DisplacementSpace<dim> &space, const std::string &text)
{
  const Formula<dim> formula(text, "test");
  return RegionQuadrature<dim>(space, {[&](const dealii::Point<dim> &p) { return formula.holds(p); }, {}, {}}).volume();
}

} // namespace

// A 300 m layer in 500 m cells weighs 300 m wherever it lies; plain Gauss points see 174 to 500 m.
TEST(RegionQuadratureParallel, ThinLayerHasItsThickness)
{
  const Mesh<3> mesh = box_mesh<3>({-1000, -1000, -2000}, {1000, 1000, 0}, {4, 4, 4});
  const DisplacementSpace<3> space(mesh, 1);
  for (const double middle : {-150., -333., -500., -790., -1250., -1777., -1850.})
    EXPECT_NEAR(volume(space, "abs(z - (" + std::to_string(middle) + ")) < 150"), 300 * 4e6, 1e-6 * 300 * 4e6)
        << middle;
  EXPECT_NEAR(volume(space, "abs(z + 777.7) < 40"), 80 * 4e6, 1e-6 * 80 * 4e6);
  // a second, thin layer is found although another one was
  EXPECT_NEAR(volume(space, "abs(z + 177.7) < 40 || abs(z + 1250) < 150"), 380 * 4e6, 1e-6 * 380 * 4e6);
  // dipping: still one fifth of a cell thick everywhere
  EXPECT_NEAR(volume(space, "abs(z + 1000 + 0.3*x + 0.1*y) < 50"), 100 * 4e6, 1e-4 * 100 * 4e6);
}

TEST(RegionQuadratureParallel, BoxesOffTheGridHaveTheirVolume)
{
  const Mesh<3> mesh = box_mesh<3>({0, 0, -8}, {8, 8, 0}, {8, 8, 8});
  const DisplacementSpace<3> space(mesh, 1);
  const double exact = 3.1 * 2.23 * 1.47;
  EXPECT_NEAR(volume(space, "x > 1.37 && x < 4.47 && y > 2.91 && y < 5.14 && z > -5.77 && z < -4.30"), exact,
              2e-3 * exact);
  // smaller than a cell, inside one and across eight
  EXPECT_NEAR(volume(space, "abs(x-3.41)<0.2 && abs(y-2.57)<0.2 && abs(z+3.47)<0.2"), 0.064, 1e-6 * 0.064);
  EXPECT_NEAR(volume(space, "abs(x-3.07)<0.2 && abs(y-2.94)<0.2 && abs(z+3.05)<0.2"), 0.064, 1e-6 * 0.064);
  // aligned with the cells: nothing is cut
  const Formula<3> aligned("x > 1 && x <= 4 && y >= 2 && y < 5 && z > -5 && z < -4", "test");
  const RegionQuadrature<3> region(space, {[&](const dealii::Point<3> &p) { return aligned.holds(p); }, {}, {}});
  EXPECT_NEAR(region.volume(), 9, 1e-12);
  for (const auto &part : region.parts())
    EXPECT_FALSE(part.cut.has_value());
}

TEST(RegionQuadratureParallel, DiscAndBallHaveTheirVolume)
{
  const Mesh<3> mesh = box_mesh<3>({-4, -4, -4}, {4, 4, 0}, {16, 16, 8});
  const DisplacementSpace<3> space(mesh, 1);
  const double disc = pi * 2.1 * 2.1 * 0.3;
  EXPECT_NEAR(volume(space, "(x-0.13)^2+(y+0.07)^2 < 2.1^2 && abs(z+2.08) < 0.15"), disc, 1e-3 * disc);
  const double ball = 4. / 3 * pi * std::pow(0.9, 3);
  EXPECT_NEAR(volume(space, "(x-0.31)^2+(y+0.17)^2+(z+1.63)^2 < 0.9^2"), ball, 1e-3 * ball);
  const double small_ball =
      4. / 3 * pi * std::pow(0.15, 3); // 0.3 of a cell in radius: no loads are that small but capped point sources
  EXPECT_NEAR(volume(space, "(x-0.31)^2+(y+0.17)^2+(z+1.63)^2 < 0.15^2"), small_ball, 1e-2 * small_ball);
}

TEST(RegionQuadratureParallel, PlaneRegionsHaveTheirArea)
{
  const Mesh<2> mesh = box_mesh<2>({-2000, -2000}, {2000, 0}, {8, 4});
  const DisplacementSpace<2> space(mesh, 2);
  EXPECT_NEAR(volume(space, "abs(z + 1234) < 150"), 300 * 4000, 1e-6 * 300 * 4000);
  EXPECT_NEAR(volume(space, "abs(z + 1234) < 77 && abs(x - 310) < 333"), 154 * 666, 1e-5 * 154 * 666);
  EXPECT_NEAR(volume(space, "x^2 + (z + 1010)^2 < 720^2"), pi * 720 * 720, 5e-4 * pi * 720 * 720);
  EXPECT_EQ(volume(space, "x > 1e9"), 0);
}

// The rule integrates polynomials over the cut part, not only its volume: the first moment of a layer is exact.
TEST(RegionQuadrature, CutRuleIntegratesPolynomials)
{
  const auto rule =
      indicator_quadrature<3>([](const dealii::Point<3> &p) { return p[2] > 0.2 && p[2] < 0.7 + 0.1 * p[0]; }, 2);
  double volume = 0, moment = 0;
  for (unsigned int q = 0; q < rule.size(); ++q)
  {
    volume += rule.weight(q);
    moment += rule.weight(q) * rule.point(q)[2] * rule.point(q)[2];
  }
  EXPECT_NEAR(volume, 0.55, 1e-9);
  // int_0^1 ((0.7 + 0.1 x)^3 - 0.2^3)/3 dx = (0.8^4 - 0.7^4)/1.2 - 0.008/3
  EXPECT_NEAR(moment, (0.4096 - 0.2401) / 1.2 - 0.008 / 3, 1e-9);
}

TEST(RegionQuadrature, OneDimensionalRuleFindsEveryInterval)
{
  const auto rule = indicator_quadrature<1>([](const dealii::Point<1> &p) { return std::sin(20 * p[0]) > 0; }, 2);
  double length = 0;
  for (unsigned int q = 0; q < rule.size(); ++q)
    length += rule.weight(q);
  EXPECT_NEAR(length, pi / 20 * 3 + 1 - 6 * pi / 20, 1e-8);
}
