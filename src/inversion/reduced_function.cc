#include <lodestone/base/error.h>
#include <lodestone/inversion/reduced_function.h>

namespace lodestone
{

ReducedFunction::ReducedFunction(ReducedObjective &objective, const DistributedVector &weights,
                                 std::shared_ptr<const ParameterLayout> layout)
    : objective_(objective), weights_(weights), input_(std::move(layout)), result_(input_.shared_layout())
{
}

bool ReducedFunction::succeeds(const SolveReport &report)
{
  failure_ = report.reason;
  return report.converged;
}

const ParameterVector &ReducedFunction::as_parameters(const DistributedVector &values)
{
  input_.values().zero_out_ghost_values();
  input_.values().copy_locally_owned_data_from(values);
  return input_;
}

bool ReducedFunction::evaluate(const DistributedVector &m)
{
  return succeeds(objective_.evaluate(as_parameters(m)));
}

bool ReducedFunction::linearize_at(const DistributedVector &m)
{
  if (!evaluate(m))
    return false;
  if (objective_.prior() != nullptr)
    objective_.prior()->linearize_at(objective_.parameters());
  return true;
}

bool ReducedFunction::value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient)
{
  if (!evaluate(m) || !succeeds(objective_.gradient(result_)))
    return false;
  value = objective_.value();
  gradient.copy_locally_owned_data_from(result_.values());
  return true;
}

bool ReducedFunction::apply_hessian(const DistributedVector &m_hat, DistributedVector &out)
{
  if (!succeeds(objective_.apply_newton_matrix(as_parameters(m_hat), result_, gauss_newton_)))
    return false;
  out.copy_locally_owned_data_from(result_.values());
  return true;
}

void ReducedFunction::set_accuracy(const double gradient, const double hessian_action)
{
  objective_.set_accuracy({gradient, hessian_action});
}

void ReducedFunction::apply_metric(const DistributedVector &dual, DistributedVector &out)
{
  if (objective_.prior() == nullptr)
  {
    for (unsigned int i = 0; i < out.locally_owned_size(); ++i)
      out.local_element(i) = dual.local_element(i) / weights_.local_element(i);
    return;
  }
  const SolveReport report = objective_.prior()->apply_inverse(as_parameters(dual), result_);
  if (!report.converged)
    throw SolverError("the prior's precision could not be inverted: " + report.reason);
  out.copy_locally_owned_data_from(result_.values());
}

bool ReducedFunction::metric_changes() const
{
  return objective_.prior() != nullptr && !objective_.prior()->is_quadratic();
}

void ReducedFunction::apply_inverse_metric(const DistributedVector &m_hat, DistributedVector &out)
{
  result_.values() = 0;
  objective_.prior()->add_precision(as_parameters(m_hat), result_);
  out.copy_locally_owned_data_from(result_.values());
}

void ReducedFunction::precondition(const DistributedVector &dual, DistributedVector &out)
{
  if (objective_.prior() == nullptr)
    return apply_metric(dual, out);
  objective_.prior()->precondition(as_parameters(dual), result_);
  out.copy_locally_owned_data_from(result_.values());
}

} // namespace lodestone
