#pragma once

#include <lodestone/optimizer/curvature_pairs.h>
#include <lodestone/optimizer/optimizer.h>
#include <lodestone/optimizer/scaled_objective.h>

#include <optional>

namespace lodestone
{

/// What a method asks of TAO.
struct TaoRunSettings
{
  std::string type;          ///< TAO type
  bool full_metric = false;  ///< the metric is an operator, not the identity
  bool steepest = false;     ///< bncg without directions of earlier steps
  bool records = false;      ///< the method has a memory that nobody can reach: its evaluations are recorded
  double value_accuracy = 0; ///< relative accuracy of J: that of a solver, or 0
};

/// Minimises an ObjectiveFunction with a method of PETSc/TAO, chosen by name.
///
/// | method   | TAO type | metric R^-1 without bounds                        |
/// | -------- | -------- | ------------------------------------------------- |
/// | steepest | bncg gd  | variables z = sqrt(w) m, w = diagonal_weights()   |
/// | cg       | bncg     | same                                              |
/// | lmvm     | lmvm     | initial inverse Hessian                           |
/// | blmvm    | blmvm    | initial inverse Hessian                           |
/// | bqnls    | bqnls    | initial inverse Hessian                           |
/// | bnls     | bnls     | preconditioner of the inner conjugate gradients   |
/// | bntr     | bntr     | same; the radius is of sqrt(w) dm, w the mean     |
///
/// With finite bounds all of them work in z = sqrt(w) m (a diagonal metric stays one on the free unknowns, a full one
/// does not), and lmvm, which ignores bounds, is replaced by blmvm; the log callback says so. Gauss-Newton is bnls or
/// bntr with an objective whose Hessian is the Gauss-Newton one; TAO's brgn needs residuals and is not offered. Any
/// other TAO type and setting can be given as PETSc options (`-tao_type tron`, `-tao_ls_max_funcs 50`,
/// `-tao_bnk_ksp_rtol 1e-3`); what is set there wins. Absolute tolerances of TAO (-tao_gatol) have no effect.
///
/// Newton systems are solved inexactly, to the relative tolerance min(1/2, sqrt(|g|/|g_0|)) (Eisenstat and Walker 1996,
/// doi:10.1137/0917003) in the preconditioned residual norm, at most `Maximum inner iterations`. Hessian actions of
/// earlier systems precondition those of bnls (CurvaturePairs) until a step shows that the Hessian has changed. A
/// Hessian action that fails ends the inner solve with the direction found so far.
///
/// With `Inexact solves` gradients and Hessian actions are asked for only as accurately as the method can use
/// (set_accuracy): Hessian actions to a fraction of the inner tolerance (Simoncini and Szyld 2003,
/// doi:10.1137/S1064827502406415), gradients to a fraction of the norm expected at the next iterate, so that both
/// tighten as |g| falls. A gradient that meets the tolerance is computed once more in full before it is believed; the
/// start's always is.
///
/// Line searches backtrack (Armijo): an evaluation that fails shortens the step. A PETSc error, too, leaves the last
/// accepted iterate.
///
/// The state holds `trust_radius` (Newton methods: the longest next step, |sqrt(w) (m' - m)| with the unknowns'
/// weights; 0: any) and the curvature pairs of bnls, `curvature_001_s`, `curvature_001_y`, ... in single precision. What
/// else a run needs to go on to the last digit has names that begin with `exact_`: the iterate and its gradient, the
/// scaling (ScaledObjective), and the memory of the method: the last steps of lmvm, blmvm and bqnls with the metric R^-1
/// (QuasiNewtonMatrix), and of the other methods but Newton's the evaluations since they began. These begin anew after 50
/// iterations, in every run. With bounds, Newton methods estimate the active set with a tolerance that TAO keeps to itself:
/// they go on nearly as they would have.
class TaoOptimizer : public Optimizer
{
public:
  explicit TaoOptimizer(const Parameters &parameters, Callbacks callbacks = {});

  /// Names that the entry `Method` may have.
  static std::vector<std::string> methods();
  static bool is_newton(const std::string &method);
  /// Types of TAO that the PETSc option -tao_type may name: those that take value, gradient and Hessian actions.
  static const std::vector<std::string> &types_that_run();

  void resume(OptimizerState state) override { start_ = std::move(state); }
  OptimizerState state() const override;
  Result minimize(ObjectiveFunction &objective, DistributedVector &m, const Bounds *bounds = nullptr) override;

private:
  Result minimize_from(const OptimizerState &start, const TaoRunSettings &settings, ObjectiveFunction &objective,
                       DistributedVector &m, const Bounds *bounds);

  OptimizerState start_; ///< what the next run goes on from
  OptimizerState state_; ///< the numbers of the present run or the last one
  std::string memory_;   ///< the number of the state that says whose memory it holds
  std::optional<CurvaturePairs> curvature_;
};

} // namespace lodestone
