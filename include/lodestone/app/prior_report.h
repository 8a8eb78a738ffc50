#pragma once

#include <lodestone/app/problem.h>

namespace lodestone
{

/// The m that the prior is about. Collective.
template <int dim>
ParameterVector prior_centre(const Problem<dim> &problem);

/// Says in the log what one standard deviation of every unknown field means for its quantity: "one sigma of the prior: E
/// is 12.1 to 33 GPa (mean over the model; 20 GPa at its centre)". Collective.
/// @param centre the m from which deviations count
/// @param deviations of m, one per field
template <int dim>
void report_one_sigma(const Problem<dim> &problem, const ParameterVector &centre, const std::vector<double> &deviations,
                      Log &log);

/// The same for a Matern prior, whose standard deviation is that of every point; nothing where it varies, or for other
/// priors. Collective.
template <int dim>
void report_one_sigma(const Problem<dim> &problem, Log &log);

} // namespace lodestone
