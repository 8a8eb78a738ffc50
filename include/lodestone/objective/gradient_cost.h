#pragma once

#include <lodestone/objective/reduced_objective.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What the gradient with respect to n zones costs by adjoint (one adjoint solve a load case), by tangent mode (one incremental solve a
/// zone) and by one-sided finite differences (one forward solve at a new model a zone), for each n; and how far they agree.
///
/// Zones are contiguous groups of unknowns. Tangent and differences are run for at most ten zones of each n and extrapolated beyond.
/// The objective is left evaluated at m. @throws SolverError
std::string gradient_cost_table(ReducedObjective &objective, const ParameterVector &m,
                                const std::vector<unsigned int> &zone_counts);

} // namespace lodestone
