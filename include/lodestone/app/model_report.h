#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

namespace lodestone
{

/// Tells the user which moduli were recovered: for every unknown quantity its range, and where it differs most from the
/// background; with unknowns per zone, the value of each zone. Collective.
template <int dim>
void report_moduli(const Problem<dim> &problem, const ParameterVector &m, Log &log);

} // namespace lodestone
