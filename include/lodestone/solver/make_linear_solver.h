#pragma once

#include <lodestone/solver/linear_solver.h>
#include <lodestone/solver/stiffness_operator.h>

#include <memory>
#include <string>

namespace lodestone
{

struct SolverChoice
{
  enum class Method
  {
    multigrid,
    amg,
    direct
  };
  Method method;
  std::string reason; ///< for the log
};

/// The method that the parameters name; for `auto` the one expected to be fastest.
/// @param has_levels whether geometric multigrid applies (GeometricMultigrid::applies_to); without, algebraic multigrid
/// takes its place
SolverChoice choose_linear_solver(const LinearSolver::Parameters &parameters, unsigned int dim,
                                  dealii::types::global_dof_index n_dofs, bool has_levels);

struct ChosenSolver
{
  std::unique_ptr<LinearSolver> solver;
  std::string reason; ///< why this one, for the log
};

/// The linear solver that the parameters name; for `auto` the one expected to be fastest for this space.
/// @param stiffness the matrix-free operator of the space, for solvers that use it; must outlive the solver
template <int dim>
ChosenSolver make_linear_solver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                                StiffnessOperator<dim, double> &stiffness, const LinearSolver::Parameters &parameters);

} // namespace lodestone
