#include <lodestone/base/error.h>
#include <lodestone/observation/linear_terms.h>

#include <deal.II/base/exceptions.h>

#include <cmath>

namespace lodestone
{

LinearTerms::LinearTerms(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors)
    : priors_(priors), nuisance_(sets)
{
  for (const StrengthPrior &prior : priors_)
    if (!(std::isfinite(prior.mean) && std::isfinite(prior.sigma) && prior.sigma >= 0))
      throw InputError(prior.name, "the prior of the strength has a mean or a standard deviation that cannot be used",
                       "Both are finite, and the standard deviation is not negative (0: no prior).");
}

const DataVector &LinearTerms::column(const std::vector<DataVector> &responses, const unsigned int k) const
{
  return k < responses.size() ? responses[k] : nuisance_.columns[k - responses.size()];
}

void LinearTerms::add(const std::vector<DataVector> &responses, const std::vector<double> &x, DataVector &d) const
{
  AssertDimension(responses.size(), n_strengths());
  for (unsigned int k = 0; k < x.size(); ++k)
  {
    const DataVector &term = column(responses, k);
    for (unsigned int i = 0; i < d.size(); ++i)
      d[i] += x[k] * term[i];
  }
}

void LinearTerms::subtract_nuisance(const std::vector<double> &b, DataVector &d) const
{
  AssertDimension(b.size(), nuisance_.columns.size());
  for (unsigned int k = 0; k < b.size(); ++k)
    for (unsigned int i = 0; i < d.size(); ++i)
      d[i] -= b[k] * nuisance_.columns[k][i];
}

LeastSquares LinearTerms::factorize(const std::vector<DataVector> &responses,
                                    const std::function<void(DataVector &)> &whiten) const
{
  AssertDimension(responses.size(), n_strengths());
  std::vector<std::vector<double>> columns;
  for (unsigned int k = 0; k < size(); ++k)
  {
    columns.push_back(column(responses, k));
    whiten(columns.back());
    const std::size_t n_data = columns.back().size();
    columns.back().resize(n_data + n_strengths(), 0.);
    if (k < n_strengths() && priors_[k].sigma > 0)
      columns.back()[n_data + k] = 1 / priors_[k].sigma;
  }
  LeastSquares system(std::move(columns));
  refuse_deficient(system, n_strengths());
  return system;
}

LeastSquares LinearTerms::factorize_nuisance(const std::function<void(DataVector &)> &whiten) const
{
  std::vector<std::vector<double>> columns = nuisance_.columns;
  for (auto &term : columns)
    whiten(term);
  LeastSquares system(std::move(columns));
  refuse_deficient(system, 0);
  return system;
}

void LinearTerms::refuse_deficient(const LeastSquares &system, const unsigned int n_strengths) const
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

std::vector<double> LinearTerms::prior_residual(const std::vector<double> &x) const
{
  std::vector<double> residual(n_strengths(), 0.);
  for (unsigned int j = 0; j < n_strengths(); ++j)
    if (priors_[j].sigma > 0)
      residual[j] = (priors_[j].mean - x[j]) / priors_[j].sigma;
  return residual;
}

void LinearTerms::split(const std::vector<double> &x, std::vector<double> &strengths,
                        std::vector<double> &nuisance) const
{
  strengths.assign(x.begin(), x.begin() + n_strengths());
  nuisance.assign(x.begin() + n_strengths(), x.end());
}

} // namespace lodestone
