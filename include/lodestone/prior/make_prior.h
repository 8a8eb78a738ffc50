#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/prior.h>
#include <lodestone/prior/prior_parameters.h>

#include <memory>

namespace lodestone
{

/// The prior that subsection `Prior` describes; its factor is the entry `Weight`. Collective.
/// @param cells lives as long as the prior
/// @param deck_directory names of tables are looked up here
/// @param mean what the results file in the entry `Mean` holds; null where that names none
/// @throws InputError
template <int dim>
std::unique_ptr<Prior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                  const std::shared_ptr<const ParameterLayout> &layout,
                                  const std::string &deck_directory = "", const ParameterVector *mean = nullptr);

} // namespace lodestone
