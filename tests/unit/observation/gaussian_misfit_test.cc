#include <lodestone/base/error.h>
#include <lodestone/observation/gaussian_misfit.h>

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
using Row = std::vector<long double>;

/// Gaussian elimination with partial pivoting in extended precision.
Row solve_dense(std::vector<Row> a, Row b)
{
  const unsigned int n = b.size();
  for (unsigned int k = 0; k < n; ++k)
  {
    unsigned int pivot = k;
    for (unsigned int i = k; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k]))
        pivot = i;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (unsigned int i = k + 1; i < n; ++i)
    {
      const long double factor = a[i][k] / a[k][k];
      for (unsigned int j = k; j < n; ++j)
        a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (unsigned int k = n; k-- > 0;)
  {
    for (unsigned int j = k + 1; j < n; ++j)
      b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

/// J by Gaussian conditioning: the eliminated unknowns enter as a covariance, J = 1/2 r^T (Gamma + A S A^T)^-1 r with
/// r = d - d0 - D abar; unknowns without prior get a variance that is wide beside the data.
long double conditioned_value(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors,
                              const DataVector &d0, const std::vector<DataVector> &columns,
                              const std::vector<long double> &deviation)
{
  Row r;
  std::vector<long double> variance;
  for (const auto &set : sets)
    for (unsigned int i = 0; i < set.n_data(); ++i)
    {
      r.push_back((long double)set.value[i] - d0[r.size()]);
      variance.push_back((long double)set.sigma[i] * set.sigma[i] / set.weight);
    }
  const unsigned int n = r.size();
  std::vector<Row> covariance(n, Row(n, 0.));
  for (unsigned int i = 0; i < n; ++i)
  {
    covariance[i][i] = variance[i];
    for (unsigned int k = 0; k < columns.size(); ++k)
      for (unsigned int j = 0; j < n; ++j)
        covariance[i][j] += deviation[k] * deviation[k] * columns[k][i] * columns[k][j];
  }
  for (unsigned int k = 0; k < priors.size(); ++k)
    for (unsigned int i = 0; i < n; ++i)
      r[i] -= (long double)priors[k].mean * columns[k][i];
  const Row x = solve_dense(covariance, r);
  long double value = 0;
  for (unsigned int i = 0; i < n; ++i)
    value += r[i] * x[i] / 2;
  return value;
}

struct Problem
{
  std::vector<DataSet> sets;
  DataVector d0;
  std::vector<DataVector> responses;

  Problem(const std::vector<DataSet> &data_sets, const unsigned int n_strengths, const double scale = 1)
      : sets(data_sets)
  {
    std::mt19937 generator(3);
    std::normal_distribution<double> normal;
    responses.resize(n_strengths);
    for (auto &set : sets)
      for (unsigned int i = 0; i < set.n_data(); ++i)
      {
        set.value[i] *= scale;
        set.sigma[i] *= scale;
        d0.push_back(scale * 5e-3 * normal(generator));
        for (auto &response : responses)
          response.push_back(scale * 1e-8 * normal(generator)); // metres per unit strength: a small number, as for m^3
      }
  }
  unsigned int n() const { return d0.size(); }
};

std::vector<DataSet> mixed_sets()
{
  DataSet third = ascending("ramp");
  third.name = "des";
  third.weight = 1.9;
  return {gnss("offset", "frame"), ascending("offset", "frame"), third};
}

const std::vector<StrengthPrior> two_priors = {{"chamber", 2e5, 3e5}, {"sill", -1e5, 4e5}};

// J with the nuisance terms and strengths eliminated is the value of a Gaussian in which they were unknown from the
// start. Terms without prior get a standard deviation of 1e4 times the data's, whose effect is 1e-8 relative; a larger
// one would lose the covariance to rounding.
TEST(GaussianMisfit, EqualsConditionedGaussian)
{
  const Problem p(mixed_sets(), 2);
  const GaussianMisfit misfit(p.sets, two_priors);
  std::vector<DataVector> columns = p.responses;
  // The nuisance columns once more, written out by hand.
  for (unsigned int c = 0; c < 3; ++c)
  {
    columns.emplace_back();
    for (unsigned int i = 0; i < p.sets[0].n_data(); ++i)
      columns.back().push_back(p.sets[0].component[i] == c ? 1 : 0);
    for (unsigned int i = 0; i < p.sets[1].n_data(); ++i)
      columns.back().push_back(p.sets[1].direction[i][c]);
    columns.back().resize(p.n(), 0.);
  }
  for (unsigned int k = 0; k < 3; ++k)
  {
    columns.emplace_back(p.sets[0].n_data() + p.sets[1].n_data(), 0.);
    for (unsigned int i = 0; i < p.sets[2].n_data(); ++i)
      columns.back().push_back(k == 0 ? 1. : p.sets[2].row_points[p.sets[2].row[i]][k - 1] / 1000);
  }
  const std::vector<long double> deviation = {3e5, 4e5, 10, 10, 10, 10, 10, 10};
  const long double expected = conditioned_value(p.sets, two_priors, p.d0, columns, deviation);
  EXPECT_NEAR(misfit.evaluate(p.d0, p.responses).value / expected, 1., 1e-7);
}

namespace
{
void compare_with_dense_least_squares(const std::vector<StrengthPrior> &priors)
{
  const unsigned int n_strengths = priors.size();
  const Problem p(mixed_sets(), n_strengths);
  const GaussianMisfit misfit(p.sets, priors);
  const Misfit::Evaluation result = misfit.evaluate(p.d0, p.responses);

  std::vector<DataVector> columns = p.responses;
  const NuisanceTerms terms(p.sets);
  columns.insert(columns.end(), terms.columns.begin(), terms.columns.end());
  const unsigned int k = columns.size();
  std::vector<Row> normal(k, Row(k, 0.));
  Row right(k, 0.), inverse_variance;
  for (const auto &set : p.sets)
    for (unsigned int i = 0; i < set.n_data(); ++i)
      inverse_variance.push_back(set.weight / ((long double)set.sigma[i] * set.sigma[i]));
  for (unsigned int a = 0; a < k; ++a)
    for (unsigned int i = 0; i < p.n(); ++i)
    {
      right[a] += inverse_variance[i] * columns[a][i] * ((long double)misfit.observed()[i] - p.d0[i]);
      for (unsigned int b = 0; b < k; ++b)
        normal[a][b] += inverse_variance[i] * columns[a][i] * columns[b][i];
    }
  for (unsigned int a = 0; a < n_strengths; ++a)
    if (const long double sigma = priors[a].sigma; sigma > 0)
    {
      normal[a][a] += 1 / (sigma * sigma);
      right[a] += priors[a].mean / (sigma * sigma);
    }
  const Row x = solve_dense(normal, right);
  long double value = 0;
  for (unsigned int a = 0; a < n_strengths; ++a)
    if (const long double sigma = priors[a].sigma; sigma > 0)
      value += (x[a] - priors[a].mean) * (x[a] - priors[a].mean) / (sigma * sigma) / 2;
  for (unsigned int i = 0; i < p.n(); ++i)
  {
    long double r = (long double)p.d0[i] - misfit.observed()[i];
    for (unsigned int a = 0; a < k; ++a)
      r += x[a] * columns[a][i];
    value += inverse_variance[i] * r * r / 2;
    EXPECT_NEAR(result.residual[i], r, 1e-15);
    EXPECT_NEAR(result.adjoint_source[i] / (inverse_variance[i] * r), 1., 1e-9);
  }
  EXPECT_NEAR(result.value / value, 1., 1e-12);
  ASSERT_EQ(result.strengths.size(), n_strengths);
  for (unsigned int a = 0; a < n_strengths; ++a)
    EXPECT_NEAR(result.strengths[a] / x[a], 1., 1e-11);
  ASSERT_EQ(result.nuisance.size(), k - n_strengths);
  for (unsigned int a = n_strengths; a < k; ++a)
    EXPECT_NEAR(result.nuisance[a - n_strengths] / x[a], 1., 1e-9);
  // Standard deviations are the roots of the diagonal of the inverse normal matrix.
  ASSERT_EQ(result.strength_deviations.size(), n_strengths);
  ASSERT_EQ(result.nuisance_deviations.size(), k - n_strengths);
  for (unsigned int a = 0; a < k; ++a)
  {
    Row unit(k, 0.);
    unit[a] = 1;
    const double deviation = std::sqrt((double)solve_dense(normal, unit)[a]);
    EXPECT_NEAR((a < n_strengths ? result.strength_deviations[a] : result.nuisance_deviations[a - n_strengths]) /
                    deviation,
                1., 1e-9);
    for (unsigned int b = 0; b < k; ++b)
    {
      Row other(k, 0.);
      other[b] = 1;
      const double size = deviation * std::sqrt((double)solve_dense(normal, other)[b]);
      EXPECT_NEAR(result.correlations[a][b], (double)solve_dense(normal, unit)[b] / size, 1e-8);
    }
  }
  // Without the nuisance terms: orthogonal to all of them, and what was taken away is a sum of them.
  const DataVector left = misfit.without_nuisance(p.d0);
  for (unsigned int a = n_strengths; a < k; ++a)
  {
    long double product = 0, size = 0;
    for (unsigned int i = 0; i < p.n(); ++i)
    {
      product += inverse_variance[i] * left[i] * columns[a][i];
      size += inverse_variance[i] * std::abs(p.d0[i] * columns[a][i]);
    }
    EXPECT_LT(std::abs(product), 1e-12 * size);
  }
  const DataVector again = misfit.without_nuisance(left);
  for (unsigned int i = 0; i < p.n(); ++i)
    EXPECT_NEAR(again[i], left[i], 1e-12 * std::abs(p.d0[i]) + 1e-18);
}
} // namespace

TEST(GaussianMisfit, EqualsDenseLeastSquares)
{
  compare_with_dense_least_squares({{"chamber", 0, 0}, {"sill", -1e5, 4e5}}); // the first without prior
}

// The terms alone take another way through the code: they are factorised once.
TEST(GaussianMisfit, NuisanceAloneEqualsDenseLeastSquares)
{
  compare_with_dense_least_squares({});
}

// J is quadratic in d0: a central difference has no truncation error.
TEST(GaussianMisfit, AdjointSourceIsTheGradientAfterElimination)
{
  const Problem p(mixed_sets(), 2);
  const GaussianMisfit misfit(p.sets, two_priors);
  const auto source = misfit.evaluate(p.d0, p.responses).adjoint_source;
  for (unsigned int i = 0; i < p.n(); i += 3)
  {
    DataVector plus = p.d0, minus = p.d0;
    const double h = 1e-2;
    plus[i] += h;
    minus[i] -= h;
    const double difference =
        (misfit.evaluate(plus, p.responses).value - misfit.evaluate(minus, p.responses).value) / (2 * h);
    EXPECT_NEAR(source[i], difference, 1e-9 * std::abs(difference) + 1e-7);
  }
}

TEST(GaussianMisfit, IncrementIsTheDerivativeOfTheEliminatedUnknowns)
{
  const Problem p(mixed_sets(), 2);
  const GaussianMisfit misfit(p.sets, two_priors);
  std::mt19937 generator(4);
  std::normal_distribution<double> normal;
  DataVector d_hat, moved = p.d0;
  for (unsigned int i = 0; i < p.n(); ++i)
  {
    d_hat.push_back(1e-2 * normal(generator));
    moved[i] += d_hat[i];
  }
  const auto before = misfit.evaluate(p.d0, p.responses), after = misfit.evaluate(moved, p.responses);
  const auto increment = misfit.increment(before, d_hat, p.responses, {}, Misfit::Curvature::exact);
  for (unsigned int j = 0; j < 2; ++j)
    EXPECT_NEAR(increment.strengths[j] / (after.strengths[j] - before.strengths[j]), 1, 1e-10);
  for (unsigned int j = 0; j < increment.nuisance.size(); ++j)
    EXPECT_NEAR(increment.nuisance[j] / (after.nuisance[j] - before.nuisance[j]), 1, 1e-9);
  for (unsigned int i = 0; i < p.n(); ++i)
  {
    EXPECT_NEAR(increment.adjoint_source[i], after.adjoint_source[i] - before.adjoint_source[i], 1e-8);
    EXPECT_NEAR(increment.predicted[i], after.predicted[i] - before.predicted[i], 1e-12);
  }
}

// A linear term extra . a in J is the same as prior means moved by -s^2 extra.
TEST(GaussianMisfit, ExtraTermMovesThePriorMean)
{
  const Problem p(mixed_sets(), 2);
  const std::vector<double> extra = {2e-6, -5e-6};
  std::vector<StrengthPrior> moved = two_priors;
  for (unsigned int j = 0; j < 2; ++j)
    moved[j].mean -= moved[j].sigma * moved[j].sigma * extra[j];
  const GaussianMisfit misfit(p.sets, two_priors), misfit_moved(p.sets, moved);
  const auto before = misfit.evaluate(p.d0, p.responses), after = misfit_moved.evaluate(p.d0, p.responses);
  const auto increment = misfit.increment(before, DataVector(p.n(), 0.), p.responses, extra, Misfit::Curvature::exact);
  for (unsigned int j = 0; j < 2; ++j)
    EXPECT_NEAR(increment.strengths[j] / (after.strengths[j] - before.strengths[j]), 1, 1e-9);
  for (unsigned int j = 0; j < increment.nuisance.size(); ++j)
    EXPECT_NEAR(increment.nuisance[j] / (after.nuisance[j] - before.nuisance[j]), 1, 1e-8);
}

TEST(GaussianMisfit, ScalesWithTheData)
{
  const auto run = [](const double scale) {
    const Problem p(mixed_sets(), 2, scale);
    return GaussianMisfit(p.sets, two_priors).evaluate(p.d0, p.responses);
  };
  const auto plain = run(1);
  for (const double scale : {1e-160, 1e-25, 1e-9, std::ldexp(1., -532)})
  {
    const auto scaled = run(scale);
    EXPECT_NEAR(scaled.value / plain.value, 1, 1e-12) << scale;
    EXPECT_NEAR(scaled.chi_squared / plain.chi_squared, 1, 1e-12) << scale;
    for (unsigned int j = 0; j < 2; ++j)
      EXPECT_NEAR(scaled.strengths[j] / plain.strengths[j], 1, 1e-11) << scale;
    for (unsigned int j = 0; j < plain.nuisance.size(); ++j)
      EXPECT_NEAR(scaled.nuisance[j] / scale / plain.nuisance[j], 1, 1e-10) << scale;
    for (unsigned int i = 0; i < plain.residual.size(); ++i)
      EXPECT_NEAR(scaled.adjoint_source[i] * scale / plain.adjoint_source[i], 1, 1e-9) << scale;
  }
}

TEST(GaussianMisfit, KnownStrengthsAndNoNuisance)
{
  auto parameters = set_parameters("set");
  parameters.weight = 4;
  const std::vector<DataSet> sets = {read_text("x,y,up,sigma_up\n0,0,3,0.5\n1,0,1,2\n", parameters)};
  const GaussianMisfit misfit(sets, {});
  const auto result = misfit.evaluate({4, -1}, {});
  EXPECT_DOUBLE_EQ(result.chi_squared, 4 + 1);
  EXPECT_DOUBLE_EQ(result.value, 2. * (4 + 1));
  EXPECT_DOUBLE_EQ(result.adjoint_source[0], 4 * 1 / 0.25);
  EXPECT_DOUBLE_EQ(result.adjoint_source[1], 4 * -2 / 4.);
  EXPECT_DOUBLE_EQ(misfit.increment(result, {1, 0}, {}, {}, Misfit::Curvature::exact).adjoint_source[0], 16.);
}

TEST(GaussianMisfit, NamesTheTerms)
{
  const GaussianMisfit misfit(mixed_sets(), two_priors);
  const std::vector<std::string> expected = {"frame: east offset (m)",
                                             "frame: north offset (m)",
                                             "frame: up offset (m)",
                                             "des: line-of-sight offset (m)",
                                             "des: line-of-sight slope to the east (m/m)",
                                             "des: line-of-sight slope to the north (m/m)"};
  EXPECT_EQ(misfit.nuisance_names(), expected);
}

// A ramp is zero in the middle of the points' bounding box, so that the offset beside it is that of the middle; it
// grows by one a metre to the east and to the north. Points by hand: x from 1000 to 4000, y from -300 to 500; the
// middle is (2500, 100).
TEST(GaussianMisfit, RampsCountFromTheMiddleOfTheirPoints)
{
  auto parameters = set_parameters("track");
  parameters.nuisance = "ramp";
  const DataSet track = read_text(
      "x,y,los,sigma,incidence,heading\n1000,500,0,1,35,-11\n4000,0,0,1,35,-11\n1500,-300,0,1,35,-11\n", parameters);
  const NuisanceTerms terms({track});
  EXPECT_EQ(terms.columns, (std::vector<std::vector<double>>{{1, 1, 1}, {-1500, 1500, -1000}, {400, -100, -400}}));
  // A section has x alone, and its components each their own terms.
  const DataSet section =
      read_text("x,east,up,sigma_east,sigma_up\n1000,0,0,1,1\n4000,0,0,1,1\n1500,0,0,1,1\n", parameters);
  const NuisanceTerms of_section({section});
  EXPECT_EQ(of_section.columns,
            (std::vector<std::vector<double>>{
                {1, 0, 1, 0, 1, 0}, {-1500, 0, 1500, 0, -1000, 0}, {0, 1, 0, 1, 0, 1}, {0, -1500, 0, 1500, 0, -1000}}));
}

TEST(GaussianMisfit, RefusesUndeterminedTerms)
{
  const auto message = [](const auto &action) {
    try
    {
      action();
    }
    catch (const InputError &error)
    {
      return std::string(error.what());
    }
    return std::string();
  };
  auto parameters = set_parameters("pair");
  parameters.nuisance = "ramp";
  const DataSet pair = read_text("x,y,up,sigma_up\n0,0,3,0.5\n1,0,1,2\n", parameters);
  EXPECT_NE(message([&] { GaussianMisfit({pair}, {}); }).find("pair: up slope"), std::string::npos);

  const Problem p({gnss("none")}, 2);
  const GaussianMisfit misfit(p.sets, {{"chamber", 0, 0}, {"sill", 0, 0}});
  EXPECT_NE(message([&] {
              misfit.evaluate(p.d0, {p.responses[0], DataVector(p.n(), 0.)});
            }).find("sill"),
            std::string::npos);
  EXPECT_NE(message([&] {
              misfit.evaluate(p.d0, {p.responses[0], p.responses[0]});
            }).find("strength"),
            std::string::npos);
  // A prior makes the same strength known.
  const GaussianMisfit with_prior(p.sets, {{"chamber", 0, 0}, {"sill", 7, 1}});
  EXPECT_NEAR(with_prior.evaluate(p.d0, {p.responses[0], DataVector(p.n(), 0.)}).strengths[1], 7, 1e-12);

  EXPECT_NE(message([&] {
              GaussianMisfit({gnss("offset", "frame"), ascending("ramp", "frame")}, {});
            }).find("same Nuisance"),
            std::string::npos);
}

} // namespace
} // namespace lodestone
