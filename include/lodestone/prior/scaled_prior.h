#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <memory>

namespace lodestone
{

/// A prior about a mean and with a standard deviation that changes from place to place:
///
///   J(m) = f J_0(z),   m = mean + D z,   R = f D^-1 R_0 D^-1
///
/// D is the diagonal of positive numbers s. Where J_0 is that of a Gaussian field of unit variance, m has the standard
/// deviations s and the correlations of z.
class ScaledPrior : public Prior
{
public:
  /// Collective. @param of_z J_0 @param deviations, mean primal vectors
  ScaledPrior(std::unique_ptr<Prior> of_z, const ParameterVector &deviations, const ParameterVector &mean);

  bool is_quadratic() const override { return of_z_->is_quadratic(); }
  void linearize_at(const ParameterVector &m) override;
  void add_to(RankState &state, const std::string &name) const override { of_z_->add_to(state, name); }
  void take_from(const RankState &state, const std::string &name) override { of_z_->take_from(state, name); }
  double value(const ParameterVector &m) const override;
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override;
  void add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const override;
  void add_precision(const ParameterVector &m_hat, ParameterVector &out) const override;
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override;
  void precondition(const ParameterVector &dual, ParameterVector &out) const override;
  SolveReport sample(std::uint64_t seed, ParameterVector &out) const override;
  void add_noise(std::uint64_t seed, ParameterVector &out) const override;
  std::shared_ptr<const Squares> squares() const override;

private:
  ParameterVector z(const ParameterVector &m) const;
  ParameterVector divided(const ParameterVector &v) const;
  ParameterVector multiplied(const ParameterVector &v) const;
  /// out += a D^-1 b
  void add_divided(double a, const ParameterVector &b, ParameterVector &out) const;

  std::unique_ptr<Prior> of_z_;
  ParameterVector deviations_, mean_;
};

} // namespace lodestone
