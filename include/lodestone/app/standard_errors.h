#pragma once

#include <lodestone/app/output_parameters.h>
#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>
#include <lodestone/objective/posterior_covariance.h>

#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// How well data and prior determine the unknowns of a run, with what is estimated beside them; to first order.
struct StandardErrors
{
  /// The unknown number of one field on one parameter cell.
  struct Unknown
  {
    std::string name;     ///< "E of crust", "nu of parameter cell 17"
    std::string quantity; ///< E | nu | K | G
    double value;         ///< mean over the parameter cell (Pa; Poisson's ratio has no unit)
    double lower, upper;  ///< the same at m minus and plus one standard error; NaN where nothing determines m
    double deviation;     ///< standard error of m; infinite where nothing determines it
  };
  std::vector<Unknown> unknowns;  ///< by their global numbers
  std::vector<std::string> names; ///< of everything: the unknowns, then strengths and nuisance terms by load case
  PosteriorCovariance all;        ///< in the order of `names`

  /// The largest number of unknowns for which a dense covariance is computed.
  static constexpr unsigned int most_unknowns = 1000;

  /// Two numbers that the data hardly tell apart.
  struct Pair
  {
    std::size_t first, second; ///< places in `names`
    double correlation;
  };
  /// Pairs whose correlation is above 0.8 (size), the largest first; at least one of each pair is an unknown.
  std::vector<Pair> hardly_told_apart() const;
};

/// Whether `Output/Standard errors` asks for them. @throws InputError if it does and there are too many unknowns
template <int dim>
bool wants_standard_errors(const Problem<dim> &problem);

/// The standard errors at m, where the objective has been evaluated; nothing when a solve fails, which the log says.
/// One solve per unknown and load case. Collective.
template <int dim>
std::optional<StandardErrors> standard_errors(Problem<dim> &problem, const ParameterVector &m, Log &log);

/// Log lines; long lists are cut short.
void report_standard_errors(const StandardErrors &errors, Log &log);

} // namespace lodestone
