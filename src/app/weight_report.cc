#include <lodestone/app/weight_report.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/outliers.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

NumberTable weight_table(const WeightPath &path)
{
  NumberTable table;
  const auto add = [&](const std::string &name, const auto &number) {
    std::vector<double> column;
    for (const WeightPoint &point : path)
      column.push_back(number(point));
    table.add(name, std::move(column));
  };
  add("weight", [](const WeightPoint &p) { return p.weight; });
  add("log10 weight", [](const WeightPoint &p) { return std::log10(p.weight); });
  add("misfit", [](const WeightPoint &p) { return p.misfit; });
  add("prior", [](const WeightPoint &p) { return p.prior; });
  add("roughness", [](const WeightPoint &p) { return 2 * p.prior / p.weight; });
  add("chi2 per datum", [](const WeightPoint &p) { return p.chi_squared_per_datum; });
  add("curvature", [&](const WeightPoint &p) { return LCurveRule::curvature(path, p.weight); });
  add("iterations", [](const WeightPoint &p) { return p.iterations; });
  add("Hessian actions", [](const WeightPoint &p) { return p.hessian_actions; });
  return table;
}

namespace
{
/// The data set with the largest chi^2/N: its load case and number.
template <int dim>
std::pair<unsigned int, unsigned int> worst_set(const Problem<dim> &problem)
{
  std::pair<unsigned int, unsigned int> worst(0, 0);
  double largest = -1;
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    const auto &sets = problem.data_sets(s);
    const auto fits = fit_statistics(sets, problem.objective().evaluation(s).residual,
                                     problem.objective().evaluation(s).standardized);
    for (unsigned int k = 0; k < sets.size(); ++k)
      for (const FitStatistics &fit : fits)
        if (fit.name == sets[k].name && fit.chi_squared_per_datum() > largest)
        {
          largest = fit.chi_squared_per_datum();
          worst = {s, k};
        }
  }
  return worst;
}
} // namespace

template <int dim>
void report_weight(const Problem<dim> &problem, const WeightPath &path, const bool found, Log &log)
{
  double actions = 0;
  for (const WeightPoint &point : path)
    actions += point.hessian_actions;
  const double chi_squared = path.back().chi_squared_per_datum;
  log.line("prior weight " + significant(path.back().weight, 4) + ", chosen with " +
           counted(path.size(), "minimisation") + " and " + counted(std::size_t(actions), "Hessian action") +
           ": chi^2/N " + significant(chi_squared, 4));
  if (found)
    return;
  if (problem.parameters().prior.weight_choice().target > chi_squared)
  {
    log.warning("the data are fitted better than the discrepancy asks for even by models that hardly differ from the "
                "background (chi^2/N " +
                significant(chi_squared, 3) +
                "). Either sigma is too large, or the data hold nothing that the background does not explain.");
    return;
  }
  const auto [s, k] = worst_set(problem);
  const DataSet &set = problem.data_sets(s)[k];
  const DataView standardized =
      DataLayout(problem.data_sets(s)).slice(problem.objective().evaluation(s).standardized, k);
  std::vector<std::string> worst;
  for (const unsigned int i : find_outliers(set, standardized).worst)
    worst.push_back(set.datum_name(i) + " (" + significant(standardized[i], 3) + " sigma)");
  log.warning("no weight of the prior fits the data to their sigma: the smallest chi^2/N found is " +
              significant(chi_squared, 3) + ". Data set " + set.name + " of load case " +
              problem.parameters().load_cases[s].name + " fits worst; its five worst data: " + join(worst, "; ") +
              ". Usual causes: sigma is too small; errors of neighbouring data are correlated; a load, an offset or a "
              "source is missing; single data are wrong; cells are too large (see the discretization error).");
}

template void report_weight<2>(const Problem<2> &, const WeightPath &, bool, Log &);
template void report_weight<3>(const Problem<3> &, const WeightPath &, bool, Log &);

} // namespace lodestone
