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
      const double own = set.uncorrelated_sigma(i, set.value[i]), all = set.noise.deviation(own) / set.noise.factor;
      sill_.push_back(set.noise.sill.deviation(own) / all);
      nugget_.push_back(set.noise.nugget.deviation(own) / all);
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

/// Fills the correlation matrix from the set's covariance file. Collective. @throws InputError if it is not symmetric
void fill_from_file(const DataSet &set, const MPI_Comm comm, DistributedCholesky &factor)
{
  constexpr double as_printed = 1e-6; // of six digits
  const std::vector<double> &deviation = set.covariance->deviations();
  std::vector<double> kept(set.n_data());
  unsigned int next = 0;
  set.covariance->for_each_row(comm, [&](const unsigned int i, const std::vector<double> &row) {
    if (next == set.n_data() || set.covariance_row[next] != i)
      return; // its point is outside the mesh
    for (unsigned int j = 0; j < kept.size(); ++j)
    {
      const unsigned int k = set.covariance_row[j];
      kept[j] = row[k] / deviation[i] / deviation[k];
    }
    if (const auto different = factor.set_row(next, kept, as_printed); different)
      throw InputError(set.where + "/Covariance file",
                       set.covariance->file() + " is not symmetric: the covariance of data " + std::to_string(i + 1) +
                           " and " + std::to_string(set.covariance_row[*different] + 1) +
                           " differs from that of the same data in the other order",
                       "Correct the file.");
    ++next;
  });
}

} // namespace

const DataSet &CorrelatedErrors::check_size(const DataSet &set)
{
  const double n = set.n_data();
  if (n > most_data)
    throw InputError(set.where + "/Noise",
                     grouped(set.n_data()) + " data would have a covariance matrix of " + gigabytes(4 * n * n) +
                         ", and correlated noise is for at most " + grouped(most_data) + " data",
                     "Subsample the data: points that lie much closer than Range to one another tell little more than "
                     "one of them. Or set Noise = independent, with a small Weight.");
  return set;
}

CorrelatedErrors::CorrelatedErrors(const DataSet &set, const MPI_Comm comm)
    : sigma_(check_size(set).sigma), factor_(set.n_data(), set.n_data() > largest_replicated ? comm : MPI_COMM_SELF)
{
  if (set.covariance)
    fill_from_file(set, comm, factor_);
  else
    factor_.fill(CorrelationMatrix(set));
  if (const auto failed = factor_.factorize(); failed)
    throw InputError(
        set.where + "/Noise",
        "the covariance of the " + std::to_string(n_data()) + " data is not positive definite: the error of " +
            set.datum_name(*failed) + " follows from the errors of the data before it",
        set.covariance
            ? "Correct the covariance file."
            : "Give a larger Nugget, which errors of neighbouring points do not share, or Noise = exponential; "
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
