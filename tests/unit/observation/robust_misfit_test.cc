#include <lodestone/base/error.h>
#include <lodestone/observation/gaussian_misfit.h>
#include <lodestone/observation/robust_misfit.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>
#include <random>

namespace lodestone
{
namespace
{

using testing::ascending;
using testing::gnss;
using testing::read_text;
using testing::set_parameters;

// Values by hand at y = 3: Huber t = 1.5: 1.5 * 3 - 1.125; Student n = 4: 2.5 ln(13/4), derivative 5 * 3 / 13, second
// derivative 5 (4 - 9) / 169.
TEST(Loss, ValuesAndDerivatives)
{
  const Loss gaussian, huber{Loss::Kind::huber, 1.5}, student{Loss::Kind::student_t, 4};
  EXPECT_DOUBLE_EQ(gaussian.value(3), 4.5);
  EXPECT_DOUBLE_EQ(huber.value(-3), 3.375);
  EXPECT_DOUBLE_EQ(huber.value(1), 0.5);
  EXPECT_NEAR(student.value(3), 2.5 * std::log(3.25), 1e-14);
  EXPECT_DOUBLE_EQ(gaussian.first(-3), -3);
  EXPECT_DOUBLE_EQ(huber.first(-3), -1.5);
  EXPECT_NEAR(student.first(3), 15. / 13, 1e-14);
  EXPECT_DOUBLE_EQ(huber.second(3), 0);
  EXPECT_NEAR(student.second(3), -25. / 169, 1e-14);
  EXPECT_NEAR(student.positive_curvature(3), 5. / 13, 1e-14);
  EXPECT_DOUBLE_EQ(huber.share(3), 0.5);
  EXPECT_NEAR(student.share(2), 0.5, 1e-14);
  EXPECT_EQ(huber.describe(), "Huber with threshold 1.5");
  EXPECT_EQ(student.describe(), "Student-t with 4 degrees of freedom");
  for (const Loss &loss : {gaussian, huber, student})
    for (const double y : {-7., -1.2, 0.1, 0.9, 40.})
    {
      const double h = 1e-5;
      EXPECT_NEAR((loss.value(y + h) - loss.value(y - h)) / (2 * h), loss.first(y), 1e-8 * (1 + std::abs(y)));
      EXPECT_NEAR((loss.first(y + h) - loss.first(y - h)) / (2 * h), loss.second(y), 1e-8 * (1 + std::abs(y)));
      EXPECT_LE(loss.second(y), loss.weight(y) + 1e-15);
    }
  EXPECT_EQ(student.first(1e200), 0); // no overflow, no nan
  EXPECT_TRUE(std::isfinite(huber.value(1e200)));
}

TEST(Loss, Refusals)
{
  const auto found = [](const Loss::Kind kind, const double threshold, const double degrees) {
    auto parameters = set_parameters("gnss");
    parameters.loss = {kind, threshold, degrees};
    try
    {
      parameters.validate();
    }
    catch (const InputError &error)
    {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(found(Loss::Kind::huber, 1.5, 0), "");
  EXPECT_NE(found(Loss::Kind::huber, 0, 4).find("gnss/Huber threshold"), std::string::npos);
  EXPECT_NE(found(Loss::Kind::student_t, 1, 0.5).find("gnss/Degrees of freedom"), std::string::npos);
}

struct Problem
{
  std::vector<DataSet> sets;
  DataVector d0;
  std::vector<DataVector> responses{2};

  explicit Problem(const Loss &loss, const double scale = 1)
  {
    DataSet third = ascending("ramp");
    third.name = "des";
    third.weight = 1.9;
    sets = {gnss("offset", "frame"), ascending("offset", "frame"), third};
    std::mt19937 generator(3);
    std::normal_distribution<double> normal;
    for (auto &set : sets)
    {
      set.loss = loss;
      for (unsigned int i = 0; i < set.n_data(); ++i)
      {
        set.value[i] *= scale;
        set.sigma[i] *= scale;
        d0.push_back(scale * 5e-3 * normal(generator));
        for (auto &response : responses)
          response.push_back(scale * 1e-8 * normal(generator));
      }
    }
  }
};

const std::vector<StrengthPrior> priors = {{"chamber", 2e5, 3e5}, {"sill", -1e5, 4e5}};

void expect_near(const std::vector<double> &a, const std::vector<double> &b, const double tolerance)
{
  ASSERT_EQ(a.size(), b.size());
  double size = 0;
  for (const double entry : b)
    size = std::max(size, std::abs(entry));
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(a[i], b[i], tolerance * size) << i;
}

TEST(RobustMisfit, EqualsGaussianMisfitOfGaussianErrors)
{
  const Problem p{Loss()};
  const GaussianMisfit gaussian(p.sets, priors);
  const RobustMisfit robust(p.sets, priors);
  const auto a = robust.evaluate(p.d0, p.responses), b = gaussian.evaluate(p.d0, p.responses);
  EXPECT_NEAR(a.value, b.value, 1e-12 * b.value);
  EXPECT_NEAR(a.chi_squared, b.chi_squared, 1e-12 * b.chi_squared);
  expect_near(a.strengths, b.strengths, 1e-11);
  expect_near(a.nuisance, b.nuisance, 1e-11);
  for (std::size_t k = 0; k < b.strengths.size(); ++k)
    EXPECT_NEAR(a.strength_deviations[k] / b.strength_deviations[k], 1, 1e-11);
  for (std::size_t k = 0; k < b.nuisance.size(); ++k)
    EXPECT_NEAR(a.nuisance_deviations[k] / b.nuisance_deviations[k], 1, 1e-11);
  for (std::size_t k = 0; k < b.correlations.size(); ++k)
    expect_near(a.correlations[k], b.correlations[k], 1e-11);
  expect_near(a.residual, b.residual, 1e-11);
  expect_near(a.standardized, b.standardized, 1e-11);
  expect_near(a.adjoint_source, b.adjoint_source, 1e-10);

  DataVector d_hat(p.d0.size());
  for (std::size_t i = 0; i < d_hat.size(); ++i)
    d_hat[i] = 1e-3 * std::sin(1 + 2. * i);
  const std::vector<double> extra = {3e-6, -2e-6};
  const auto c = robust.increment(a, d_hat, p.responses, extra, Misfit::Curvature::exact),
             d = gaussian.increment(b, d_hat, p.responses, extra, Misfit::Curvature::exact);
  expect_near(c.strengths, d.strengths, 1e-10);
  expect_near(c.nuisance, d.nuisance, 1e-10);
  expect_near(c.adjoint_source, d.adjoint_source, 1e-10);
  expect_near(robust.without_nuisance(p.d0), gaussian.without_nuisance(p.d0), 1e-11);
  EXPECT_EQ(robust.nuisance_names(), gaussian.nuisance_names());
}

// Four data 0, 0.1, -0.1 and 100 sigma about a constant o: where the first three are within t = 0.3 of o, 3 o = t.
TEST(RobustMisfit, HubersLocationByHand)
{
  auto parameters = set_parameters("levelling");
  parameters.nuisance = "offset";
  parameters.loss = {Loss::Kind::huber, 0.3, 4};
  parameters.weight = 0.5;
  const DataSet set = read_text("x,y,up,sigma_up\n0,0,0,2\n1,0,0.2,2\n0,1,-0.2,2\n1,1,200,2\n", parameters);
  const RobustMisfit misfit({set}, {});
  const auto at = misfit.evaluate(DataVector(4, 0.), {});
  EXPECT_NEAR(at.nuisance[0], 2 * 0.1, 1e-13);
  EXPECT_NEAR(at.nuisance_deviations[0], 2 / std::sqrt(3 * 0.5), 1e-13);
  EXPECT_NEAR(at.value, 0.5 * (0.005 + 0 + 0.02 + 0.3 * (99.9 - 0.15)), 1e-12);
  expect_near(at.standardized, {0.1, 0, 0.2, -99.9}, 1e-13);
  expect_near(at.adjoint_source, {0.5 * 0.1 / 2, 0, 0.5 * 0.2 / 2, -0.5 * 0.3 / 2}, 1e-12);
}

// All data far from one another: every residual but those that the constant meets is on a straight line.
TEST(RobustMisfit, HubersFlatMinimum)
{
  auto parameters = set_parameters("levelling");
  parameters.nuisance = "offset";
  parameters.loss = {Loss::Kind::huber, 0.3, 4};
  const DataSet set = read_text("x,y,up,sigma_up\n0,0,0,1\n1,0,100,1\n", parameters);
  const RobustMisfit misfit({set}, {});
  const auto at = misfit.evaluate(DataVector(2, 0.), {});
  EXPECT_NEAR(at.value, 0.3 * 100 - 0.09, 1e-10);
  EXPECT_TRUE(std::isfinite(at.nuisance_deviations[0]));
  const auto increment = misfit.increment(at, {1, 1}, {}, {}, Misfit::Curvature::exact);
  EXPECT_NEAR(increment.nuisance[0], -1, 1e-10);
}

// Student's minimum: the pulls of all data on each term balance, J is the sum by hand, and a far outlier has no say.
TEST(RobustMisfit, StudentsStationaryPoint)
{
  const Loss student{Loss::Kind::student_t, 4};
  for (const double scale : {1., 1e-120, 1e120})
  {
    Problem p(student, scale);
    const auto names = GaussianMisfit(p.sets, {}).nuisance_names();
    const RobustMisfit misfit(p.sets, {});
    const auto at = misfit.evaluate(p.d0, {});
    double value = 0;
    std::size_t i = 0;
    for (const DataSet &set : p.sets)
      for (unsigned int k = 0; k < set.n_data(); ++k, ++i)
      {
        const double y = at.residual[i] / set.sigma[k];
        EXPECT_NEAR(at.standardized[i], y, 1e-9);
        value += set.weight * 2.5 * std::log(1 + y * y / 4);
        EXPECT_NEAR(at.adjoint_source[i] * set.sigma[k], set.weight * 5 * y / (4 + y * y), 1e-9);
      }
    EXPECT_NEAR(at.value, value, 1e-12 * value);
    // The offset of "frame" to the east: the pull of gnss's east data and of the scene along its line of sight.
    double pull = 0, size = 0;
    i = 0;
    for (unsigned int s = 0; s < 2; ++s)
      for (unsigned int k = 0; k < p.sets[s].n_data(); ++k, ++i)
      {
        pull += p.sets[s].direction[k][0] * at.adjoint_source[i];
        size += std::abs(p.sets[s].direction[k][0] * at.adjoint_source[i]);
      }
    EXPECT_NEAR(pull, 0, 1e-12 * size);
  }
}

TEST(RobustMisfit, IncrementIsTheDerivativeOfTheEliminatedUnknowns)
{
  for (const Loss &loss : {Loss{Loss::Kind::huber, 1.1}, Loss{Loss::Kind::student_t, 3}})
  {
    const Problem p(loss);
    const RobustMisfit misfit(p.sets, priors);
    const double h = 1e-6;
    DataVector d_hat(p.d0.size()), plus = p.d0, minus = p.d0;
    for (std::size_t i = 0; i < d_hat.size(); ++i)
    {
      d_hat[i] = 1e-3 * std::sin(1 + 2. * i);
      plus[i] += h * d_hat[i];
      minus[i] -= h * d_hat[i];
    }
    const auto at = misfit.evaluate(p.d0, p.responses), up = misfit.evaluate(plus, p.responses),
               down = misfit.evaluate(minus, p.responses);
    const auto increment = misfit.increment(at, d_hat, p.responses, {}, Misfit::Curvature::exact);
    const auto difference = [&](const std::vector<double> &a, const std::vector<double> &b) {
      std::vector<double> result;
      for (std::size_t k = 0; k < a.size(); ++k)
        result.push_back((a[k] - b[k]) / (2 * h));
      return result;
    };
    expect_near(increment.strengths, difference(up.strengths, down.strengths), 1e-6);
    expect_near(increment.nuisance, difference(up.nuisance, down.nuisance), 1e-6);
    expect_near(increment.adjoint_source, difference(up.adjoint_source, down.adjoint_source), 1e-6);
    expect_near(increment.predicted, difference(up.predicted, down.predicted), 1e-6);
    double slope = 0;
    for (std::size_t i = 0; i < d_hat.size(); ++i)
      slope += at.adjoint_source[i] * d_hat[i];
    EXPECT_NEAR((up.value - down.value) / (2 * h), slope, 1e-7 * std::abs(slope) + 1e-9);
  }
}

} // namespace
} // namespace lodestone
