#include <lodestone/forward/elastic_forward_solver.h>

#include <deal.II/base/timer.h>

#include <algorithm>

namespace lodestone
{

namespace
{
/// Takes from `fixed` what parts of a source in other moduli drive: k(1, 0; excess_lambda, .) + k(0, 1; excess_mu, .).
template <int dim>
void add_excess(const ElasticityKernels<dim> &kernels, Moduli one, typename LoadVector<dim>::Incident &incident,
                DistributedVector &fixed)
{
  if (incident.excess_lambda.size() == 0)
    return;
  DistributedVector forces = fixed;
  forces = 0;
  one.lambda = 1;
  one.mu = 0;
  kernels.add_stiffness(one, false, incident.excess_lambda, forces);
  one.lambda = 0;
  one.mu = 1;
  kernels.add_stiffness(one, false, incident.excess_mu, forces);
  kernels.finish(forces);
  fixed -= forces;
  incident.excess_lambda = incident.excess_mu = DistributedVector();
}
} // namespace

template <int dim>
ElasticForwardSolver<dim>::ElasticForwardSolver(const DisplacementSpace<dim> &space,
                                                const BoundaryConditions<dim> &boundary_conditions,
                                                const Parametrization<dim> &parametrization,
                                                std::vector<std::vector<LoadVector<dim>>> load_cases,
                                                const LinearSolver::Parameters &parameters)
    : space_(space), boundary_conditions_(boundary_conditions), parametrization_(parametrization),
      kernels_(space, boundary_conditions), load_cases_(std::move(load_cases)), tolerance_(parameters.tolerance),
      linear_solver_(make_linear_solver(space, boundary_conditions, kernels_.stiffness_operator(), parameters))
{
  for (auto &loads : load_cases_)
    for (auto &load : loads)
    {
      boundary_conditions_.move_to_free_components(load.fixed);
      if (!load.incident)
        continue;
      displacement_ = space.make_vector();
      add_excess(kernels_, make_moduli(), *load.incident, load.fixed);
    }
  if (!linear_solver_.solver->uses_guess() || parameters.warm_start_vectors == 0)
    return;
  for (unsigned int s = 0; s < load_cases_.size(); ++s)
    warm_starts_.push_back(
        {RecentSolutions(parameters.warm_start_vectors), RecentSolutions(parameters.warm_start_vectors)});
  workspace_ = {space.make_vector(), space.make_vector()};
}

template <int dim>
ElasticForwardSolver<dim>::~ElasticForwardSolver() = default;

template <int dim>
State ElasticForwardSolver<dim>::make_state(const unsigned int load_case) const
{
  State u;
  u.step.push_back(space_.make_vector());
  u.step[0].update_ghost_values();
  u.load_factors.assign(n_loads(load_case), 0.);
  u.affine = 0;
  return u;
}

template <int dim>
StateDual ElasticForwardSolver<dim>::make_dual(const unsigned int /*load_case*/) const
{
  return {{space_.make_vector()}};
}

template <int dim>
Moduli ElasticForwardSolver<dim>::make_moduli() const
{
  return {space_.mesh().make_cell_field(), space_.mesh().make_cell_field()};
}

template <int dim>
void ElasticForwardSolver<dim>::linearize_at(const ParameterVector &m)
{
  Assert(m.values().has_ghost_elements(), dealii::ExcMessage("update_ghost_values of m first"));
  m_ = &m;
  moduli_ = parametrization_.value(m);
  solver_is_current_ = false;
  for (WarmStart &warm_start : warm_starts_)
  {
    warm_start.forward.renew();
    warm_start.adjoint.renew();
  }
}

template <int dim>
void ElasticForwardSolver<dim>::add_to(RankState &state) const
{
  linear_solver_.solver->add_to(state, "solver");
  for (std::size_t s = 0; s < warm_starts_.size(); ++s)
  {
    warm_starts_[s].forward.add_to(state, "forward_" + std::to_string(s));
    warm_starts_[s].adjoint.add_to(state, "adjoint_" + std::to_string(s));
  }
}

template <int dim>
void ElasticForwardSolver<dim>::take_from(const RankState &state)
{
  linear_solver_.solver->take_from(state, "solver", moduli_);
  const DistributedVector like = space_.make_vector();
  for (std::size_t s = 0; s < warm_starts_.size(); ++s)
  {
    warm_starts_[s].forward.take_from(state, "forward_" + std::to_string(s), like);
    warm_starts_[s].adjoint.take_from(state, "adjoint_" + std::to_string(s), like);
  }
}

template <int dim>
SolveReport ElasticForwardSolver<dim>::solve_from_memory(const unsigned int load_case, const Direction direction,
                                                         const std::vector<double> &loads, const DistributedVector &b,
                                                         DistributedVector &x, const SolveRequest &request)
{
  if (!solver_is_current_)
    linear_solver_.solver->renew(moduli_);
  solver_is_current_ = true;
  const double tolerance = std::max(request.tolerance, tolerance_);
  const auto &constraints = boundary_conditions_.constraints();
  if (warm_starts_.empty() || request.increment)
  {
    SolveReport report = linear_solver_.solver->solve(b, x, tolerance);
    constraints.distribute(x);
    return report;
  }
  RecentSolutions &recent =
      direction == Direction::forward ? warm_starts_[load_case].forward : warm_starts_[load_case].adjoint;
  dealii::Timer timer(space_.mesh().communicator(), true);
  double applications = 0;
  if (x.linfty_norm() == 0)
  {
    const auto apply = [this](const DistributedVector &in, DistributedVector &out) {
      out = 0;
      kernels_.add_stiffness(moduli_, true, in, out);
      kernels_.finish(out);
    };
    applications = recent.guess(loads, b, x, apply, workspace_);
    constraints.set_zero(x);
  }
  SolveReport report = linear_solver_.solver->solve(b, x, tolerance);
  report.operator_applications += applications;
  constraints.distribute(x);
  if (report.converged)
    recent.remember(loads, b, x);
  report.seconds = timer.wall_time();
  return report;
}

template <int dim>
SolveReport ElasticForwardSolver<dim>::solve(const unsigned int load_case, State &u, const SolveRequest &request)
{
  // One Newton step from the lifted boundary values is exact: r is linear in u.
  State lifted = make_state(load_case);
  lifted.load_factors = u.load_factors;
  lifted.affine = u.affine;
  if (boundary_conditions_.has_prescribed_values() && u.affine != 0)
    lifted.step[0].equ(u.affine, boundary_conditions_.lift());
  lifted.step[0].update_ghost_values();

  StateDual rhs = make_dual(load_case);
  residual(load_case, lifted, rhs);
  rhs.step[0] *= -1;
  DistributedVector correction = u.step[0];
  correction -= lifted.step[0];
  boundary_conditions_.constraints().set_zero(correction);
  std::vector<double> loads = u.load_factors;
  loads.push_back(u.affine);
  SolveReport report = solve_from_memory(load_case, Direction::forward, loads, rhs.step[0], correction, request);
  u.step[0] = lifted.step[0];
  u.step[0] += correction;
  u.step[0].update_ghost_values();
  return report;
}

template <int dim>
void ElasticForwardSolver<dim>::residual(const unsigned int load_case, const State &u, StateDual &r) const
{
  DistributedVector &out = r.step[0];
  out.zero_out_ghost_values();
  out = 0;
  if (u.step[0].linfty_norm() != 0)
    kernels_.add_stiffness(moduli_, true, u.step[0], out);
  for (unsigned int l = 0; l < load_cases_[load_case].size(); ++l)
    if (const double factor = u.load_factors[l]; factor != 0)
      kernels_.add_load_cells(-factor, load_cases_[load_case][l], moduli_, out);
  add_incident(load_case, u.load_factors, out);
  out.compress(dealii::VectorOperation::add);
  for (unsigned int l = 0; l < load_cases_[load_case].size(); ++l)
    if (const double factor = u.load_factors[l]; factor != 0)
      out.add(-factor, load_cases_[load_case][l].fixed);
  boundary_conditions_.constraints().set_zero(out);
}

template <int dim>
void ElasticForwardSolver<dim>::add_incident(const unsigned int load_case, const std::vector<double> &load_factors,
                                             DistributedVector &out) const
{
  const auto &loads = load_cases_[load_case];
  std::vector<bool> done(loads.size(), false);
  for (unsigned int first = 0; first < loads.size(); ++first)
  {
    if (done[first] || !loads[first].incident || load_factors[first] == 0)
      continue;
    const BodyModuli body = loads[first].incident->moduli; // all loads in this body together
    displacement_ = 0;
    for (unsigned int l = first; l < loads.size(); ++l)
      if (loads[l].incident && loads[l].incident->moduli == body)
      {
        displacement_.add(load_factors[l], loads[l].incident->nodes);
        done[l] = true;
      }
    Moduli difference = moduli_;
    for (unsigned int c = 0; c < difference.lambda.locally_owned_size(); ++c)
    {
      difference.lambda.local_element(c) -= body.lambda;
      difference.mu.local_element(c) -= body.mu;
    }
    if (difference.lambda.linfty_norm() == 0 && difference.mu.linfty_norm() == 0)
      continue;
    difference.lambda.update_ghost_values();
    difference.mu.update_ghost_values();
    displacement_.update_ghost_values();
    kernels_.add_stiffness(difference, false, displacement_, out);
  }
}

template <int dim>
const DistributedVector &ElasticForwardSolver<dim>::displacement(const unsigned int load_case, const State &u) const
{
  const auto &loads = load_cases_[load_case];
  if (std::none_of(loads.begin(), loads.end(), [](const auto &load) { return load.incident.has_value(); }))
    return u.step[0];
  displacement_ = total_displacement(loads, u);
  return displacement_;
}

template <int dim>
void ElasticForwardSolver<dim>::apply_jacobian(const unsigned int /*load_case*/, const State &du, StateDual &out) const
{
  out.step[0].zero_out_ghost_values();
  out.step[0] = 0;
  kernels_.add_stiffness(moduli_, true, du.step[0], out.step[0]);
  kernels_.finish(out.step[0]);
}

template <int dim>
void ElasticForwardSolver<dim>::apply_jacobian_transpose(const unsigned int load_case, const State &p,
                                                         StateDual &out) const
{
  apply_jacobian(load_case, p, out); // K is symmetric
}

template <int dim>
SolveReport ElasticForwardSolver<dim>::solve_linear(const unsigned int load_case, const Direction direction,
                                                    StateDual &rhs, State &x, const SolveRequest &request)
{
  DistributedVector &b = rhs.step[0];
  boundary_conditions_.move_to_free_components(b);
  boundary_conditions_.constraints().set_zero(b);
  x.step[0].zero_out_ghost_values();
  boundary_conditions_.constraints().set_zero(x.step[0]);
  SolveReport report = solve_from_memory(load_case, direction, {}, b, x.step[0], request);
  x.step[0].update_ghost_values();
  return report;
}

template <int dim>
SolveReport ElasticForwardSolver<dim>::solve_jacobian(const unsigned int load_case, StateDual rhs, State &du,
                                                      const SolveRequest &request)
{
  return solve_linear(load_case, Direction::forward, rhs, du, request);
}

template <int dim>
SolveReport ElasticForwardSolver<dim>::solve_jacobian_transpose(const unsigned int load_case, StateDual rhs, State &p,
                                                                const SolveRequest &request)
{
  return solve_linear(load_case, Direction::adjoint, rhs, p, request); // K is symmetric
}

template <int dim>
void ElasticForwardSolver<dim>::apply_parameter_jacobian(const unsigned int load_case, const State &u,
                                                         const ParameterVector &m_hat, StateDual &out) const
{
  const Moduli moduli_hat = parametrization_.apply(*m_, m_hat);
  out.step[0].zero_out_ghost_values();
  out.step[0] = 0;
  kernels_.add_stiffness(moduli_hat, false, displacement(load_case, u), out.step[0]);
  for (unsigned int l = 0; l < load_cases_[load_case].size(); ++l)
    if (const double factor = u.load_factors[l]; factor != 0)
      kernels_.add_load_cells(-factor, load_cases_[load_case][l], moduli_hat, out.step[0]);
  kernels_.finish(out.step[0]);
}

template <int dim>
Moduli ElasticForwardSolver<dim>::moduli_dual(const unsigned int load_case, const State &u, const State &p) const
{
  Moduli dual = make_moduli();
  kernels_.add_stiffness_dual(displacement(load_case, u), p.step[0], dual);
  for (unsigned int l = 0; l < load_cases_[load_case].size(); ++l)
    kernels_.add_load_dual(-u.load_factors[l], load_cases_[load_case][l], p.step[0], dual);
  return dual;
}

template <int dim>
void ElasticForwardSolver<dim>::add_parameter_jacobian_transpose(const unsigned int load_case, const State &u,
                                                                 const State &p, ParameterVector &g) const
{
  parametrization_.add_transpose(*m_, moduli_dual(load_case, u, p), g);
}

template <int dim>
void ElasticForwardSolver<dim>::add_second_parameter(const unsigned int load_case, const State &u, const State &p,
                                                     const ParameterVector &m_hat, ParameterVector &g) const
{
  parametrization_.add_second(*m_, m_hat, moduli_dual(load_case, u, p), g);
}

template <int dim>
void ElasticForwardSolver<dim>::add_second_mixed(const unsigned int load_case, const State &u_hat, const State &p,
                                                 ParameterVector &g) const
{
  add_parameter_jacobian_transpose(load_case, u_hat, p, g); // r is linear in the state and its load factors
}

template <int dim>
void ElasticForwardSolver<dim>::apply_second_mixed_transpose(const unsigned int /*load_case*/, const State &p,
                                                             const ParameterVector &m_hat, StateDual &out) const
{
  out.step[0].zero_out_ghost_values();
  out.step[0] = 0;
  kernels_.add_stiffness(parametrization_.apply(*m_, m_hat), false, p.step[0], out.step[0]);
  kernels_.finish(out.step[0]);
}

template class ElasticForwardSolver<2>;
template class ElasticForwardSolver<3>;

} // namespace lodestone
