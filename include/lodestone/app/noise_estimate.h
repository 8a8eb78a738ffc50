#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/io/result_directory.h>

namespace lodestone
{

/// Estimates the noise of the data sets that ask for it (NoiseModel::estimate) from the semivariogram of their residuals
/// at the objective's point, gives it to the problem, writes `variogram_<data set>.csv` and says in the log what was
/// found. Residuals are smaller than errors by what the model has taken up of them, so a warning is given where it has more
/// unknowns than a tenth of the data. Returns whether any noise is another one now. Collective.
template <int dim>
bool estimate_noise(Problem<dim> &problem, const ResultDirectory &directory, Log &log);

} // namespace lodestone
