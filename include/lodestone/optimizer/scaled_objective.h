#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/optimizer/objective_function.h>
#include <lodestone/optimizer/stop_reason.h>

#include <deal.II/base/mpi.h>

#include <cmath>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace lodestone
{

/// Lower and upper bound of every unknown; infinite where there is none.
struct Bounds
{
  DistributedVector lower, upper;

  bool active() const; ///< any finite bound. Collective.
};

/// An objective in the numbers that an optimiser sees: f(x) = J(m) / |J(m_0)| with x_i = t_i m_i.
///
/// Scaling J by its starting value makes the iterates independent of the units of J, and of absolute constants inside
/// TAO. With the full metric, t is one number, t = sqrt(mean(w) / |J_0|), so that prior terms are of order one; R^-1 is
/// then applied by `apply_metric`. With the diagonal metric, t_i = sqrt(w_i / |J_0|): the metric becomes the identity
/// (steepest descent in x is steepest descent in the weighted inner product), which also holds on any subset of the
/// unknowns, as active bounds need it.
///
/// Arrays hold the locally owned entries. All functions are collective. An evaluation that fails is given a huge finite
/// value: line searches then shorten the step and trust regions shrink (PETSc's bntr ends the run on an infinity).
///
/// A state (add_to) holds the accepted iterate as the optimiser saw it, exact_x and exact_gradient, and the numbers of the
/// scaling, so that a run goes on from it to the last digit. Some methods keep a memory that nobody can reach. For them the
/// evaluations since the method began are recorded (begin_record), exact_answer_001, ..., and the state holds the iterate
/// where it began: a run that goes on from there gives the method the same answers again, without evaluating anything,
/// and arrives where it stood.
///
/// Where the predicted change of J is below its accuracy, f is not measured but integrated from the gradients at both
/// ends (trapezoidal rule), which stays accurate when differences of J are only rounding.
class ScaledObjective
{
public:
  using Array = std::vector<double>;

  /// J at one point, as the objective and as the optimiser see it.
  struct Evaluation
  {
    bool failed = false;
    double value = 0;  ///< J
    double f = 0;      ///< what the optimiser is told
    Array m;           ///< the point as the objective saw it
    Array x, gradient; ///< scaled
  };

  /// A state does not fit: J is another one at its iterate, or the method asks for other points than those for which the
  /// state holds the answers. what() is a clause for the user.
  struct OtherState : std::runtime_error
  {
    using std::runtime_error::runtime_error;
  };

  /// Evaluates J at the start, which is moved onto the bounds first; where the state holds an iterate, goes on from that.
  /// @param value_accuracy relative accuracy of J (0: double precision)
  /// @param state what add_to has made at this start; empty: none. @throws OtherState where it was of another J
  /// @throws SolverError when J cannot be computed there, or weights are not positive
  ScaledObjective(ObjectiveFunction &objective, const DistributedVector &start, const Bounds *bounds, bool full_metric,
                  double value_accuracy, const NamedState &state = {});

  /// Adds the accepted iterate, or where the record begins, and the record.
  void add_to(NamedState &state) const;
  /// From now on evaluations are recorded: the method begins at the accepted iterate, without a memory.
  void begin_record();
  /// Whether answers of a state are left to give.
  bool repeats() const { return !answers_.empty(); }

  /// The evaluation at x if x is the last point evaluated or the last one accepted; otherwise null. Optimisers ask for
  /// a trial point more than once, and go back to the accepted one after a step that they reject.
  const Evaluation *known(const double *x) const;
  const Evaluation &evaluate(const double *x);
  /// Makes x, evaluated before or now, the iterate that trial steps are measured from.
  void accept(const double *x);
  const Evaluation &accepted() const { return accepted_; }
  const std::vector<TrialStep> &trials() const { return trials_; }
  /// Trials since the last accepted one whose predicted change is below the accuracy of f.
  unsigned int trials_below_noise() const;
  double noise() const; ///< absolute accuracy of f at the accepted iterate

  /// Improves the gradient of the accepted iterate to the accuracy that is asked for now. @throws SolverError
  void improve_gradient();
  void set_accuracy(double gradient, double hessian_action) { objective_.set_accuracy(gradient, hessian_action); }
  bool linearize();                                   ///< at the accepted iterate
  bool apply_hessian(const double *x, double *out);   ///< false: a solve failed, out is unset
  void apply_metric(const double *dual, double *out); ///< identity for the diagonal metric
  void precondition(const double *dual, double *out); ///< identity for the diagonal metric
  bool metric_changes() const { return full_metric_ && objective_.metric_changes(); }
  void apply_inverse_metric(const double *x, double *out); ///< where the metric changes
  /// sqrt(g' R^-1 g) at the accepted iterate, in the units of J; with bounds, of the gradient without the entries that
  /// push against an active bound.
  double gradient_norm() const { return gradient_norm_; }
  /// Curvature scale of the metric: the factor on R^-1 that fits the last accepted step (Nocedal and Wright 2006,
  /// eq. 7.20, in the metric's inner product).
  double metric_factor() const { return metric_factor_; }

  /// |x| / |sqrt(w) m|, w the unknowns' weights or, with the full metric, their mean.
  double length_scale() const { return std::sqrt(scale_); }

  std::size_t n_local() const { return t_.size(); }
  const Array &lower() const { return lower_; } ///< scaled; empty without bounds
  const Array &upper() const { return upper_; }
  void copy_accepted(DistributedVector &m) const; ///< the accepted iterate, unscaled
  double dot(const Array &a, const Array &b) const;

  unsigned int n_evaluations = 0, n_failed_evaluations = 0, n_hessian_actions = 0;

private:
  /// A map of dual vectors to primal ones, in scaled variables.
  void apply(void (ObjectiveFunction::*map)(const DistributedVector &, DistributedVector &), const double *dual,
             double *out);
  /// An evaluation as the method was told of it.
  struct Answer
  {
    bool failed;
    double value, distance; ///< J, and how far the point is from the iterate before
    NamedState::Shared<double> gradient;
  };
  void evaluate_start();
  bool take_from(const NamedState &state);
  /// Evaluates the start. @throws OtherState where J is not what the state says
  void compare_value(double value);
  void answer_again(Evaluation &e);
  void evaluate_at(Evaluation &e);
  double unscaled(double x, unsigned int i) const;
  double distance_from_accepted(const Array &x) const;
  std::string why_failed() const;
  void set_point(const Array &m);
  void choose_scale(double value, const DistributedVector &gradient);
  void set_variables();
  void measure_trial(Evaluation &trial);
  void update_metric(const Evaluation *previous);
  void measure_gradient();

  ObjectiveFunction &objective_;
  MPI_Comm comm_;
  const Bounds *bounds_;
  bool full_metric_;
  double value_accuracy_;
  double scale_ = 1; ///< 1 / |J_0|
  Array t_, lower_, upper_;
  DistributedVector m_, dual_, primal_;
  Evaluation last_, accepted_;
  Array metric_gradient_; ///< R^-1 g at the accepted iterate, scaled
  std::vector<TrialStep> trials_;
  double gradient_norm_ = 0, metric_factor_ = 1;

  Evaluation begin_; ///< where the method began, when evaluations are recorded
  double begin_factor_ = 1;
  bool records_ = false;
  std::vector<Answer> record_; ///< since then
  std::deque<Answer> answers_; ///< of a state, to be given again
};

} // namespace lodestone
