#pragma once

#include <lodestone/observation/distributed_cholesky.h>
#include <lodestone/observation/noise.h>

namespace lodestone
{

/// Errors of one data set that are correlated between points (NoiseModel): Gamma = D R D with D = diag(sigma_i), R = L
/// L^T the correlation matrix, W = L^-1 D^-1.
///
/// Whitened number i is what datum i adds to those before it, in units of its conditional standard deviation. Sets of up
/// to `largest_replicated` data are factorised on every rank; larger ones are dealt to all ranks (DistributedCholesky),
/// and all functions are collective then. Failures: InputError for too many data, and for a covariance that is not
/// positive definite.
class CorrelatedErrors : public Noise
{
public:
  /// @param set its noise correlates points
  CorrelatedErrors(const DataSet &set, MPI_Comm comm);

  unsigned int n_data() const override { return sigma_.size(); }
  void whiten(MutableDataView d) const override;
  void whiten_transpose(MutableDataView w) const override;
  void colour(MutableDataView w) const override;
  double log_determinant() const override;

  /// Returns the set. @throws InputError if it has more data than can be factorised, with the memory that it would take
  static const DataSet &check_size(const DataSet &set);
  static constexpr unsigned int largest_replicated = 1000, most_data = 20000;

private:
  std::vector<double> sigma_; ///< m
  DistributedCholesky factor_;
};

} // namespace lodestone
