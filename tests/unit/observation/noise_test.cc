#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/gaussian_misfit.h>
#include <lodestone/observation/independent_errors.h>
#include <lodestone/observation/load_case_noise.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>

namespace lodestone
{
namespace
{

using testing::ascending;
using testing::gnss;

TEST(DataLayout, SetsStandOneAfterTheOther)
{
  const std::vector<DataSet> sets = {gnss("none"), ascending("none"), gnss("none")}; // 11, 6 and 11 data
  const DataLayout layout(sets);
  EXPECT_EQ(layout.n_sets(), 3u);
  EXPECT_EQ(layout.n_data(), 28u);
  EXPECT_EQ(layout.first(2), 17u);
  DataVector data(28);
  for (unsigned int i = 0; i < 28; ++i)
    data[i] = i;
  const DataView second = layout.slice(std::as_const(data), 1);
  ASSERT_EQ(second.size(), 6u);
  EXPECT_EQ(second[0], 11);
  EXPECT_EQ(second[5], 16);
  layout.slice(data, 2)[0] = -1; // a view of the vector itself
  EXPECT_EQ(data[17], -1);
  EXPECT_EQ(DataLayout({}).n_data(), 0u);
}

// Gamma = diag(1, 4, 100): W is the root of its inverse.
TEST(Noise, IndependentErrorsByHand)
{
  const IndependentErrors noise({1, 2, 10});
  DataVector d = {3, 4, 50};
  noise.whiten(d);
  EXPECT_EQ(d, (DataVector{3, 2, 5}));
  noise.whiten_transpose(d);
  EXPECT_EQ(d, (DataVector{3, 1, 0.5}));
  noise.colour(d);
  EXPECT_EQ(d, (DataVector{3, 2, 5}));
  EXPECT_DOUBLE_EQ(noise.log_determinant(), std::log(400.));
}

/// What every noise has to be: W and W^T transposed to each other, and W^-1 the inverse of W.
void expect_consistent(const Noise &noise)
{
  DataVector a(noise.n_data()), b(noise.n_data());
  for (unsigned int i = 0; i < a.size(); ++i)
  {
    a[i] = std::sin(1. + i);
    b[i] = std::cos(2.3 * i);
  }
  DataVector w_a = a, wt_b = b, back = a;
  noise.whiten(w_a);
  noise.whiten_transpose(wt_b);
  noise.colour(back);
  noise.whiten(back);
  double left = 0, right = 0, size = 0;
  for (unsigned int i = 0; i < a.size(); ++i)
  {
    left += w_a[i] * b[i];
    right += a[i] * wt_b[i];
    size += std::abs(w_a[i] * b[i]);
    EXPECT_NEAR(back[i], a[i], 1e-14);
  }
  EXPECT_NEAR(left, right, 1e-13 * size);
}

TEST(Noise, TransposeAndInverse)
{
  expect_consistent(IndependentErrors({0.1, 2e-3, 7}));
  expect_consistent(LoadCaseNoise({gnss("none"), ascending("none")}));
}

// A set of weight w counts as w times as many data: w multiplies its |W r|^2 and its ln det Gamma. gnss has weight 0.7,
// ascending 1; standard deviations from the example's own columns.
TEST(Noise, WeightsCountData)
{
  const std::vector<DataSet> sets = {gnss("none"), ascending("none")};
  const LoadCaseNoise noise(sets);
  DataVector d;
  double weighted = 0, plain = 0, log_determinant = 0;
  for (const DataSet &set : sets)
    for (unsigned int i = 0; i < set.n_data(); ++i)
    {
      d.push_back(1e-3 * (i + 1));
      const double r = d.back() / set.sigma[i];
      plain += r * r;
      weighted += set.weight * r * r;
      log_determinant += set.weight * 2 * std::log(set.sigma[i]);
    }
  ASSERT_EQ(sets[0].weight, 0.7);
  noise.whiten(d);
  double norm = 0;
  for (const double r : d)
    norm += r * r;
  EXPECT_NEAR(norm, weighted, 1e-12 * weighted);
  noise.take_weights_out(d);
  double without_weights = 0;
  for (const double r : d)
    without_weights += r * r;
  EXPECT_NEAR(without_weights, plain, 1e-12 * plain);
  EXPECT_NEAR(noise.log_determinant(), log_determinant, 1e-12 * std::abs(log_determinant));

  // The sigma that minimises |W r|^2 + ln det Gamma is the root mean square of r, whatever the weight is: the
  // derivative with respect to a common factor on all sigmas vanishes there.
  const auto slope = [](const double weight) {
    DataSet set = gnss("none");
    set.weight = weight;
    const auto objective = [&](const double sigma) {
      set.sigma.assign(set.n_data(), sigma);
      const LoadCaseNoise of_sigma({set});
      DataVector r(set.n_data(), 3e-3);
      of_sigma.whiten(r);
      double sum = of_sigma.log_determinant();
      for (const double entry : r)
        sum += entry * entry;
      return sum;
    };
    return (objective(3e-3 * (1 + 1e-4)) - objective(3e-3 * (1 - 1e-4))) / (2e-4 * weight);
  };
  EXPECT_NEAR(slope(1), 0, 1e-6);
  EXPECT_NEAR(slope(0.05), 0, 1e-6);
}

TEST(Noise, MisfitWhitensWithTheLoadCases)
{
  const std::vector<DataSet> sets = {gnss("none"), ascending("none")};
  const GaussianMisfit misfit(sets, {});
  const DataVector predicted(misfit.n_data(), 1e-3);
  const auto evaluation = misfit.evaluate(predicted, {});
  DataVector source = evaluation.residual;
  misfit.noise().whiten(source);
  misfit.noise().whiten_transpose(source);
  EXPECT_EQ(source, evaluation.adjoint_source);
}

} // namespace
} // namespace lodestone
