#pragma once

#include <lodestone/discretization/mesh_names.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/prior_parameters.h>

namespace lodestone
{

/// The standard deviation of every unknown, as numbers, formulas, tables and zones give it: the mean, by volume, over the
/// unknown's cells of the value at their centres. Unknowns of no cell and no zone have 1. Collective.
/// @throws InputError with the place where it is not positive
template <int dim>
ParameterVector prior_deviations(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                 const std::shared_ptr<const ParameterLayout> &layout,
                                 const std::string &deck_directory);
/// The mean of every unknown in the same way; for unknowns of no cell and no zone it is 0. Not for "results FILE".
template <int dim>
ParameterVector prior_mean(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                           const std::shared_ptr<const ParameterLayout> &layout, const std::string &deck_directory);

/// Checks formulas, tables and names before there is a mesh. Collective, since tables are read. @throws InputError
template <int dim>
void check_prior(const PriorParameters &parameters, const MeshNames &names, const std::string &deck_directory,
                 MPI_Comm comm);

} // namespace lodestone
