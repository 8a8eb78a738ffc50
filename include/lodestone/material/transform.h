#pragma once

#include <cmath>

namespace lodestone
{

/// A modulus or Poisson's ratio x as a function of its unknown m, T(0) = background:
///
///   log       x = x_bg exp(m)
///   logit     x = lo + (hi - lo) s(m + s^-1((x_bg - lo)/(hi - lo))),  s(t) = 1/(1 + exp(-t)); never leaves (lo, hi)
///   identity  x = x_bg + scale m
///
/// m is dimensionless; x, lo, hi and scale have the same unit.
struct Transform
{
  enum class Kind
  {
    log,
    logit,
    identity
  };

  Kind kind = Kind::log;
  double lower = 0, upper = 0; ///< lo and hi; only the logit uses them

  /// The value of a transform and its derivatives.
  struct Value
  {
    double x, first, second; ///< x and its derivatives with respect to m
  };

  /// x and its derivatives at m. @param scale only the identity uses it
  Value operator()(double m, double background, double scale) const;
  /// The m at which x is reached; -inf or inf where no m reaches it.
  double inverse(double x, double background, double scale) const;
};

inline Transform::Value Transform::operator()(const double m, const double background, const double scale) const
{
  switch (kind)
  {
  case Kind::log: {
    const double x = background * std::exp(m);
    return {x, x, x};
  }
  case Kind::logit: {
    // s and 1 - s each have their own formula: a difference would lose all digits near a bound.
    const double odds = (background - lower) / (upper - background), width = upper - lower;
    const double s = 1 / (1 + std::exp(-m) / odds), t = 1 / (1 + std::exp(m) * odds);
    const double x = s < 0.5 ? lower + width * s : upper - width * t;
    return {x, width * s * t, width * s * t * (t - s)};
  }
  default:
    return {background + scale * m, scale, 0};
  }
}

} // namespace lodestone
