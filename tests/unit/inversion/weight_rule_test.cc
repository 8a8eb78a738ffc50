// Rules of the prior's weight on an L-curve of another code (numpy/scipy finite elements with dense Newton steps):
// minimisers of R3 at 17 weights, whose chi^2/N is 1 at w = 2.2478 and whose L-curve bends most at w = 14.49, by exact
// derivatives. Between the weights ln misfit and ln m^T R m are interpolated.
#include <lodestone/inversion/weight_rule.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/math/interpolators/barycentric_rational.hpp>
#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>

namespace lodestone
{

namespace
{
/// What a minimisation would find.
using Minimise = std::function<WeightPoint(double weight)>;

class Reference
{
public:
  Reference()
  {
    std::ifstream in(std::string(LODESTONE_SOURCE_DIR) + "/tests/verification/data/r3_n16_weights.txt");
    for (std::string line; std::getline(in, line);)
      if (line[0] != '#')
      {
        std::istringstream numbers(line);
        std::array<double, 4> row;
        for (double &x : row)
          numbers >> x;
        rows.push_back(row);
      }
  }

  WeightPoint operator()(const double weight) const
  {
    std::vector<double> t, x, y;
    for (const auto &row : rows)
    {
      t.push_back(std::log(row[0]));
      x.push_back(std::log(row[1]));
      y.push_back(std::log(row[2]));
    }
    // Beyond the table the misfit tends to a constant on both sides, and m^T R m falls with 1/w^2.
    const double at = std::log(weight), beyond = std::max(at - t.back(), 0.);
    const boost::math::barycentric_rational<double> fx(t.data(), x.data(), t.size(), 3),
        fy(t.data(), y.data(), t.size(), 3);
    const double inside = std::clamp(at, t.front(), t.back());
    WeightPoint point;
    point.weight = weight;
    point.misfit = std::exp(fx(inside) + 0.8 * (1 - std::exp(-beyond / 2)));
    point.prior = weight / 2 * std::exp(fy(inside) - 2 * beyond);
    point.chi_squared_per_datum = 2 * point.misfit / 768;
    return point;
  }

  std::vector<std::array<double, 4>> rows;
};

/// Tries weights as the search does.
WeightPath walk(const WeightRule &rule, const Minimise &minimise, const double first, std::string *remark = nullptr)
{
  WeightPath path = {minimise(first)};
  while (path.size() < 60)
  {
    const auto trial = rule.next(path);
    if (remark != nullptr && !trial.remark.empty())
      *remark = trial.remark;
    path.push_back(minimise(trial.weight));
    if (trial.is_last && rule.accepts(path))
      break;
  }
  return path;
}
} // namespace

TEST(Discrepancy, FindsTheWeightAtWhichResidualsAreAsLargeAsTheNoise)
{
  const Reference reference;
  ASSERT_EQ(reference.rows.size(), 17u);
  for (const double first : {2000., 236., 100., 3., 0.03})
  {
    const WeightPath path = walk(DiscrepancyRule(1), reference, first);
    EXPECT_NEAR(path.back().chi_squared_per_datum, 1, 0.01) << first;
    EXPECT_NEAR(path.back().weight, 2.2478, 0.25) << first;
    EXPECT_LE(path.size(), 8u) << first;
  }
}

TEST(Discrepancy, FollowsItsTarget)
{
  const Reference reference;
  const WeightPath path = walk(DiscrepancyRule(1.2), reference, 236);
  EXPECT_NEAR(path.back().weight, 14.49, 1.2); // there the table has chi^2/N = 1.198
}

TEST(Discrepancy, SaysWhenNoWeightReachesIt)
{
  const Reference reference;
  std::string remark;
  const WeightPath low = walk(DiscrepancyRule(0.1), reference, 236, &remark);
  EXPECT_LT(low.size(), 12u);
  EXPECT_NE(remark.find("no weight of the prior reaches chi^2/N = 0.1: it stays above 0.601"), std::string::npos)
      << remark;
  EXPECT_FALSE(DiscrepancyRule(0.1).reached(low));
  EXPECT_LT(low.back().chi_squared_per_datum, 0.62);
  const WeightPath high = walk(DiscrepancyRule(50), reference, 236, &remark);
  EXPECT_LT(high.size(), 12u);
  EXPECT_NE(remark.find("it stays below"), std::string::npos) << remark;
}

// Two minima: a path from large weights finds one whose chi^2/N stays above the target, one from small weights another, in
// which it stays below. What was found last is believed before both ends have come together.
TEST(Discrepancy, LeavesAMinimumThatAnotherOneContradicts)
{
  unsigned int n = 0;
  const WeightPath path = walk(
      DiscrepancyRule(1),
      [&](const double weight) {
        WeightPoint point;
        point.weight = weight;
        const bool is_first = ++n <= 2 && weight > 1;
        point.chi_squared_per_datum = (is_first ? 1.03 : 0.96) * std::pow(weight / 2, 0.05);
        return point;
      },
      20);
  EXPECT_LE(path.size(), 10u);
  EXPECT_NEAR(path.back().chi_squared_per_datum, 1, 0.01);
}

// The minimisation at one weight was too rough: its chi^2/N is far too large, and other weights close in on it.
TEST(Discrepancy, DoesNotBelieveAPointThatALaterOneContradicts)
{
  const Reference reference;
  unsigned int n = 0;
  const WeightPath path = walk(
      DiscrepancyRule(1),
      [&](const double weight) {
        WeightPoint point = reference(weight);
        if (++n == 3)
          point.chi_squared_per_datum *= 3;
        return point;
      },
      3);
  EXPECT_NEAR(path.back().weight, 2.2478, 0.25);
  EXPECT_LE(path.size(), 20u);
}

TEST(LCurve, CurvatureIsThatOfExactDerivatives)
{
  const Reference reference;
  WeightPath path;
  for (const auto &row : reference.rows)
    path.push_back(reference(row[0]));
  EXPECT_NEAR(LCurveRule::curvature(path, 1), 0.04618, 0.002);
  EXPECT_NEAR(LCurveRule::curvature(path, 10), 0.33992, 0.01);
  EXPECT_NEAR(LCurveRule::curvature(path, std::pow(10, 1.5)), 0.29297, 0.01);
  EXPECT_NEAR(LCurveRule::curvature(path, 0.1), -0.01097, 0.002);
  EXPECT_NEAR(LCurveRule::corner(path), 14.4928, 0.5);
}

TEST(LCurve, CornerIsFoundFromSeveralStarts)
{
  const Reference reference;
  for (const double first : {236., 100., 60., 31.})
  {
    const WeightPath path = walk(LCurveRule(1), reference, first);
    EXPECT_NEAR(path.back().weight, 14.4928, 1.4) << first;
    EXPECT_GE(path.size(), 6u) << first;
    EXPECT_LE(path.size(), 11u) << first;
  }
}

TEST(LCurve, WithoutACornerTheDiscrepancyDecides)
{
  // misfit = 384 w^(1/10): the slope is the same everywhere.
  const auto straight = [](const double weight) {
    WeightPoint point;
    point.weight = weight;
    point.misfit = 384 * std::pow(weight, 0.1);
    point.prior = point.misfit / 5;
    point.chi_squared_per_datum = 2 * point.misfit / 768;
    return point;
  };
  std::string remark;
  const WeightPath path = walk(LCurveRule(1), straight, 236, &remark);
  EXPECT_NE(remark.find("no corner"), std::string::npos) << remark;
  EXPECT_NEAR(path.back().weight, 1, 0.1);
}

} // namespace lodestone
