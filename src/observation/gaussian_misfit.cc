#include <lodestone/observation/gaussian_misfit.h>

#include <deal.II/base/exceptions.h>

namespace lodestone
{

GaussianMisfit::GaussianMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors,
                               const MPI_Comm comm)
    : noise_(sets, comm), terms_(sets, priors)
{
  for (const DataSet &set : sets)
    observed_.insert(observed_.end(), set.value.begin(), set.value.end());
  nuisance_alone_ = terms_.factorize_nuisance([&](DataVector &column) { noise_.whiten(column); });
}

LeastSquares GaussianMisfit::with_strengths(const std::vector<DataVector> &responses) const
{
  return responses.empty() ? LeastSquares()
                           : terms_.factorize(responses, [&](DataVector &column) { noise_.whiten(column); });
}

Misfit::Evaluation GaussianMisfit::evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const
{
  AssertDimension(d0.size(), n_data());
  DataVector y = observed_;
  for (unsigned int i = 0; i < n_data(); ++i)
    y[i] -= d0[i];
  noise_.whiten(y);
  const std::vector<double> prior_rows = terms_.prior_residual(std::vector<double>(terms_.size(), 0.));
  y.insert(y.end(), prior_rows.begin(), prior_rows.end());
  const LeastSquares own = with_strengths(responses);
  const LeastSquares &system = responses.empty() ? nuisance_alone_ : own;
  const std::vector<double> x = system.solve(y);

  Evaluation result;
  terms_.split(x, result.strengths, result.nuisance);
  terms_.split(system.deviations(), result.strength_deviations, result.nuisance_deviations);
  result.correlations = system.correlations();
  result.predicted = d0;
  terms_.add(responses, x, result.predicted);
  result.residual = result.predicted;
  for (unsigned int i = 0; i < n_data(); ++i)
    result.residual[i] -= observed_[i];
  result.adjoint_source = result.residual;
  noise_.whiten(result.adjoint_source);
  for (const double r : result.adjoint_source)
    result.value += r * r / 2;
  result.standardized = result.adjoint_source;
  noise_.take_weights_out(result.standardized);
  for (const double r : result.standardized)
    result.chi_squared += r * r;
  result.typical_chi_squared = result.chi_squared;
  noise_.whiten_transpose(result.adjoint_source);
  for (const double r : terms_.prior_residual(x))
    result.value += r * r / 2;
  return result;
}

Misfit::Increment GaussianMisfit::increment(const Evaluation & /*at*/, const DataVector &d_hat,
                                            const std::vector<DataVector> &responses, const std::vector<double> &extra,
                                            const Curvature /*curvature*/) const
{
  AssertDimension(d_hat.size(), n_data());
  Assert(extra.empty() || extra.size() == responses.size(),
         dealii::ExcDimensionMismatch(extra.size(), responses.size()));
  const LeastSquares own = with_strengths(responses);
  const LeastSquares &system = responses.empty() ? nuisance_alone_ : own;
  std::vector<double> y = d_hat;
  noise_.whiten(y);
  for (double &entry : y)
    entry = -entry;
  y.resize(n_data() + responses.size(), 0.);
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
  terms_.split(x, result.strengths, result.nuisance);
  result.adjoint_source = d_hat;
  terms_.add(responses, x, result.adjoint_source);
  result.predicted = result.adjoint_source;
  noise_.whiten(result.adjoint_source);
  noise_.whiten_transpose(result.adjoint_source);
  return result;
}

DataVector GaussianMisfit::without_nuisance(DataVector d) const
{
  DataVector whitened = d;
  noise_.whiten(whitened);
  std::vector<double> b = nuisance_alone_.solve(std::move(whitened));
  terms_.subtract_nuisance(b, d);
  return d;
}

} // namespace lodestone
