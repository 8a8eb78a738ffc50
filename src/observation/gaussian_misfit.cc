#include <lodestone/base/error.h>
#include <lodestone/observation/gaussian_misfit.h>

#include <deal.II/base/exceptions.h>

#include <cmath>

namespace lodestone
{

GaussianMisfit::GaussianMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors)
    : priors_(priors), nuisance_(sets)
{
  for (const DataSet &set : sets)
  {
    observed_.insert(observed_.end(), set.value.begin(), set.value.end());
    sigma_.insert(sigma_.end(), set.sigma.begin(), set.sigma.end());
    root_weight_.insert(root_weight_.end(), set.n_data(), std::sqrt(set.weight));
  }
  for (const StrengthPrior &prior : priors_)
    if (!(std::isfinite(prior.mean) && std::isfinite(prior.sigma) && prior.sigma >= 0))
      throw InputError(prior.name, "the prior of the strength has a mean or a standard deviation that cannot be used",
                       "Both are finite, and the standard deviation is not negative (0: no prior).");

  std::vector<std::vector<double>> columns = nuisance_.columns;
  for (auto &column : columns)
    for (unsigned int i = 0; i < n_data(); ++i)
      column[i] = whitened(i, column[i]);
  nuisance_alone_ = LeastSquares(std::move(columns));
  refuse_deficient(nuisance_alone_, 0);
}

void GaussianMisfit::refuse_deficient(const LeastSquares &system, const unsigned int n_strengths) const
{
  if (system.deficient().empty())
    return;
  const unsigned int term = system.deficient().front();
  const bool strength = term < n_strengths;
  throw InputError(strength ? priors_[term].name : nuisance_.names[term - n_strengths],
                   std::string("the data do not determine ") + (strength ? "this load's strength" : "this term") +
                       ": no datum depends on it, or other offsets, ramps and strengths have the same effect",
                   strength ? "Give the strength a value, or a prior with a standard deviation."
                            : "Set Nuisance = none or offset in this data set, or share the term.");
}

DataVector GaussianMisfit::inverse_sigma() const
{
  DataVector weights(sigma_.size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = whitened(i, 1.);
  return weights;
}

LeastSquares GaussianMisfit::factorize(const std::vector<DataVector> &responses) const
{
  AssertDimension(responses.size(), priors_.size());
  const unsigned int n_strengths = responses.size(), n_rows = n_data() + n_strengths;
  std::vector<std::vector<double>> columns(n_strengths + nuisance_.columns.size(), std::vector<double>(n_rows, 0.));
  for (unsigned int k = 0; k < columns.size(); ++k)
  {
    const DataVector &column = k < n_strengths ? responses[k] : nuisance_.columns[k - n_strengths];
    AssertDimension(column.size(), n_data());
    for (unsigned int i = 0; i < n_data(); ++i)
      columns[k][i] = whitened(i, column[i]);
    if (k < n_strengths && priors_[k].sigma > 0)
      columns[k][n_data() + k] = 1 / priors_[k].sigma;
  }
  LeastSquares system(std::move(columns));
  refuse_deficient(system, n_strengths);
  return system;
}

void GaussianMisfit::add_terms(const std::vector<DataVector> &responses, const std::vector<double> &x,
                               DataVector &y) const
{
  for (unsigned int k = 0; k < x.size(); ++k)
  {
    const DataVector &column = k < responses.size() ? responses[k] : nuisance_.columns[k - responses.size()];
    for (unsigned int i = 0; i < n_data(); ++i)
      y[i] += x[k] * column[i];
  }
}

Misfit::Evaluation GaussianMisfit::evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const
{
  AssertDimension(d0.size(), n_data());
  const unsigned int n_strengths = responses.size();
  std::vector<double> y(n_data() + n_strengths, 0.);
  for (unsigned int i = 0; i < n_data(); ++i)
    y[i] = whitened(i, observed_[i] - d0[i]);
  for (unsigned int j = 0; j < n_strengths; ++j)
    if (priors_[j].sigma > 0)
      y[n_data() + j] = priors_[j].mean / priors_[j].sigma;
  const LeastSquares with_strengths = n_strengths == 0 ? LeastSquares() : factorize(responses);
  const LeastSquares &system = n_strengths == 0 ? nuisance_alone_ : with_strengths;
  const std::vector<double> x = system.solve(y), deviations = system.deviations();

  Evaluation result;
  result.strengths.assign(x.begin(), x.begin() + n_strengths);
  result.nuisance.assign(x.begin() + n_strengths, x.end());
  result.strength_deviations.assign(deviations.begin(), deviations.begin() + n_strengths);
  result.nuisance_deviations.assign(deviations.begin() + n_strengths, deviations.end());
  result.predicted = d0;
  add_terms(responses, x, result.predicted);
  result.residual.resize(n_data());
  result.adjoint_source.resize(n_data());
  for (unsigned int i = 0; i < n_data(); ++i)
  {
    result.residual[i] = result.predicted[i] - observed_[i];
    const double unweighted = result.residual[i] / sigma_[i], r = unweighted * root_weight_[i];
    result.value += r * r / 2;
    result.chi_squared += unweighted * unweighted;
    result.adjoint_source[i] = whitened(i, r);
  }
  for (unsigned int j = 0; j < n_strengths; ++j)
    if (priors_[j].sigma > 0)
    {
      const double r = (x[j] - priors_[j].mean) / priors_[j].sigma;
      result.value += r * r / 2;
    }
  return result;
}

Misfit::Increment GaussianMisfit::increment(const DataVector &d_hat, const std::vector<DataVector> &responses,
                                            const std::vector<double> &extra) const
{
  AssertDimension(d_hat.size(), n_data());
  Assert(extra.empty() || extra.size() == responses.size(),
         dealii::ExcDimensionMismatch(extra.size(), responses.size()));
  const unsigned int n_strengths = responses.size();
  const LeastSquares with_strengths = n_strengths == 0 ? LeastSquares() : factorize(responses);
  const LeastSquares &system = n_strengths == 0 ? nuisance_alone_ : with_strengths;
  std::vector<double> y(n_data() + n_strengths, 0.);
  for (unsigned int i = 0; i < n_data(); ++i)
    y[i] = -whitened(i, d_hat[i]);
  std::vector<double> x = system.solve(y);
  if (!extra.empty())
  {
    std::vector<double> g(x.size(), 0.);
    std::copy(extra.begin(), extra.end(), g.begin());
    const std::vector<double> correction = system.solve_normal(g);
    for (unsigned int k = 0; k < x.size(); ++k)
      x[k] -= correction[k];
  }

  Increment result;
  result.strengths.assign(x.begin(), x.begin() + n_strengths);
  result.nuisance.assign(x.begin() + n_strengths, x.end());
  result.adjoint_source = d_hat;
  add_terms(responses, x, result.adjoint_source);
  for (unsigned int i = 0; i < n_data(); ++i)
    result.adjoint_source[i] = whitened(i, whitened(i, result.adjoint_source[i]));
  return result;
}

} // namespace lodestone
