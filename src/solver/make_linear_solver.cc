#include <lodestone/base/memory.h>
#include <lodestone/solver/assembled_solver.h>
#include <lodestone/solver/make_linear_solver.h>
#include <lodestone/solver/multigrid/multigrid_solver.h>
#include <lodestone/solver/recovering_solver.h>

namespace lodestone
{

namespace
{

// Number of unknowns up to which a factorisation pays. It depends on how many solves share the factors and on the
// alternative, and was measured on two cores by `scripts/benchmark.sh full crossover` (doc/performance.md).
dealii::types::global_dof_index direct_limit(const unsigned int dim, const unsigned int solves, const bool has_levels)
{
  const bool many = solves >= 10;
  if (has_levels) // compared with geometric multigrid
    return dim == 2 ? (many ? 50000 : 1000) : (many ? 1500 : 500);
  return dim == 2 ? (many ? 1000000 : 500000) : (many ? 30000 : 2000); // compared with algebraic multigrid
}

// Number of unknowns up to which a system that multigrid could not solve is factorised: this takes about ten seconds
// and 2 GB in 3-D on two cores.
dealii::types::global_dof_index last_resort_limit(const unsigned int dim)
{
  return dim == 2 ? 1000000 : 100000;
}

} // namespace

SolverChoice choose_linear_solver(const LinearSolver::Parameters &parameters, const unsigned int dim,
                                  const dealii::types::global_dof_index n_dofs, const bool has_levels)
{
  using Method = SolverChoice::Method;
  const std::string no_levels = "multigrid needs a mesh that was refined at least once, or Q2";
  if (parameters.method == SolverMethod::direct)
    return {Method::direct, "as the parameter file asks"};
  if (parameters.method == SolverMethod::amg)
    return {Method::amg, "as the parameter file asks"};
  if (parameters.method == SolverMethod::multigrid)
    return has_levels ? SolverChoice{Method::multigrid, "as the parameter file asks"}
                      : SolverChoice{Method::amg, no_levels};
  const auto limit = direct_limit(dim, parameters.solves_per_model, has_levels);
  const std::string reason = std::to_string(limit) + " unknowns in " + std::to_string(dim) + "-D with about " +
                             std::to_string(parameters.solves_per_model) + " solves per model";
  if (n_dofs <= limit)
    return {Method::direct, "chosen for up to " + reason};
  if (!has_levels)
    return {Method::amg, "chosen since " + no_levels};
  return {Method::multigrid, "chosen for more than " + reason};
}

template <int dim>
ChosenSolver make_linear_solver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                                StiffnessOperator<dim, double> &stiffness, const LinearSolver::Parameters &parameters)
{
  using Assembled = AssembledSolver<dim>;
  using Method = SolverChoice::Method;
  const auto [method, reason] =
      choose_linear_solver(parameters, dim, space.n_dofs(), GeometricMultigrid<dim>::applies_to(space));
  const auto factorisation = [&space, &boundary_conditions, parameters]() -> std::unique_ptr<LinearSolver> {
    return std::make_unique<Assembled>(space, boundary_conditions, Assembled::Method::direct, parameters);
  };
  if (method == Method::direct)
    return {factorisation(), reason};
  std::unique_ptr<LinearSolver> iterative;
  const WorkingPart part("the multigrid hierarchy");
  if (method == Method::multigrid)
    iterative = std::make_unique<MultigridSolver<dim>>(space, boundary_conditions, stiffness, parameters);
  else
    iterative = std::make_unique<Assembled>(space, boundary_conditions, Assembled::Method::amg, parameters);
  return {std::make_unique<RecoveringSolver>(std::move(iterative), space.n_dofs() <= last_resort_limit(dim)
                                                                       ? RecoveringSolver::Make(factorisation)
                                                                       : nullptr),
          reason};
}

template ChosenSolver make_linear_solver(const DisplacementSpace<2> &, const BoundaryConditions<2> &,
                                         StiffnessOperator<2, double> &, const LinearSolver::Parameters &);
template ChosenSolver make_linear_solver(const DisplacementSpace<3> &, const BoundaryConditions<3> &,
                                         StiffnessOperator<3, double> &, const LinearSolver::Parameters &);

} // namespace lodestone
