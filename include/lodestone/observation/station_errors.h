#pragma once

#include <lodestone/observation/noise.h>

#include <vector>

namespace lodestone
{

/// Errors whose components are correlated within a row, and with no other row: Gamma = diag(sigma) R diag(sigma), R of
/// blocks of at most 3 x 3, each with its Cholesky factor L. W = L^-1 diag(1 / sigma).
class StationErrors : public Noise
{
public:
  /// @param set its noise does not correlate points, and its rows have correlations of components
  explicit StationErrors(const DataSet &set);

  unsigned int n_data() const override { return sigma_.size(); }
  void whiten(MutableDataView d) const override;
  void whiten_transpose(MutableDataView w) const override;
  void colour(MutableDataView w) const override;
  double log_determinant() const override;

private:
  std::vector<double> sigma_;       ///< m
  std::vector<unsigned int> first_; ///< datum at which each row begins, and the number of data
  std::vector<double> factor_;      ///< L(i, j) at 3 i + j - first datum of the row

  double l(const unsigned int i, const unsigned int j, const unsigned int first) const
  {
    return factor_[3 * i + j - first];
  }
};

} // namespace lodestone
