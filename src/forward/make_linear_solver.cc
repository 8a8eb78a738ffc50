#include <lodestone/forward/assembled_solver.h>
#include <lodestone/forward/make_linear_solver.h>
#include <lodestone/forward/multigrid/multigrid_solver.h>

namespace lodestone
{

void LinearSolver::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter("Method", method,
                        "auto | multigrid | amg | direct: matrix-free conjugate gradients with geometric multigrid, an "
                        "assembled matrix with "
                        "algebraic multigrid, or a sparse Cholesky factorisation (MUMPS). auto takes the factorisation "
                        "for small models, multigrid otherwise, algebraic multigrid for Q1 on a mesh that was never "
                        "refined; the log says which and why.",
                        dealii::Patterns::Selection("auto|multigrid|amg|direct"));
  handler.add_parameter("Tolerance", tolerance,
                        "Relative residual |b - K x| / |b| at which an iterative solve ends (0 to 1e-2).",
                        dealii::Patterns::Double(1e-15, 1e-2));
  handler.add_parameter("Maximum iterations", maximum_iterations,
                        "Conjugate-gradient iterations after which a solve counts as failed.",
                        dealii::Patterns::Integer(1));
  handler.add_parameter(
      "Warm start vectors", warm_start_vectors,
      "States and adjoints at recent models, of each load case, that first guesses of iterative solves are made from "
      "(0: none). n of them take 16 (n + 1) byte an unknown and load case.",
      dealii::Patterns::Integer(0, 100));
}

namespace
{

// Unknowns up to which a factorisation pays, by how many solves share it and what else there is; measured on two cores by
// `scripts/benchmark.sh full crossover` (doc/performance.md).
dealii::types::global_dof_index direct_limit(const unsigned int dim, const unsigned int solves, const bool has_levels)
{
  const bool many = solves >= 10;
  if (has_levels) // against geometric multigrid
    return dim == 2 ? (many ? 50000 : 1000) : (many ? 1500 : 500);
  return dim == 2 ? (many ? 1000000 : 500000) : (many ? 30000 : 2000); // against an algebraic one
}

} // namespace

SolverChoice choose_linear_solver(const LinearSolver::Parameters &parameters, const unsigned int dim,
                                  const dealii::types::global_dof_index n_dofs, const bool has_levels)
{
  using Method = SolverChoice::Method;
  const std::string &wanted = parameters.method;
  const std::string no_levels = "multigrid needs a mesh that was refined at least once, or Q2";
  if (wanted == "direct" || wanted == "amg")
    return {wanted == "direct" ? Method::direct : Method::amg, "as the parameter file asks"};
  if (wanted == "multigrid")
    return has_levels ? SolverChoice{Method::multigrid, "as the parameter file asks"}
                      : SolverChoice{Method::amg, no_levels};
  const auto limit = direct_limit(dim, parameters.solves_per_model, has_levels);
  const std::string reason = std::to_string(limit) + " unknowns in " + std::to_string(dim) + "-D with about " +
                             std::to_string(parameters.solves_per_model) + " solves a model";
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
  if (method == Method::multigrid)
    return {std::make_unique<MultigridSolver<dim>>(space, boundary_conditions, stiffness, parameters), reason};
  return {std::make_unique<Assembled>(space, boundary_conditions,
                                      method == Method::direct ? Assembled::Method::direct : Assembled::Method::amg,
                                      parameters),
          reason};
}

template ChosenSolver make_linear_solver(const DisplacementSpace<2> &, const BoundaryConditions<2> &,
                                         StiffnessOperator<2, double> &, const LinearSolver::Parameters &);
template ChosenSolver make_linear_solver(const DisplacementSpace<3> &, const BoundaryConditions<3> &,
                                         StiffnessOperator<3, double> &, const LinearSolver::Parameters &);

} // namespace lodestone
