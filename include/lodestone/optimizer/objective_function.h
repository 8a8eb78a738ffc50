#pragma once

#include <lodestone/base/vectors.h>

#include <string>

namespace lodestone
{

/// What an optimiser minimises: numbers of order one, no physics. Collective.
class ObjectiveFunction
{
public:
  virtual ~ObjectiveFunction() = default;

  /// J(m) and its gradient (dual). Returns false when J could not be computed at m (a forward solve failed): the trial
  /// step is then shortened; value and gradient are ignored.
  virtual bool value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient) = 0;
  /// Why the last call that returned false did, in plain words; empty when nothing is known.
  virtual std::string failure() const { return ""; }
  /// Prepares Hessian actions at m (the point of the last accepted value, as a rule: then free).
  virtual bool linearize_at(const DistributedVector &m) = 0;
  /// out = H m_hat. Returns false when a solve failed.
  virtual bool apply_hessian(const DistributedVector &m_hat, DistributedVector &out) = 0;
  /// How accurate gradients and Hessian actions need be from now on, as the relative residual of linear solves behind
  /// them; 0: as accurate as they can be, which holds until this is called. A gradient that is asked for again gets the
  /// accuracy of the day.
  virtual void set_accuracy(double /*gradient*/, double /*hessian_action*/) {}
  /// out = R^-1 dual: initial inverse Hessian, and the norm of gradients.
  virtual void apply_metric(const DistributedVector &dual, DistributedVector &out) = 0;
  /// out = P dual: preconditioner of Newton systems, a fixed symmetric positive definite map near R^-1.
  virtual void precondition(const DistributedVector &dual, DistributedVector &out) { apply_metric(dual, out); }
  /// Diagonal of the metric's inverse (cell-volume weights, order one): change of variables z = sqrt(w) m, and the
  /// metric with active bounds.
  virtual const DistributedVector &diagonal_weights() const = 0;
};

} // namespace lodestone
