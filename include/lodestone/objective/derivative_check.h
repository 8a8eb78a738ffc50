#pragma once

#include <lodestone/objective/reduced_objective.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Remainders of a Taylor expansion at steps h, h/q, h/q^2, ... and the slope of log remainder against log h.
///
/// The slope is fitted over the longest straight part of the curve whose remainders are above the rounding of J;
/// `at_rounding` says that none is, as happens when J is quadratic along the direction.
struct TaylorRemainders
{
  std::vector<double> step, remainder;
  double slope = 0;
  double decades = 0; ///< of the steps that the slope is fitted over
  bool at_rounding = false;

  /// Expected slope reached, over at least `decades` of steps, or remainders at rounding level throughout.
  bool passes(double expected_slope, double required_decades) const;
};

/// All derivative checks at one m and one direction.
struct DerivativeCheck
{
  double tangent_difference = 0;   ///< |g.m_hat - tangent mode| / |g.m_hat|
  double dot_product = 0;          ///< |<J v, w> - <v, J^T w>| over the size of the pairing
  double hessian_symmetry = 0;     ///< |<H a, b> - <a, H b>| / |<H a, b>|
  TaylorRemainders gradient;       ///< |J(m + h d) - J(m) - h g.d|: slope 2
  TaylorRemainders hessian;        ///< |J(m + h d) - J(m) - h g.d - h^2/2 d.Hd|: slope 3
  TaylorRemainders hessian_action; ///< |g(m + h d) - g(m) - h H d|: slope 2

  /// @param solver_tolerance identities through a solve hold within ten times this
  bool passes(double solver_tolerance) const;
  std::string table(double solver_tolerance) const;
};

/// Runs the checks; the objective is left evaluated at m. @throws SolverError when a solve fails
/// @param a, b directions of order one
DerivativeCheck check_derivatives(ReducedObjective &objective, const ParameterVector &m, const ParameterVector &a,
                                  const ParameterVector &b);

/// A direction of independent numbers in (-1, 1), the same for the same layout and seed.
ParameterVector random_direction(const ParameterVector &like, unsigned int seed);

} // namespace lodestone
