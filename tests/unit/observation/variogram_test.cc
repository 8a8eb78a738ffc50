#include <lodestone/observation/noise.h>
#include <lodestone/observation/variogram.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

/// 30 x 30 points 1 km apart, with sigma from 1 to 2 mm.
DataSet grid(const Correlation correlation, const std::string &sill, const std::string &range,
             const std::string &nugget)
{
  auto parameters = set_parameters("scene", "mm");
  parameters.noise.correlation = correlation;
  parameters.noise.sill = sill;
  parameters.noise.range = range;
  parameters.noise.nugget = nugget;
  std::string text = "x,y,los,sigma,incidence,heading\n";
  for (unsigned int i = 0; i < 900; ++i)
    text += std::to_string(1000 * (i % 30)) + "," + std::to_string(1000 * (i / 30)) + ",0," +
            std::to_string(1 + (i * 37 % 100) / 100.) + ",36,-12\n";
  return read_text(text, parameters);
}

// Three data in a line: pairs at 1, 1 and 2 km, of which the last is beyond half of the largest distance.
TEST(Variogram, ByHand)
{
  const DataSet set = read_text("x,y,up,sigma_up\n0,0,0,1\n900,0,0,1\n2000,0,0,2\n", set_parameters("line"));
  const std::vector<double> r = {1, 3, 0};
  const Variogram variogram(set, {r.data(), 3});
  ASSERT_EQ(variogram.bins.size(), 1u);
  EXPECT_EQ(variogram.scale, 2);
  EXPECT_EQ(variogram.bins[0].n_pairs, 1);
  EXPECT_EQ(variogram.bins[0].distance, 900);
  EXPECT_DOUBLE_EQ(variogram.bins[0].semivariance, 2. / 4);
  NoiseModel noise;
  noise.correlation = Correlation::exponential;
  noise.sill = {false, 3};
  noise.nugget = {true, 2};
  noise.range = 900;
  EXPECT_NEAR(variogram.expected(variogram.bins[0], noise), (9 * (1 - std::exp(-1.)) + 4 * 1) / 4, 1e-14);
  EXPECT_FALSE(variogram.fit(noise)); // too few bins
}

// Semivariances that are the expected ones give their sill, range and nugget back; ranges are searched for in steps of
// 2 %.
TEST(Variogram, FitsItsOwnModel)
{
  for (const auto correlation : {Correlation::exponential, Correlation::gaussian, Correlation::spherical})
    for (const std::string &sill : {std::string("9 mm^2"), std::string("3")})
    {
      const DataSet set = grid(correlation, sill, "4 km", "0.5");
      const std::vector<double> zero(set.n_data(), 0.);
      Variogram variogram(set, {zero.data(), zero.size()});
      for (auto &bin : variogram.bins)
        bin.semivariance = variogram.expected(bin, set.noise);
      NoiseModel start = set.noise;
      start.range = 100;
      start.sill.root *= 3;
      start.nugget.root *= 0.1;
      const auto found = variogram.fit(start);
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->range / 4000, 1, 0.02);
      EXPECT_NEAR(found->sill.root / set.noise.sill.root, 1, 0.02);
      EXPECT_NEAR(found->nugget.root / set.noise.nugget.root, 1, 0.05);
    }
}

