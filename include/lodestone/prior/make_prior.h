#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/prior.h>
#include <lodestone/prior/prior_parameters.h>

#include <memory>

namespace lodestone
{

/// The prior that subsection `Prior` describes; its factor is the entry `Weight`. Collective.
/// @param cells lives as long as the prior
/// @throws InputError
template <int dim>
std::unique_ptr<Prior> make_prior(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                  const std::shared_ptr<const ParameterLayout> &layout);

} // namespace lodestone
