#pragma once

#include <lodestone/objective/reduced_objective.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What the gradient with respect to n groups of unknowns costs: by adjoint (one adjoint solve per load case), by
/// tangent mode (one incremental solve per group) and by one-sided finite differences (one forward solve at a new model
/// per group); and how far they agree.
///
/// Groups are of contiguous unknowns. Tangent mode and differences are run for at most ten groups of each n and
/// extrapolated beyond. Counts above the number of unknowns are left out; when all are, there is one group per unknown.
/// The objective is left evaluated at m. Collective. @throws SolverError
std::string gradient_cost_table(ReducedObjective &objective, const ParameterVector &m,
                                const std::vector<unsigned int> &group_counts);

} // namespace lodestone
