// Means over cells in which the material jumps, against means that are worked out by hand.
#include <lodestone/material/cell_mean.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

namespace
{

constexpr Lame soft{2, 1}, stiff{30, 10};

template <int dim>
std::optional<Lame> mean_of(const std::function<Lame(const dealii::Point<dim> &)> &material)
{
  dealii::Point<dim> middle;
  for (unsigned int d = 0; d < dim; ++d)
    middle[d] = 0.5;
  return mean_of_cut_cell<dim>(material(middle), material);
}

/// 1 / (f / a + (1 - f) / b)
double harmonic(const double f, const double a, const double b)
{
  return 1 / (f / a + (1 - f) / b);
}

template <int dim>
void expect_layers(const double depth, const double tolerance)
{
  const std::function<Lame(const dealii::Point<dim> &)> layers = [&](const dealii::Point<dim> &p) {
    return p[dim - 1] > depth ? stiff : soft;
  };
  const auto mean = mean_of<dim>(layers);
  ASSERT_TRUE(mean.has_value()) << depth;
  const Lame found = *mean;
  const double mu = harmonic(depth, soft.mu, stiff.mu),
               wave = harmonic(depth, soft.lambda + 2 * soft.mu, stiff.lambda + 2 * stiff.mu);
  EXPECT_NEAR(1 / found.mu, 1 / mu, tolerance / soft.mu) << depth;
  EXPECT_NEAR(1 / (found.lambda + 2 * found.mu), 1 / wave, tolerance / (soft.lambda + 2 * soft.mu)) << depth;
  EXPECT_GT(found.poisson(), std::min(soft.poisson(), stiff.poisson()) - 1e-12);
  EXPECT_LT(found.poisson(), std::max(soft.poisson(), stiff.poisson()) + 1e-12);
}

} // namespace

TEST(CellMean, LayersAreHarmonic)
{
  for (const double depth : {0.03, 0.25, 0.3, 0.51, 0.78125, 0.96875})
  {
    expect_layers<2>(depth, 1e-3);
    expect_layers<3>(depth, 1e-3);
  }
}

// A plane halves the cell whatever its direction, and a dipping one cuts off what the formula of a wedge says.
TEST(CellMean, PlanesAreMetExactly)
{
  for (const auto &normal : {dealii::Tensor<1, 3>({1., 0., 0.}), dealii::Tensor<1, 3>({0.3, -1., 0.2}),
                             dealii::Tensor<1, 3>({0.4, 0.3, 1.})})
  {
    const auto mean =
        mean_of<3>([&](const auto &p) { return normal * (p - dealii::Point<3>(0.5, 0.5, 0.5)) > 1e-9 ? stiff : soft; });
    ASSERT_TRUE(mean.has_value());
    EXPECT_NEAR(1 / mean->mu, 1 / harmonic(0.5, soft.mu, stiff.mu), 2e-3);
  }
  const auto wedge = mean_of<2>([](const auto &p) { return p[1] > 0.2 + 0.5 * p[0] ? stiff : soft; });
  EXPECT_NEAR(1 / wedge->mu, 1 / harmonic(0.45, soft.mu, stiff.mu), 2e-3);
}

TEST(CellMean, SmoothChangesAreNoCuts)
{
  EXPECT_FALSE(mean_of<3>([](const auto &) { return soft; }).has_value());
  const auto smooth = [](const auto &p) { return Lame{3 + 2 * std::sin(3 * p[0]), 1 + p[1] * p[1] + p[0]}; };
  EXPECT_FALSE(mean_of<2>(smooth).has_value());
  // with a jump on top of it, all the same
  const auto both = [&](const auto &p) {
    const Lame material = smooth(p);
    return p[0] + p[1] > 1.3 ? Lame{2 * material.lambda, 2 * material.mu} : material;
  };
  const auto cut = mean_of<2>(both);
  ASSERT_TRUE(cut.has_value());
  double inverse = 0;
  const unsigned int n = 400;
  for (unsigned int i = 0; i < n * n; ++i)
    inverse += 1 / both(dealii::Point<2>((i % n + 0.5) / n, (i / n + 0.5) / n)).mu / (n * n);
  EXPECT_NEAR(cut->mu * inverse, 1, 0.03); // four columns
}

TEST(CellMean, CornersAndBallsAreSeen)
{
  const std::function<Lame(const dealii::Point<3> &)> corner = [](const dealii::Point<3> &p) {
    return p[0] > 0.75 && p[1] > 0.75 && p[2] > 0.75 ? stiff : soft;
  };
  const auto mean = mean_of<3>(corner);
  ASSERT_TRUE(mean.has_value());
  EXPECT_NEAR(mean->mu, harmonic(1 - 1. / 64, soft.mu, stiff.mu), 1e-3);

  const std::function<Lame(const dealii::Point<3> &)> ball = [](const dealii::Point<3> &p) {
    return p.norm() < 0.7 ? stiff : soft;
  };
  const double eighth = 4. / 24 * 3.14159265358979 * 0.7 * 0.7 * 0.7;
  EXPECT_NEAR(1 / mean_of<3>(ball)->mu, 1 / harmonic(eighth, stiff.mu, soft.mu), 5e-3);
}
