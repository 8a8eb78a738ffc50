#include <lodestone/adjoint/adjoint_solver.h>

namespace lodestone
{

namespace
{
void scale(StateDual &functional, const double factor)
{
  for (auto &step : functional.step)
    step *= factor;
}
} // namespace

SolveReport AdjointSolver::solve_adjoint(const unsigned int load_case, StateDual source, State &p,
                                         const double tolerance)
{
  scale(source, -1);
  return forward_.solve_jacobian_transpose(load_case, std::move(source), p, {tolerance, false});
}

void AdjointSolver::add_gradient(const unsigned int load_case, const State &u, const State &p, ParameterVector &g) const
{
  forward_.add_parameter_jacobian_transpose(load_case, u, p, g);
}

SolveReport AdjointSolver::solve_incremental_forward(const unsigned int load_case, const State &u,
                                                     const ParameterVector &m_hat, State &u_hat, const double tolerance)
{
  StateDual rhs = forward_.make_dual(load_case);
  forward_.apply_parameter_jacobian(load_case, u, m_hat, rhs);
  scale(rhs, -1);
  return forward_.solve_jacobian(load_case, std::move(rhs), u_hat, {tolerance, true});
}

SolveReport AdjointSolver::solve_incremental_adjoint(const unsigned int load_case, StateDual source_hat, const State *p,
                                                     const ParameterVector &m_hat, State &p_hat, const double tolerance)
{
  if (p != nullptr)
  {
    StateDual change = forward_.make_dual(load_case);
    forward_.apply_second_mixed_transpose(load_case, *p, m_hat, change);
    for (std::size_t k = 0; k < change.step.size(); ++k)
      source_hat.step[k] += change.step[k];
  }
  scale(source_hat, -1);
  return forward_.solve_jacobian_transpose(load_case, std::move(source_hat), p_hat, {tolerance, true});
}

void AdjointSolver::add_hessian_action(const unsigned int load_case, const State &u, const State *p, const State &u_hat,
                                       const State &p_hat, const ParameterVector &m_hat, ParameterVector &out) const
{
  forward_.add_parameter_jacobian_transpose(load_case, u, p_hat, out);
  if (p != nullptr)
  {
    forward_.add_second_mixed(load_case, u_hat, *p, out);
    forward_.add_second_parameter(load_case, u, *p, m_hat, out);
  }
}

double AdjointSolver::mixed_derivative(const unsigned int load_case, const State &v, const State &p,
                                       const ParameterVector &m_hat) const
{
  StateDual change = forward_.make_dual(load_case);
  forward_.apply_parameter_jacobian(load_case, v, m_hat, change);
  return dot(change, p);
}

} // namespace lodestone
