#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/optimizer/objective_function.h>
#include <lodestone/optimizer/stop_reason.h>

#include <deal.II/base/parameter_handler.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

namespace lodestone
{

struct Bounds;

/// What an optimiser knows of an accepted iterate: one line of the iteration history.
struct OptimizerIterate
{
  unsigned int iteration = 0; ///< 0 is the start of a run that continues no other one
  double value = 0;           ///< J
  double gradient_norm = 0;   ///< sqrt(g' R^-1 g)
  double relative_gradient = 1;
  double step = 0;                       ///< length of the accepted step; 1 is the full quasi-Newton or Newton step
  unsigned int n_evaluations = 0;        ///< of J and gradient so far, failed ones included
  unsigned int n_failed_evaluations = 0; ///< so far
  unsigned int n_hessian_actions = 0;    ///< so far
  unsigned int inner_iterations = 0;     ///< Hessian actions of the iteration that led here
};

/// Everything that an optimiser needs, besides m, to go on from an accepted iterate. Each method has names of its own;
/// all have `iteration`, and `reference_gradient`, the norm |g_0| that tolerances refer to.
using OptimizerState = NamedState;

/// Minimises an ObjectiveFunction, with bounds on the unknowns or without.
///
/// Points that cannot be evaluated never become the result: that is the last accepted iterate, also after an interrupt
/// or an exception.
class Optimizer
{
public:
  /// Entries of subsection `Optimizer` that choose and control the method.
  struct Parameters
  {
    std::string method = "bnls";
    bool is_newton() const; ///< whether the method asks for Hessian actions
    unsigned int maximum_iterations = 100;
    double gradient_tolerance = 1e-4;
    double function_tolerance = 0;
    unsigned int quasi_newton_memory = 40;
    /// Steps that a quasi-Newton method has room for: no more than it can take.
    unsigned int steps_remembered() const { return std::max(1u, std::min(quasi_newton_memory, maximum_iterations)); }
    unsigned int curvature_pairs = 40;
    unsigned int maximum_inner_iterations = 200;
    bool inexact_solves = true;
    double least_inner_tolerance = 0; ///< of Newton systems; no entry

    void add_parameters(dealii::ParameterHandler &handler);
    /// @throws InputError
    void validate(const std::string &where = "Optimizer") const;
  };

  /// What the caller may hook in; all are optional, and are called on every rank.
  struct Callbacks
  {
    /// Is called with every accepted iterate, also the start. `state()` is that of this iterate.
    std::function<void(const OptimizerIterate &, const DistributedVector &m)> monitor;
    /// Is called before iteration k + 1 starts from accepted iterate k: e.g. to use Gauss-Newton for the first
    /// iterations only.
    std::function<void(unsigned int k)> begin_iteration;
    /// Is asked before every evaluation and Hessian action; true on any rank ends the run with the last accepted
    /// iterate.
    std::function<bool()> stop_requested;
    /// Is asked at every accepted iterate whether the caller's target (misfit) is met.
    std::function<bool(const OptimizerIterate &)> target_reached;
    /// Takes remarks for the user.
    std::function<void(const std::string &)> log;
  };

  /// How and where a minimisation ended.
  struct Result
  {
    StopReason stop;
    OptimizerIterate last; ///< of the result; the counts include what was spent after it
  };

  /// @throws InputError
  Optimizer(const Parameters &parameters, Callbacks callbacks);
  virtual ~Optimizer() = default;

  /// Sets the relative accuracy of J (the tolerance of the forward solver); 0: double precision. Changes of J below it
  /// are not trusted.
  void set_value_accuracy(const double relative) { value_accuracy_ = relative; }

  /// Lets the next `minimize` go on from a state that `state()` returned. Iterations are counted from there; `Maximum
  /// iterations` is the number of all of them. Names that the method does not know are left alone.
  virtual void resume(OptimizerState state) = 0;
  /// What of a state serves another objective, as with another weight of the prior: not the iterate itself (names that
  /// begin with exact_).
  static OptimizerState for_other_objective(OptimizerState state);
  /// The state at the last accepted iterate, and at the end that of the result.
  virtual OptimizerState state() const = 0;

  /// Collective. On return, also by exception, m is the last accepted iterate. @param bounds null: none
  /// @throws SolverError when J cannot be computed at the start or the method fails; what the objective throws
  virtual Result minimize(ObjectiveFunction &objective, DistributedVector &m, const Bounds *bounds = nullptr) = 0;

protected:
  Parameters parameters_;
  Callbacks callbacks_;
  double value_accuracy_ = 0;
};

/// The optimiser that has the method named.
std::unique_ptr<Optimizer> make_optimizer(const Optimizer::Parameters &parameters, Optimizer::Callbacks callbacks);

} // namespace lodestone
