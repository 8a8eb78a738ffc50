#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <memory>
#include <vector>

namespace lodestone
{

class Precision;

/// The sum of several priors, J(m) = f (J_1(m) + J_2(m) + ...), each with a factor of its own.
///
/// R = f (R_1 + R_2 + ...) is assembled from the squares of all of them (see Precision): its inverse is no sum of theirs.
/// Samples are R^-1 (b_1 + b_2 + ...), b_i a random dual vector with the covariance R_i.
class SumPrior : public Prior
{
public:
  /// Collective. @param terms about m = 0
  SumPrior(std::shared_ptr<const ParameterLayout> layout, std::vector<std::unique_ptr<Prior>> terms);
  ~SumPrior() override;

  bool is_quadratic() const override;
  void linearize_at(const ParameterVector &m) override;
  void add_to(RankState &state, const std::string &name) const override;
  void take_from(const RankState &state, const std::string &name) override;
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
  /// out += a times what `add` adds for the terms.
  template <typename Add>
  void add_terms(double a, ParameterVector &out, const Add &add) const;
  void renew();

  std::shared_ptr<const ParameterLayout> layout_;
  std::vector<std::unique_ptr<Prior>> terms_;
  std::unique_ptr<Precision> precision_; ///< R at the factor 1
};

} // namespace lodestone
