#pragma once

#include <lodestone/app/minimisation.h>
#include <lodestone/app/variance_components.h>

#include <optional>

namespace lodestone
{

/// Finds the model, and beside it what the deck asks for: the noise of data sets (`Estimate noise`), then the weight of the
/// prior, then the relative weights of data sets (`Weights = estimate`). Each estimate changes the problem, and the
/// minimisation goes on. Checkpoints hold what has been estimated, and a run that goes on takes it from there. Collective.
/// @param before state in the checkpoint from which the run goes on; empty for a new run
/// @return the variance components of the data sets at the model, if there are any
template <int dim>
std::optional<VarianceComponents> find_model(Run<dim> &run, Minimisation<dim> &minimisation,
                                             const OptimizerState &before, Log &log);

} // namespace lodestone
