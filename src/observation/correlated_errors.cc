#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/correlated_errors.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// Entries of the correlation matrix of a set's data.
class CorrelationMatrix
{
public:
  explicit CorrelationMatrix(const DataSet &set) : set_(set)
  {
    for (unsigned int i = 0; i < set.n_data(); ++i)
    {
      const double own = set.uncorrelated_sigma(i, set.value[i]);
      sill_.push_back(set.noise.sill.deviation(own) / set.sigma[i]);
      nugget_.push_back(set.noise.nugget.deviation(own) / set.sigma[i]);
    }
  }
  double operator()(const unsigned int i, const unsigned int j) const
  {
    if (i == j)
      return 1;
    const unsigned int a = set_.row[i], b = set_.row[j];
    if (a == b)
      return nugget_[i] * nugget_[j] * set_.component_correlation(i, j);
    if (set_.component[i] != set_.component[j])
      return 0;
    const auto &p = set_.row_points[a], &q = set_.row_points[b];
    return sill_[i] * sill_[j] * set_.noise.rho(std::hypot(p[0] - q[0], p[1] - q[1]));
  }

private:
  const DataSet &set_;
  std::vector<double> sill_, nugget_; ///< roots of their shares of the variance
};

/// The number of data, which must not be too large. @throws InputError
unsigned int checked_size(const DataSet &set)
{
  const double n = set.n_data();
  if (n > CorrelatedErrors::most_data)
    throw InputError(set.where + "/Noise",
                     grouped(set.n_data()) + " data would have a covariance matrix of " + gigabytes(4 * n * n) +
                         ", and correlated noise is for at most " + grouped(CorrelatedErrors::most_data) + " data",
                     "Subsample the data: points that lie much closer than Range to one another tell little more than "
                     "one of them. Or set Noise = independent, with a small Weight.");
  return set.n_data();
}

} // namespace

CorrelatedErrors::CorrelatedErrors(const DataSet &set, const MPI_Comm comm)
    : sigma_(set.sigma), factor_(checked_size(set), set.n_data() > largest_replicated ? comm : MPI_COMM_SELF)
{
  factor_.fill(CorrelationMatrix(set));
  if (const auto failed = factor_.factorize(); failed)
    throw InputError(set.where + "/Noise",
                     "the covariance of the " + std::to_string(n_data()) +
                         " data is not positive definite: the error of " + set.datum_name(*failed) +
                         " follows from the errors of the data before it",
                     "Give a larger Nugget, which errors of neighbouring points do not share, or Noise = exponential; "
                     "a gaussian covariance needs a Nugget where points lie much closer than Range to one another.");
}

void CorrelatedErrors::whiten(const MutableDataView d) const
{
  for (unsigned int i = 0; i < n_data(); ++i)
    d[i] /= sigma_[i];
  factor_.solve(d);
}

void CorrelatedErrors::whiten_transpose(const MutableDataView w) const
{
  factor_.solve_transpose(w);
  for (unsigned int i = 0; i < n_data(); ++i)
    w[i] /= sigma_[i];
}

void CorrelatedErrors::colour(const MutableDataView w) const
{
  factor_.multiply(w);
  for (unsigned int i = 0; i < n_data(); ++i)
    w[i] *= sigma_[i];
}

double CorrelatedErrors::log_determinant() const
{
  double sum = factor_.log_determinant();
  for (const double sigma : sigma_)
    sum += 2 * std::log(sigma);
  return sum;
}

} // namespace lodestone
