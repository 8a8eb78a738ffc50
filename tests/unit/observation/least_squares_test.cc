#include <lodestone/observation/least_squares.h>

#include <gtest/gtest.h>

#include <cmath>

namespace lodestone
{
namespace
{

// Fit of a parabola to six points, solved by hand: y = 1 - 2 t + 3 t^2 exactly, plus a residual that is normal to all
// columns.
TEST(LeastSquares, FindsThePolynomial)
{
  std::vector<std::vector<double>> columns(3);
  std::vector<double> y;
  // The discrete orthogonal polynomial of degree three on six points.
  const double normal[] = {-5, 7, 4, -4, -7, 5};
  for (int i = 0; i < 6; ++i)
  {
    for (int k = 0; k < 3; ++k)
      columns[k].push_back(std::pow(i, k));
    y.push_back(1 - 2. * i + 3. * i * i + 0.1 * normal[i]);
  }
  const LeastSquares system(columns);
  EXPECT_TRUE(system.deficient().empty());
  const std::vector<double> x = system.solve(y);
  EXPECT_NEAR(x[0], 1, 1e-12);
  EXPECT_NEAR(x[1], -2, 1e-12);
  EXPECT_NEAR(x[2], 3, 1e-12);
}

// The mean of n numbers with standard deviation 1 has 1/sqrt(n), also in units in which its square underflows.
TEST(LeastSquares, DeviationsAreThoseOfAMean)
{
  EXPECT_NEAR(LeastSquares({std::vector<double>(16, 1.)}).deviations()[0], 0.25, 1e-15);
  EXPECT_NEAR(LeastSquares({std::vector<double>(16, 1e170)}).deviations()[0] / 0.25e-170, 1, 1e-12);
  // Offset and slope over -1, 0, 1: 1/sqrt(3) and 1/sqrt(2).
  const auto two = LeastSquares({{1, 1, 1}, {-1, 0, 1}}).deviations();
  EXPECT_NEAR(two[0], std::sqrt(1. / 3), 1e-15);
  EXPECT_NEAR(two[1], std::sqrt(0.5), 1e-15);
}

TEST(LeastSquares, ColumnsOfAnyMagnitude)
{
  const std::vector<std::vector<double>> columns = {{1, 2, 3, 5}, {1, -1, 1, 2}};
  const std::vector<double> y = {3, -1, 4, 2};
  const std::vector<double> x = LeastSquares(columns).solve(y);
  auto scaled = columns;
  for (auto &entry : scaled[0])
    entry *= 1e160;
  for (auto &entry : scaled[1])
    entry *= 1e-160;
  const LeastSquares system(scaled);
  EXPECT_NEAR(system.solve(y)[0] * 1e160, x[0], 1e-13);
  EXPECT_NEAR(system.solve(y)[1] * 1e-160, x[1], 1e-13);
  // A^T A x = A^T y
  const std::vector<double> normal = system.solve_normal({1e160 * (3 - 2 + 12 + 10), 1e-160 * (3 + 1 + 4 + 4)});
  EXPECT_NEAR(normal[0] * 1e160, x[0], 1e-13);
  EXPECT_NEAR(normal[1] * 1e-160, x[1], 1e-13);
}

TEST(LeastSquares, ReportsDependentColumns)
{
  EXPECT_EQ(LeastSquares({{1, 2, 3}, {0, 0, 0}}).deficient(), std::vector<unsigned int>{1});
  EXPECT_EQ(LeastSquares({{1, 2, 3}, {1, 1, 1}, {3, 5, 7}}).deficient().size(), 1u);
  EXPECT_EQ(LeastSquares({{1.}, {2.}}).deficient().size(), 1u);
  EXPECT_TRUE(LeastSquares().solve({1, 2}).empty());
}

} // namespace
} // namespace lodestone
