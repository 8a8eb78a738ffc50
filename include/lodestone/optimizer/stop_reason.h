#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// Why an optimisation ended, in plain words that say what to do next.
struct StopReason
{
  enum class Kind
  {
    running,
    gradient_tolerance, ///< |g| <= tolerance |g0|
    function_tolerance, ///< J no longer falls
    target_reached,     ///< the caller's target (misfit) is met
    maximum_iterations,
    interrupted,
    rounding_level,     ///< the decrease left to gain is below the accuracy with which J is known
    trial_steps_failed, ///< J could not be computed at any trial step
    suspect_derivative, ///< J does not change along the step as the gradient says
    no_further_decrease ///< none of the above explains it
  };

  Kind kind = Kind::running;
  bool converged = false; ///< the result is a minimiser as far as asked for
  bool resumable = false; ///< more time or more iterations help
  std::string text;
};

/// One trial step since the last accepted iterate; numbers in units of the objective's starting value.
struct TrialStep
{
  bool failed = false;  ///< J could not be computed there
  double predicted = 0; ///< gradient at the last iterate times the step: first-order change of J
  double change = 0;    ///< J(trial) - J(last iterate)
  std::string why{};    ///< in plain words, why J could not be computed there
};

/// The run was asked to stop.
StopReason interrupted();

/// Nothing more to gain: the decrease left is below the accuracy of J, and the gradient no longer falls.
/// @param solver_limited as below
StopReason at_rounding_level(bool solver_limited);

/// Explains why none of `trials` was accepted.
/// @param noise           absolute accuracy of J at the last iterate, in the units of the trials
/// @param solver_limited  the noise comes from the tolerance of the forward solver and not from double precision
StopReason explain_failed_search(const std::vector<TrialStep> &trials, double noise, bool solver_limited);

} // namespace lodestone
