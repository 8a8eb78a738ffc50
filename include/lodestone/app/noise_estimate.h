#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/io/result_directory.h>

namespace lodestone
{

/// Whether any data set asks for an estimate of its noise.
template <int dim>
bool wants_noise_estimate(const Problem<dim> &problem);

/// Estimates the noise of the data sets that ask for it (NoiseModel::estimate) from the semivariogram of their residuals
/// at the objective's point, a minimiser, gives it to the problem, writes `variogram_<data set>.csv` and says in the log what
/// was found. Residuals are smaller than errors by what the model has taken up of them; how much that is, four draws of the
/// present noise tell (residuals_of_errors). A warning is given where it is most of the errors. Returns whether the
/// noise is clearly another one now, so that minimiser and estimate should be repeated. Collective.
template <int dim>
bool estimate_noise(Problem<dim> &problem, const ResultDirectory &directory, Log &log);

} // namespace lodestone
