#pragma once

#include <string>

namespace lodestone
{

/// How a solve ended. Failing to converge is a result that the caller must look at, not an exception.
struct [[nodiscard]] SolveReport
{
  bool converged = true;
  /// The method broke down or made no headway, so that a sturdier one may still succeed; false when converged.
  bool diverged = false;
  unsigned int iterations = 0;
  /// Work, in applications of the operator on the finest level; 0: the solver does not count them.
  double operator_applications = 0;
  double relative_residual = 0; ///< |b - A x| / |b|, as the solver measured it
  double seconds = 0;           ///< wall time
  std::string reason;           ///< plain words; empty when converged

  /// Joins the report of a further solve: work and seconds add up, the first failure stays.
  SolveReport &operator+=(const SolveReport &other)
  {
    iterations += other.iterations;
    operator_applications += other.operator_applications;
    seconds += other.seconds;
    relative_residual = relative_residual > other.relative_residual ? relative_residual : other.relative_residual;
    if (converged && !other.converged)
    {
      reason = other.reason;
      diverged = other.diverged;
    }
    converged = converged && other.converged;
    return *this;
  }
};

} // namespace lodestone
