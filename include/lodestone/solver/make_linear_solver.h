#pragma once

#include <lodestone/solver/linear_solver.h>
#include <lodestone/solver/stiffness_operator.h>

#include <memory>
#include <string>

namespace lodestone
{

/// A method and why it was chosen.
struct SolverChoice
{
  /// The methods, as the deck names them.
  enum class Method
  {
    multigrid,
    amg,
    direct
  };
  Method method;
  std::string reason; ///< a clause for the log
};

/// Chooses the method that the parameters name, or for `auto` the one that is expected to be fastest.
/// @param parameters section `Solver` of the deck
/// @param dim dimension of the mesh
/// @param n_dofs number of unknowns on all ranks
/// @param has_levels whether geometric multigrid applies (GeometricMultigrid::applies_to); otherwise algebraic
/// multigrid takes its place
SolverChoice choose_linear_solver(const LinearSolver::Parameters &parameters, unsigned int dim,
                                  dealii::types::global_dof_index n_dofs, bool has_levels);

/// A linear solver and why it was chosen.
struct ChosenSolver
{
  std::unique_ptr<LinearSolver> solver;
  std::string reason; ///< a clause for the log
};

/// Makes the linear solver that the parameters name, or for `auto` the one that is expected to be fastest for this
/// space. Collective.
/// @param space must outlive the solver
/// @param boundary_conditions must outlive the solver
/// @param stiffness the matrix-free operator of the space, for solvers that use it; must outlive the solver
/// @param parameters section `Solver` of the deck
template <int dim>
ChosenSolver make_linear_solver(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                                StiffnessOperator<dim, double> &stiffness, const LinearSolver::Parameters &parameters);

} // namespace lodestone