// Draws of a known noise: sill and range of most within 25 %, their means over 20 draws within 10 %. A single draw on a
// square of 29 km holds about (29/6)^2 = 23 independent patches for a range of 2 km, so its sill is good to sqrt(2/23).
TEST(Variogram, FindsTheNoiseOfDraws)
{
  const DataSet set = grid(Correlation::exponential, "9 mm^2", "2 km", "0.5");
  double sill = 0, range = 0;
  constexpr unsigned int n_draws = 20;
  for (unsigned int draw = 0; draw < n_draws; ++draw)
  {
    const DataVector r = gaussian_noise({set}, 100 + draw);
    const auto found = Variogram(set, {r.data(), r.size()}).fit(set.noise);
    ASSERT_TRUE(found);
    if (draw == 0)
    {
      // The weighted residuals balance: their sum times what a nugget adds to each bin is zero.
      double balance = 0, size = 0;
      const Variogram variogram(set, {r.data(), r.size()});
      for (const auto &bin : variogram.bins)
      {
        const double expected = variogram.expected(bin, *found), weight = bin.n_pairs / (expected * expected);
        balance += weight * (bin.semivariance - expected) * bin.square;
        size += weight * expected * bin.square;
      }
      ASSERT_GT(found->nugget.root, 0);
      EXPECT_LT(std::abs(balance), 1e-6 * size);
    }
    sill += std::pow(found->sill.root * 1e3, 2) / n_draws;
    range += found->range / n_draws;
  }
  EXPECT_NEAR(sill / 9, 1, 0.1);
  EXPECT_NEAR(range / 2000, 1, 0.15);
}

// A model that follows half of every error leaves a quarter of the variance: with what it does to draws, the errors'
// noise comes out, not that of the residuals. The kept share of a bin is that of the sums over the draws.
TEST(Variogram, MakesUpForWhatTheModelFollows)
{
  const DataSet set = grid(Correlation::exponential, "9 mm^2", "4 km", "0.5");
  const std::vector<double> zero(set.n_data(), 0.);
  std::vector<Variogram> of_errors, of_residuals;
  for (unsigned int draw = 0; draw < 2; ++draw)
  {
    DataVector errors = gaussian_noise({set}, draw + 1), residuals = errors;
    for (double &r : residuals)
      r *= draw == 0 ? -0.5 : 0.3;
    of_errors.emplace_back(set, DataView(errors.data(), errors.size()));
    of_residuals.emplace_back(set, DataView(residuals.data(), residuals.size()));
  }
  Variogram variogram(set, {zero.data(), zero.size()});
  variogram.set_kept({of_errors[0]}, {of_residuals[0]});
  for (auto &bin : variogram.bins)
  {
    EXPECT_NEAR(bin.kept, 0.25, 1e-12);
    bin.semivariance = 0.25 * variogram.expected(bin, set.noise);
  }
  const auto found = variogram.fit(set.noise);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->range / 4000, 1, 0.02);
  EXPECT_NEAR(found->sill.root / set.noise.sill.root, 1, 0.02);
  EXPECT_NEAR(found->nugget.root / set.noise.nugget.root, 1, 0.05);

  variogram.set_kept(of_errors, of_residuals);
  const double first = of_errors[0].bins[3].semivariance, second = of_errors[1].bins[3].semivariance;
  EXPECT_NEAR(variogram.bins[3].kept, (0.25 * first + 0.09 * second) / (first + second), 1e-12);
}

// A factor of all standard deviations is in what is expected, and not in what is found.
TEST(Variogram, CountsTheFactorOfSigma)
{
  DataSet set = grid(Correlation::exponential, "9 mm^2", "4 km", "0.5");
  NoiseModel scaled = set.noise;
  scaled.factor = 2;
  set.change_noise(scaled);
  const std::vector<double> zero(set.n_data(), 0.);
  Variogram variogram(set, {zero.data(), zero.size()});
  for (auto &bin : variogram.bins)
    bin.semivariance = variogram.expected(bin, scaled);
  const auto found = variogram.fit(scaled);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->factor, 1);
  EXPECT_NEAR(found->sill.root * 1e3, 6, 0.1);
}

// Independent errors have no range: what may be found is a small sill.
TEST(Variogram, NoCorrelation)
{
  const DataSet set = grid(Correlation::exponential, "1e-6", "1 m", "1");
  const DataVector r = gaussian_noise({set}, 7);
  const NoiseModel found = Variogram(set, {r.data(), r.size()}).fit(set.noise).value_or(set.noise);
  EXPECT_LT(found.sill.root, 0.3 * found.nugget.root);
}

} // namespace
} // namespace lodestone
