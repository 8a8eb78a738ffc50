#pragma once

#include <lodestone/base/vectors.h>

#include <string>

namespace lodestone
{

/// The function that an optimiser minimises. It deals in numbers of order one and knows no physics. All functions are
/// collective. m, m_hat and the results of `apply_metric` and `precondition` are primal vectors, gradients and Hessian
/// actions dual ones; ghost entries are not used.
class ObjectiveFunction
{
public:
  virtual ~ObjectiveFunction() = default;

  /// J(m) and its gradient (dual). Returns false when J could not be computed at m (a forward solve failed): the trial
  /// step is then shortened; value and gradient are ignored.
  virtual bool value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient) = 0;
  /// Says in plain words why the last call that returned false did so; the text is empty when nothing is known.
  virtual std::string failure() const { return ""; }
  /// Prepares Hessian actions at m. That costs nothing where m is the point of the last evaluation.
  virtual bool linearize_at(const DistributedVector &m) = 0;
  /// out = H m_hat. Returns false when a solve failed.
  virtual bool apply_hessian(const DistributedVector &m_hat, DistributedVector &out) = 0;
  /// Sets the accuracy required of gradients and Hessian actions from now on, as the relative residual of the linear
  /// solves behind them; 0 asks for the best, as does a caller that never calls this. A gradient requested again at the
  /// same point is recomputed if it was less accurate than required now.
  virtual void set_accuracy(double /*gradient*/, double /*hessian_action*/) {}
  /// out = R^-1 dual. It serves as the initial inverse Hessian and gives gradients their norm.
  virtual void apply_metric(const DistributedVector &dual, DistributedVector &out) = 0;
  /// Whether R is another one after each `linearize_at`.
  virtual bool metric_changes() const { return false; }
  /// out = R m_hat; asked for where the metric changes: R is the part of the Hessian that does so by much.
  virtual void apply_inverse_metric(const DistributedVector & /*m_hat*/, DistributedVector & /*out*/) {}
  /// out = P dual, P being the preconditioner of Newton systems: a fixed symmetric positive definite map near R^-1.
  virtual void precondition(const DistributedVector &dual, DistributedVector &out) { apply_metric(dual, out); }
  /// The diagonal of the metric's inverse: weights w of order one, as cell volumes give them. They are used for the
  /// change of variables z = sqrt(w) m, and as the metric where bounds are active.
  virtual const DistributedVector &diagonal_weights() const = 0;
};

} // namespace lodestone
