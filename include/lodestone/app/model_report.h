#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The smallest and the largest value that an unknown quantity has in any cell.
struct RecoveredRange
{
  std::string quantity;                        ///< E | nu | K | G
  double smallest = 0, largest = 0;            ///< Pa; Poisson's ratio has no unit
  std::vector<double> smallest_at, largest_at; ///< centres of these cells (m)
};

/// Of every unknown quantity at m. Collective.
template <int dim>
std::vector<RecoveredRange> recovered_ranges(const Problem<dim> &problem, const ParameterVector &m);

/// Tells the user which moduli were recovered: for every unknown quantity its range, and where it differs most from the
/// background; with unknowns per zone, the value of each zone. Collective.
template <int dim>
void report_moduli(const Problem<dim> &problem, const ParameterVector &m, Log &log);

} // namespace lodestone
