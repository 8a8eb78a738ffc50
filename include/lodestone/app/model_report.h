#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The smallest and the largest value that a quantity has in any cell.
struct ValueRange
{
  double smallest = 0, largest = 0;            ///< Pa; Poisson's ratio has no unit
  std::vector<double> smallest_at, largest_at; ///< centres of these cells (m)
};

/// Of E, nu, K or G at m. Collective.
template <int dim>
ValueRange range_of(const Problem<dim> &problem, const std::string &quantity, const ParameterVector &m);

/// What was recovered of an unknown quantity.
struct RecoveredRange : ValueRange
{
  std::string quantity;                                                 ///< E | nu | K | G
  unsigned long long n = 0, n_at_lower_bound = 0, n_at_upper_bound = 0; ///< of its unknowns
};

/// Of every unknown quantity at m. Collective.
template <int dim>
std::vector<RecoveredRange> recovered_ranges(const Problem<dim> &problem, const ParameterVector &m);

/// Tells the user which moduli were recovered: for every unknown quantity its range, and where it differs most from the
/// background; how many unknowns lie at their bounds; with unknowns per zone, the value of each zone. Collective.
template <int dim>
void report_moduli(const Problem<dim> &problem, const ParameterVector &m, Log &log);

} // namespace lodestone
