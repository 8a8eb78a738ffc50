#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/base/solve_report.h>
#include <lodestone/discretization/parameter_vector.h>

#include <cstdint>
#include <memory>
#include <string>

namespace lodestone
{

class Squares;

/// A prior J(m), the negative log-density of the unknowns up to a constant, and its precision R.
///
/// `value` and its derivatives are those of J at the m that they are given. R is the Hessian of J where J is quadratic;
/// elsewhere it is a symmetric positive definite matrix near it, made at the last `linearize_at`, and at first at the
/// point that J is about. Optimisers get R^-1 as their metric, and R in the place of the Hessian of J in Newton steps.
///
/// No function needs ghost entries of the vectors that it is given, and none updates those of its results. Dual vectors
/// are derivatives, which grow with the cell's volume.
class Prior
{
public:
  virtual ~Prior() = default;

  /// The factor of the whole prior; 1 at first. J, its derivatives and R are proportional to it. It may be set at any
  /// time: nothing is renewed. Not collective, but all ranks set the same.
  /// @param factor positive
  void set_factor(double factor);
  double factor() const { return factor_; }

  /// Whether J is quadratic, so that R is its Hessian everywhere. Not collective.
  virtual bool is_quadratic() const { return true; }
  /// Renews R at m, a primal vector, where it depends on m. Nothing happens where J is quadratic, nor where m is the point
  /// of the last call. R may depend on the points of earlier calls: optimisers call this at accepted iterates and
  /// nowhere else. Collective.
  virtual void linearize_at(const ParameterVector & /*m*/) {}

  /// Adds to a state what R has besides m from earlier calls of `linearize_at`; the names begin with `name`. Not collective.
  virtual void add_to(RankState & /*state*/, const std::string & /*name*/) const {}
  /// Takes it back, on the same number of ranks. Collective.
  virtual void take_from(const RankState & /*state*/, const std::string & /*name*/) {}

  /// J(m) of a primal m, the same on all ranks. Collective.
  virtual double value(const ParameterVector &m) const = 0;
  /// g += d value / dm, a dual vector, at a primal m. Collective.
  virtual void add_gradient(const ParameterVector &m, ParameterVector &g) const = 0;
  /// out += (d2 value / dm2) m_hat, a dual vector, for primal m and m_hat. Collective.
  virtual void add_hessian(const ParameterVector & /*m*/, const ParameterVector &m_hat, ParameterVector &out) const
  {
    add_precision(m_hat, out);
  }

  /// out += R m_hat, a dual vector, for a primal m_hat. Collective.
  virtual void add_precision(const ParameterVector &m_hat, ParameterVector &out) const = 0;
  /// out = R^-1 dual, a primal vector. Collective.
  virtual SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const = 0;
  /// out = P dual, a primal vector, with P a fixed symmetric positive definite map that is cheap and near R^-1.
  /// Collective.
  virtual void precondition(const ParameterVector &dual, ParameterVector &out) const = 0;
  /// out = a sample of the normal distribution with the covariance R^-1 about the point that J is about, a primal
  /// vector. Equal seeds give equal fields, on any number of ranks up to the rounding of sums and solves. Collective.
  virtual SolveReport sample(std::uint64_t seed, ParameterVector &out) const = 0;
  /// out += a random dual vector of mean 0 and covariance R, so that R^-1 of it is a sample about 0. Equal seeds give
  /// equal vectors, as above. Collective.
  virtual void add_noise(std::uint64_t seed, ParameterVector &out) const = 0;
  /// Squares whose R is the present one for the factor 1. Collective.
  virtual std::shared_ptr<const Squares> squares() const = 0;

private:
  double factor_ = 1;
};

} // namespace lodestone
