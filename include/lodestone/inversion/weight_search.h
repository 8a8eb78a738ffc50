#pragma once

#include <lodestone/inversion/inversion.h>
#include <lodestone/inversion/weight_rule.h>
#include <lodestone/prior/weight_parameters.h>

namespace lodestone
{

/// Minimises J = misfit + w prior, and chooses w where the deck leaves that to the data.
///
/// Each weight's minimisation starts from the model before and from its curvature pairs, whose Hessian actions are
/// corrected by the change of w times the prior's, so that later ones are short. A minimisation on the way ends as soon
/// as its misfit is known well enough: after a full Newton step that hardly changed it, or, where J is quadratic, by
///
///     misfit - misfit(minimiser) <= (sqrt(2 prior) + |g|) |g|,   |g| = sqrt(g^T R^-1 g)
///
/// since the misfit's gradient at the minimiser m* is - R m*, sqrt(2 prior) is the norm of m in the metric of R, and the
/// step m* - m that is left is at most |g| long in it. The first weight is a tenth of the largest eigenvalue of the data's
/// Gauss-Newton Hessian in the metric of the prior with w = 1, from a few power iterations with a fixed seed. All
/// functions are collective.
class WeightSearch
{
public:
  /// @param weights as Inversion takes them
  WeightSearch(ReducedObjective &objective, const DistributedVector &weights, const InversionParameters &inversion,
               const WeightParameters &parameters, Log &log);

  /// The inversion that runs the minimisations, for its callbacks.
  Inversion &inversion() { return inversion_; }

  /// Lets `run` go on from where another run stood, whose m is then its start.
  void resume(OptimizerState state);
  /// The state at the last accepted iterate. Not before `run` has begun.
  OptimizerState state() const;
  /// The path that a state holds, and a path for a state.
  static WeightPath path_in(const OptimizerState &state);
  static void add_path(const WeightPath &path, OptimizerState &state);
  /// What of a state serves another mesh or another noise: all but the path, with its last weight.
  static OptimizerState for_changed_problem(OptimizerState state);

  /// As Inversion::run; the prior keeps the weight that was chosen as its factor.
  Optimizer::Result run(ParameterVector &m, const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                        double solver_tolerance);

  /// One point per minimisation, the last one that of the result; empty where the deck gives the weight.
  const WeightPath &path() const { return path_; }
  /// The last accepted iterate.
  const Iterate &last() const { return inversion_.last(); }
  /// Whether the rule found what it looked for; true where the deck gives the weight.
  bool succeeded() const { return succeeded_; }

private:
  double first_weight(const ParameterVector &m);
  void use_weight(double weight);
  WeightPoint point_at(const Optimizer::Result &result) const;

  ReducedObjective &objective_;
  WeightParameters parameters_;
  Log &log_;
  Inversion inversion_;
  bool is_newton_;
  std::unique_ptr<WeightRule> rule_;
  WeightPath path_;
  OptimizerState start_;
  double begin_ = 0;           ///< iterations before the path began
  double earlier_actions_ = 0; ///< Hessian actions of this run for the weights before
  WeightRule::Trial trial_;
  bool succeeded_ = true;
};

} // namespace lodestone
