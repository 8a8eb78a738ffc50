#pragma once

#include <lodestone/app/comparison_problem.h>

#include <vector>

namespace lodestone
{

/// The parts of cells in the discretization error of all data, as adapt_mesh describes them: eta_c, one entry per owned
/// cell in the order of the mesh, summed over the load cases and over `n_samples` random sets of signs. Collective.
/// @param problem evaluated
/// @param coarser the problem on problem.mesh().make_coarser(), solved
/// @throws SolverError
template <int dim>
std::vector<double> cell_shares(Problem<dim> &problem, ComparisonProblem<dim> &coarser, unsigned int n_samples);

} // namespace lodestone
