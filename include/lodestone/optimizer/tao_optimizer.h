#pragma once

#include <lodestone/optimizer/curvature_pairs.h>
#include <lodestone/optimizer/objective_function.h>
#include <lodestone/optimizer/scaled_objective.h>
#include <lodestone/optimizer/stop_reason.h>

#include <deal.II/base/parameter_handler.h>

#include <functional>
#include <string>

namespace lodestone
{

/// One line of the iteration history.
struct OptimizerIterate
{
  unsigned int iteration = 0; ///< 0 is the start
  double value = 0;           ///< J
  double gradient_norm = 0;   ///< sqrt(g' R^-1 g)
  double relative_gradient = 1;
  double step = 0;                       ///< accepted step length; 1 is the full quasi-Newton or Newton step
  unsigned int n_evaluations = 0;        ///< of J and gradient so far, failed ones included
  unsigned int n_failed_evaluations = 0; ///< so far
  unsigned int n_hessian_actions = 0;    ///< so far
  double trust_radius = 0; ///< Newton methods: longest next step, |sqrt(w) (m' - m)| with the unknowns' weights; 0: any
  unsigned int inner_iterations = 0; ///< Hessian actions of the iteration that led here
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
/// Newton systems are solved inexactly: relative tolerance min(1/2, sqrt(|g|/|g_0|)) (Eisenstat and Walker 1996,
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
/// Line searches backtrack (Armijo): an evaluation that fails shortens the step. Failed points never become the result:
/// that is the last accepted iterate, also after an interrupt, a PETSc error or an exception from the objective.
class TaoOptimizer
{
public:
  struct Parameters
  {
    std::string method = "bnls";
    bool is_newton() const; ///< whether the method named asks for Hessian actions
    unsigned int maximum_iterations = 100;
    double gradient_tolerance = 1e-4;
    double function_tolerance = 0;
    unsigned int history = 20;
    unsigned int curvature_pairs = 40;
    unsigned int maximum_inner_iterations = 200;
    bool inexact_solves = true;

    void add_parameters(dealii::ParameterHandler &handler);
    /// @throws InputError
    void validate(const std::string &where = "Optimizer") const;
  };

  /// What the caller may hook in; all optional, called on every rank.
  struct Callbacks
  {
    /// Every accepted iterate, 0 included.
    std::function<void(const OptimizerIterate &, const DistributedVector &m)> monitor;
    /// Before iteration k + 1 starts from accepted iterate k: e.g. Gauss-Newton for the first iterations only.
    std::function<void(unsigned int k)> begin_iteration;
    /// Asked before every evaluation and Hessian action; true on any rank ends the run with the last accepted iterate.
    std::function<bool()> stop_requested;
    /// Asked at every accepted iterate: a target (misfit) is met.
    std::function<bool(const OptimizerIterate &)> target_reached;
    /// Remarks for the user.
    std::function<void(const std::string &)> log;
  };

  struct Result
  {
    StopReason stop;
    OptimizerIterate last; ///< of the result; the counts include what was spent after it
  };

  explicit TaoOptimizer(const Parameters &parameters, Callbacks callbacks = {});

  /// Relative accuracy of J (tolerance of the forward solver); 0: double precision. Changes of J below it are not
  /// trusted.
  void set_value_accuracy(double relative) { value_accuracy_ = relative; }
  /// |g_0| that the tolerances refer to, when this run continues another one (0: the gradient at the start).
  void set_reference_gradient(double norm) { reference_gradient_ = norm; }

  /// OptimizerIterate::trust_radius where this run continues another one (0: that of the first step).
  void set_trust_radius(double radius) { trust_radius_ = radius; }
  /// Hessian actions of an earlier run to begin with, to which this run adds its own; null: none.
  void set_curvature(CurvaturePairs *pairs) { curvature_ = pairs; }

  /// Collective. On return, also by exception, m is the last accepted iterate.
  /// @throws SolverError when J cannot be computed at the start or PETSc fails; what the objective throws
  Result minimize(ObjectiveFunction &objective, DistributedVector &m, const Bounds *bounds = nullptr) const;

private:
  Parameters parameters_;
  Callbacks callbacks_;
  double value_accuracy_ = 0, reference_gradient_ = 0, trust_radius_ = 0;
  CurvaturePairs *curvature_ = nullptr;
};

} // namespace lodestone
