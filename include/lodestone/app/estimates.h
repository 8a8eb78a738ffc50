#pragma once

#include <lodestone/app/result_source.h>

#include <string>
#include <vector>

namespace lodestone
{

/// A number that the data determine, with one standard deviation: at the stiffness found, or with the errors of the
/// stiffness where the source has them.
struct Estimate
{
  std::string name, unit; ///< "gnss: up offset", "m"; no unit: a pure number
  double value = 0, deviation = 0;
};

/// What was estimated beside the stiffness in one load case.
struct Estimates
{
  /// The estimated strength of one load.
  struct Strength
  {
    Estimate factor;               ///< named like the load
    std::vector<Estimate> amounts; ///< what it stands for: volume change, potency, resultant force
  };
  std::vector<Strength> strengths;
  std::vector<Estimate> nuisance;

  /// Of all factors and nuisance terms, in this order.
  std::vector<std::string> names;
  std::vector<std::vector<double>> correlations, covariance; ///< the latter in products of the units
};

/// Returns the estimates at the model of the last evaluation; there are none for a load case without observed data.
/// Collective.
template <int dim>
Estimates estimates(const ResultSource<dim> &source, unsigned int load_case);

/// Strengths of estimated loads and nuisance terms of every load case, with standard deviations, and which of them the
/// data hardly tell apart (correlations above 0.8), as log lines.
template <int dim>
void report_estimates(const ResultSource<dim> &source, Log &log);

} // namespace lodestone
