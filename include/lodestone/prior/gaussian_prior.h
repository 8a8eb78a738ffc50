#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <memory>

namespace lodestone
{

class Precision;

/// The prior that a list of squares with fixed weights makes, times the factor f:
///
///   J(m) = f/2 sum_t w_t (a_t m - c_t)^2 = f/2 (m - mean)^T R_1 (m - mean) + f J_least,   R_1 = A^T A,   R = f R_1
///
/// The mean solves R_1 mean = A^T W^(1/2) c, and J_least is what remains of the squares there: both are 0 where all
/// targets are. exp(-J) is the Gaussian density with this mean and the covariance R^-1; its samples are
/// mean + f^(-1/2) R_1^-1 A^T xi, xi one standard normal number per square.
///
/// R_1 is assembled (see Precision): about 84 bytes per unknown on a box, and as much again for the multigrid
/// hierarchy. The squares are not held in memory; each sample walks through them.
class GaussianPrior : public Prior
{
public:
  /// Collective.
  /// @param squares determine every unknown: R is positive definite. What they refer to lives as long as the prior.
  /// @throws SolverError when there are targets and the mean could not be solved for
  GaussianPrior(std::shared_ptr<const ParameterLayout> layout, std::shared_ptr<const Squares> squares);
  ~GaussianPrior() override;

  const ParameterVector &mean() const { return mean_; }

  double value(const ParameterVector &m) const override;
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override;
  void add_precision(const ParameterVector &m_hat, ParameterVector &out) const override;
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override;
  void precondition(const ParameterVector &dual, ParameterVector &out) const override;
  SolveReport sample(std::uint64_t seed, ParameterVector &out) const override;
  void add_noise(std::uint64_t seed, ParameterVector &out) const override;
  std::shared_ptr<const Squares> squares() const override { return squares_; }

private:
  void find_mean();
  /// m - mean, and R_1 times it.
  void deviate(const ParameterVector &m, DistributedVector &deviation, DistributedVector &product) const;
  /// sum_t numbers(t) sqrt(w_t) a_t
  DistributedVector weighted_sum(const std::function<double(const Square &)> &numbers) const;

  std::shared_ptr<const ParameterLayout> layout_;
  std::shared_ptr<const Squares> squares_;
  std::unique_ptr<Precision> precision_;
  ParameterVector mean_;
  double least_value_ = 0; ///< J_least
};

} // namespace lodestone
