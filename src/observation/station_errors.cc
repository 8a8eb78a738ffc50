#include <lodestone/base/error.h>
#include <lodestone/observation/station_errors.h>

#include <cmath>

namespace lodestone
{

StationErrors::StationErrors(const DataSet &set) : sigma_(set.sigma), factor_(3 * std::size_t(set.n_data()), 0.)
{
  constexpr double smallest_pivot = 1e-10; // of variances; whitened numbers keep about six digits
  for (unsigned int i = 0; i < set.n_data(); ++i)
    if (i == 0 || set.row[i] != set.row[i - 1])
      first_.push_back(i);
  first_.push_back(set.n_data());
  for (std::size_t b = 0; b + 1 < first_.size(); ++b)
    for (unsigned int i = first_[b]; i < first_[b + 1]; ++i)
    {
      double pivot = 1;
      for (unsigned int j = first_[b]; j < i; ++j)
      {
        double entry = set.component_correlation(i, j);
        for (unsigned int k = first_[b]; k < j; ++k)
          entry -= l(i, k, first_[b]) * l(j, k, first_[b]);
        entry /= l(j, j, first_[b]);
        factor_[3 * i + j - first_[b]] = entry;
        pivot -= entry * entry;
      }
      if (!(pivot > smallest_pivot))
        throw InputError(set.location(set.row[i]),
                         "the correlations of the components of " + set.datum_name(i) +
                             " are those of no covariance: it is not positive definite",
                         "Correlations lie between -1 and 1 and must agree with one another. Correct the columns, or "
                         "skip them: write - for them in the data set's entry Columns.");
      factor_[3 * i + i - first_[b]] = std::sqrt(pivot);
    }
}

void StationErrors::whiten(const MutableDataView d) const
{
  AssertDimension(d.size(), n_data());
  for (std::size_t b = 0; b + 1 < first_.size(); ++b)
    for (unsigned int i = first_[b]; i < first_[b + 1]; ++i)
    {
      d[i] /= sigma_[i];
      for (unsigned int j = first_[b]; j < i; ++j)
        d[i] -= l(i, j, first_[b]) * d[j];
      d[i] /= l(i, i, first_[b]);
    }
}

void StationErrors::whiten_transpose(const MutableDataView w) const
{
  AssertDimension(w.size(), n_data());
  for (std::size_t b = 0; b + 1 < first_.size(); ++b)
  {
    for (unsigned int i = first_[b + 1]; i-- > first_[b];)
    {
      for (unsigned int j = i + 1; j < first_[b + 1]; ++j)
        w[i] -= l(j, i, first_[b]) * w[j];
      w[i] /= l(i, i, first_[b]);
    }
    for (unsigned int i = first_[b]; i < first_[b + 1]; ++i)
      w[i] /= sigma_[i];
  }
}

void StationErrors::colour(const MutableDataView w) const
{
  AssertDimension(w.size(), n_data());
  for (std::size_t b = 0; b + 1 < first_.size(); ++b)
    for (unsigned int i = first_[b + 1]; i-- > first_[b];)
    {
      double sum = 0;
      for (unsigned int j = first_[b]; j <= i; ++j)
        sum += l(i, j, first_[b]) * w[j];
      w[i] = sigma_[i] * sum;
    }
}

double StationErrors::log_determinant() const
{
  double sum = 0;
  for (std::size_t b = 0; b + 1 < first_.size(); ++b)
    for (unsigned int i = first_[b]; i < first_[b + 1]; ++i)
      sum += std::log(sigma_[i]) + std::log(l(i, i, first_[b]));
  return 2 * sum;
}

} // namespace lodestone
