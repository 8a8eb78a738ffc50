#pragma once

#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/noise.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// Noise of all data sets of a load case, each independent of the others, with the sets' weights in it.
///
/// A set of weight w counts as w times as many independent data as it has: its likelihood is taken to the power of w.
/// So w multiplies both terms of its negative logarithm, 1/2 w (|W_k r|^2 + ln det Gamma_k), and here
///
///     W               = diag(sqrt(w_k) W_k)
///     log_determinant = sum_k w_k ln det Gamma_k
///
/// This is not the logarithm of det (W^T W)^-1, which has the further terms -n_k ln w_k: with them, the sigma that
/// minimises the sum of both terms would depend on the weight.
class LoadCaseNoise : public Noise
{
public:
  /// Collective. @param comm ranks among which large covariance matrices are distributed
  explicit LoadCaseNoise(const std::vector<DataSet> &sets, MPI_Comm comm = MPI_COMM_SELF);

  unsigned int n_data() const override { return layout_.n_data(); }
  void whiten(MutableDataView d) const override;
  void whiten_transpose(MutableDataView w) const override;
  void colour(MutableDataView w) const override;
  double log_determinant() const override;

  /// W_k d_k of all sets, without their weights, from whitened data.
  void take_weights_out(DataVector &whitened) const;

private:
  DataLayout layout_;
  std::vector<std::unique_ptr<Noise>> noise_; ///< of each set
  std::vector<double> weight_, root_weight_;
};

} // namespace lodestone
