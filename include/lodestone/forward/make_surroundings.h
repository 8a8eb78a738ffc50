#pragma once

#include <lodestone/loads/surroundings.h>
#include <lodestone/material/parametrization.h>
#include <lodestone/solver/boundary_conditions.h>

namespace lodestone
{

/// What loads may know of the body: its background, the cells that keep it, and whether it is a half-space, with all
/// faces of the boundary that look up at one height, and nothing that holds them. Collective.
template <int dim>
Surroundings<dim> surroundings(const Parametrization<dim> &parametrization,
                               const BoundaryConditions<dim> &boundary_conditions);

} // namespace lodestone
