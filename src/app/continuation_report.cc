#include <lodestone/app/continuation_report.h>
#include <lodestone/base/number_text.h>

#include <cmath>
#include <cstdio>

namespace lodestone
{

void report_continuation(const Continuation &continuation, Log &log)
{
  constexpr double largest_change = 0.1;
  const auto &levels = continuation.levels();
  log.line("continuation: what the minimisation on each mesh took, and where it ended");
  log.line("       cells   unknowns  iterations  Hessian actions   seconds             J    chi^2/N  prior weight");
  for (const ContinuationLevel &level : levels)
  {
    char text[140];
    std::snprintf(text, sizeof(text), "  %10.0f %10.0f %11.0f %16.0f %9.1f %13.7g %10.4f %13.5g", level.cells,
                  level.unknowns, level.iterations, level.hessian_actions, level.seconds, level.value,
                  level.chi_squared_per_datum, level.prior_weight);
    log.line(text);
  }
  const WeightPath &path = continuation.weight_path();
  const ContinuationLevel &last = levels.back();
  if (path.empty() || last.coarsenings > 0 || !continuation.weight_is_found())
    return;
  const double chosen = path.back().chi_squared_per_datum;
  if (std::abs(std::log(last.chi_squared_per_datum / chosen)) > largest_change)
    log.warning("the weight of the prior was chosen on a coarser mesh, where chi^2/N is " + significant(chosen, 4) +
                "; on the mesh of the deck it is " + significant(last.chi_squared_per_datum, 4) +
                ". Give fewer Continuation levels, so that the coarsest mesh predicts the data better, or 0.");
}

} // namespace lodestone
