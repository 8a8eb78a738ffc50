#include <lodestone/optimizer/stop_reason.h>

#include <cmath>
#include <cstdio>

namespace lodestone
{
namespace
{

// A change of J counts as measured if it exceeds the noise by this factor.
constexpr double informative = 10;

StopReason suspect_derivative(const double ratio)
{
  char text[32];
  std::snprintf(text, sizeof(text), "%.2g", ratio);
  return {StopReason::Kind::suspect_derivative, false, false,
          std::string("stopped: along the shortest steps J changes ") + text +
              " times as much as the gradient says (1 is right). Either no stiffness explains the data, as where a "
              "load or the data "
              "have the wrong sign, or the derivative is wrong. Compare the signs in the fit files; run `lodestone "
              "verify` on this "
              "parameter file. A tolerance of the forward solver that is too loose has the same effect"};
}

} // namespace

StopReason interrupted()
{
  return {StopReason::Kind::interrupted, false, true,
          "interrupted: the result is the last accepted iterate; set Optimizer/Resume = yes to continue"};
}

StopReason at_rounding_level(const bool solver_limited)
{
  if (solver_limited)
    return {StopReason::Kind::rounding_level, false, false,
            "stopped: the decrease that the gradient still promises is below the accuracy of the forward solves. "
            "To go on, lower the relative tolerance of the forward solver (section Solver); the present result is "
            "the best at this tolerance"};
  return {StopReason::Kind::rounding_level, true, false,
          "converged: the gradient is at rounding level, J cannot be reduced further in double precision; more "
          "iterations gain nothing"};
}

StopReason explain_failed_search(const std::vector<TrialStep> &trials, const double noise, const bool solver_limited)
{
  const TrialStep *shortest = nullptr, *longer = nullptr;
  bool any_computed = false;
  for (const TrialStep &trial : trials)
  {
    any_computed = any_computed || !trial.failed;
    if (trial.failed || std::abs(trial.predicted) <= informative * noise)
      continue;
    if (!shortest || std::abs(trial.predicted) < std::abs(shortest->predicted))
    {
      longer = shortest;
      shortest = &trial;
    }
  }
  if (!trials.empty() && !any_computed)
  {
    const std::string &why = trials.back().why;
    return {
        StopReason::Kind::trial_steps_failed, false, false,
        "stopped: J could not be computed at any of " + std::to_string(trials.size()) + " trial steps, however short" +
            (why.empty() ? "" : "; at the last one because " + why) +
            ". Check the bounds and the transform of the unknowns (section Material), and whether the solver can do "
            "what section Solver asks of it"};
  }
  if (!shortest)
    return at_rounding_level(solver_limited);

  // With a right gradient the ratio tends to 1 as the steps get shorter.
  const auto error = [](const TrialStep &trial) { return std::abs(trial.change / trial.predicted - 1.); };
  const bool improves = longer && error(*shortest) < 0.75 * error(*longer);
  if (error(*shortest) > 0.5 && !improves)
    return suspect_derivative(shortest->change / shortest->predicted);
  return {StopReason::Kind::no_further_decrease, false, false,
          "stopped: no step along the search direction reduces J. Start again from this result, with another "
          "optimisation method (bnls, bntr), or with a tighter forward solver tolerance"};
}

} // namespace lodestone
