#pragma once

#include <lodestone/observation/noise.h>

#include <vector>

namespace lodestone
{

/// Errors that know nothing of each other: Gamma = diag(sigma_i^2), W = diag(1 / sigma_i).
class IndependentErrors : public Noise
{
public:
  /// @param sigma standard deviations (m), all above zero
  explicit IndependentErrors(std::vector<double> sigma) : sigma_(std::move(sigma)) {}

  unsigned int n_data() const override { return sigma_.size(); }
  void whiten(MutableDataView d) const override;
  void whiten_transpose(MutableDataView w) const override;
  void colour(MutableDataView w) const override;
  double log_determinant() const override;

private:
  std::vector<double> sigma_;
};

} // namespace lodestone
