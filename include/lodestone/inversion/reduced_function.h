#pragma once

#include <lodestone/objective/reduced_objective.h>
#include <lodestone/optimizer/objective_function.h>

#include <string>

namespace lodestone
{

/// The reduced objective as an optimiser sees it: a function of plain vectors, with the prior's R^-1 as its metric, and R
/// in its Hessian.
///
/// Without a prior the metric is the diagonal one of the unknowns' weights. All functions are collective.
class ReducedFunction : public ObjectiveFunction
{
public:
  /// @param weights one positive number per unknown, of order one: the volume of its parameter cell over the mean one
  /// @param layout  of the unknowns
  ReducedFunction(ReducedObjective &objective, const DistributedVector &weights,
                  std::shared_ptr<const ParameterLayout> layout);

  bool value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient) override;
  std::string failure() const override { return failure_; }
  bool linearize_at(const DistributedVector &m) override;
  bool apply_hessian(const DistributedVector &m_hat, DistributedVector &out) override;
  void set_accuracy(double gradient, double hessian_action) override;
  /// @throws SolverError when the prior's precision cannot be inverted
  void apply_metric(const DistributedVector &dual, DistributedVector &out) override;
  bool metric_changes() const override;
  void apply_inverse_metric(const DistributedVector &m_hat, DistributedVector &out) override;
  void precondition(const DistributedVector &dual, DistributedVector &out) override;
  const DistributedVector &diagonal_weights() const override { return weights_; }

  /// Chooses the Hessian of the actions from now on: Gauss-Newton, or the full one.
  void set_gauss_newton(const bool gauss_newton) { gauss_newton_ = gauss_newton; }

private:
  bool evaluate(const DistributedVector &m);
  bool succeeds(const SolveReport &report);
  /// A copy with the layout of the unknowns, as the objective and the prior take them.
  const ParameterVector &as_parameters(const DistributedVector &values);

  ReducedObjective &objective_;
  const DistributedVector &weights_;
  ParameterVector input_, result_;
  bool gauss_newton_ = true;
  std::string failure_;
};

} // namespace lodestone
