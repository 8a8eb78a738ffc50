#pragma once

#include <lodestone/app/model_report.h>
#include <lodestone/app/result_source.h>
#include <lodestone/inversion/continuation.h>

#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// How a run ended, for its summary.
struct RunEnd
{
  std::string command; ///< forward | invert
  std::optional<Optimizer::Result> inversion;
  int exit_code = 0;
  double seconds = 0;                               ///< wall time
  std::vector<RecoveredRange> recovered;            ///< of an inversion with unknowns
  std::string parameter_file;                       ///< its name, as the command line gave it
  std::vector<ContinuationLevel> continuation = {}; ///< of an inversion that began on coarser meshes
};

/// summary.json: what a script wants to know of a run, every number to full precision, units beside the numbers.
///
/// J, misfit, prior, chi^2/N, stop reason, iterations and solves; for every load case the fit of its data sets,
/// strengths (with what they stand for) and nuisance terms, each with its standard deviation at the stiffness found;
/// versions and ranks. What a run does not have, the misfit of one without observed data, is left out. Collective.
template <int dim>
std::string run_summary(const ResultSource<dim> &source, const RunEnd &end);

} // namespace lodestone
