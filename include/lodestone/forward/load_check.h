#pragma once

#include <lodestone/loads/load.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/solver/boundary_conditions.h>

namespace lodestone
{

/// Collective. @throws InputError for a load that pushes nothing but boundaries whose displacement is given, so that
/// nothing moves
template <int dim>
void check_meets_no_support(const Load<dim> &load, const LoadVector<dim> &vector,
                            const BoundaryConditions<dim> &boundary_conditions);

} // namespace lodestone
