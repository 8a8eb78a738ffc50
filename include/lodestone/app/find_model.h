#pragma once

#include <lodestone/app/minimisation.h>
#include <lodestone/app/variance_components.h>

#include <optional>

namespace lodestone
{

/// Finds the model, and beside it what the deck asks for: a mesh that suits it (`Adapt`), the noise of data sets (`Estimate noise`), then the weight of the
/// prior, then the relative weights of data sets (`Weights = estimate`). Each of them changes the problem, and the
/// minimisation goes on. Checkpoints hold what has changed, and a run that goes on takes it from there. Collective.
/// @return the variance components of the data sets at the model, if there are any
template <int dim>
std::optional<VarianceComponents> find_model(Run<dim> &run, Minimisation<dim> &minimisation, Log &log);

} // namespace lodestone
