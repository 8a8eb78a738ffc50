#include <lodestone/app/variance_components.h>
#include <lodestone/base/loop_progress.h>
#include <lodestone/base/number_text.h>
#include <lodestone/objective/linear_refit.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

namespace
{

/// Enough for a redundancy good to a few per cent of the number of data of the smallest set.
unsigned int number_of_probes(const unsigned int fewest_data)
{
  return std::clamp(400u / std::max(fewest_data, 1u), 1u, 16u);
}

/// chi^2/N, or that of typical residuals where the set expects outliers.
double mean_square(const DataSet &set, const DataView residual, const DataView standardized)
{
  const FitStatistics fit = set_statistics(set, residual, standardized);
  return set.loss.is_robust() ? fit.typical_chi_squared : fit.chi_squared_per_datum();
}

VarianceComponents::Component component(const DataSet &set, const DataView residual, const DataView standardized,
                                        const DataView redundancy)
{
  constexpr double smallest_redundancy = 0.05;
  double n = 0;
  for (const double r : standardized)
    n += set.loss.positive_curvature(r);
  const double used_up = n - std::accumulate(redundancy.begin(), redundancy.end(), 0.);
  VarianceComponents::Component result;
  result.redundancy = std::min(1 - used_up / (set.weight * n), 1.);
  if (result.redundancy > smallest_redundancy)
    result.factor = std::sqrt(mean_square(set, residual, standardized) / result.redundancy);
  return result;
}

template <int dim>
std::string name_of(const Problem<dim> &problem, const VarianceComponents::Component &of)
{
  const auto &cases = problem.parameters().load_cases;
  return (cases.size() > 1 ? cases[of.load_case].name + ", " : "") + problem.data_sets(of.load_case)[of.set].name;
}

template <int dim>
bool is_estimated(const Problem<dim> &problem, const VarianceComponents::Component &of)
{
  return problem.data_sets(of.load_case)[of.set].noise.estimate;
}

/// Whether the noise of any set was estimated by itself, so that the level of its errors is known.
template <int dim>
bool has_reference(const Problem<dim> &problem, const std::vector<VarianceComponents::Component> &components)
{
  return std::any_of(components.begin(), components.end(),
                     [&](const auto &each) { return each.factor > 0 && is_estimated(problem, each); });
}

/// Divides by the smallest factor of sets whose noise was estimated, or else of all.
template <int dim>
void make_relative(const Problem<dim> &problem, std::vector<VarianceComponents::Component> &components)
{
  const bool some = has_reference(problem, components);
  double smallest = 0;
  for (const auto &each : components)
    if (each.factor > 0 && (!some || is_estimated(problem, each)))
      smallest = smallest == 0 ? each.factor : std::min(smallest, each.factor);
  for (auto &each : components)
    if (smallest > 0)
      each.factor /= smallest;
}

} // namespace

template <int dim>
std::optional<VarianceComponents> variance_components(Problem<dim> &problem, const bool is_discrepancy, Log &log)
{
  unsigned int n_sets = 0, fewest = 0;
  const unsigned int n_cases = problem.parameters().load_cases.size();
  for (unsigned int s = 0; s < n_cases; ++s)
    for (const DataSet &set : problem.data_sets(s))
      if (set.observed)
        fewest = n_sets++ == 0 ? set.n_data() : std::min(fewest, set.n_data());
  if (n_sets < 2)
    return {};
  std::vector<DataVector> redundancy;
  const unsigned int n_probes = number_of_probes(fewest);
  LoopProgress progress(log, "variance components, probes", n_probes);
  if (const SolveReport report =
          probe_redundancy(problem.objective(), n_probes, redundancy, [&progress] { progress.step(); });
      !report.converged)
  {
    log.warning("the variance components of the data sets were not computed: " + report.reason);
    return {};
  }
  VarianceComponents result;
  for (unsigned int s = 0; s < n_cases; ++s)
  {
    const auto &sets = problem.data_sets(s);
    const DataLayout layout(sets);
    const Misfit::Evaluation &at = problem.objective().evaluation(s);
    for (unsigned int k = 0; k < sets.size(); ++k)
      if (sets[k].observed)
      {
        result.components.push_back(component(sets[k], layout.slice(at.residual, k), layout.slice(at.standardized, k),
                                              layout.slice(redundancy[s], k)));
        result.components.back().load_case = s;
        result.components.back().set = k;
      }
  }
  result.are_relative = is_discrepancy;
  if (is_discrepancy)
    make_relative(problem, result.components);
  return result;
}

template <int dim>
void report_variance_components(const Problem<dim> &problem, const VarianceComponents &found, Log &log)
{
  log.line(std::string("variance components: the factor of each set's sigma that its residuals ask for") +
           (found.are_relative ? " (ratios alone, since the discrepancy leaves their level open)" : "") +
           " and the share of redundant data");
  for (const auto &each : found.components)
    log.line("  " + name_of(problem, each) + ": " +
             (each.factor > 0 ? significant(each.factor, 3)
                              : std::string("unknown, since the model follows nearly all of its data")) +
             ", redundancy " + fixed(each.redundancy, 2));
}

template <int dim>
bool apply_variance_components(Problem<dim> &problem, const VarianceComponents &found, Log &log)
{
  constexpr double small_change = 0.05, largest_step = 10;
  std::vector<std::vector<NoiseModel>> noise;
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    noise.emplace_back();
    for (const DataSet &set : problem.data_sets(s))
      noise.back().push_back(set.noise);
  }
  double smallest = 0;
  for (const auto &each : found.components)
    if (NoiseModel &model = noise[each.load_case][each.set]; each.factor > 0 && !model.estimate)
    {
      model.factor *= std::clamp(each.factor, 1 / largest_step, largest_step);
      smallest = smallest == 0 ? model.factor : std::min(smallest, model.factor);
    }
  const bool sets_level = found.are_relative && smallest > 0 && !has_reference(problem, found.components);
  double change = 0;
  for (const auto &each : found.components)
    if (NoiseModel &model = noise[each.load_case][each.set]; each.factor > 0 && !model.estimate)
    {
      model.factor /= sets_level ? smallest : 1;
      const double before = problem.data_sets(each.load_case)[each.set].noise.factor;
      change = std::max(change, std::abs(std::log(model.factor / before)));
    }
  if (!(change > small_change))
    return false;
  problem.set_noise(noise);
  std::vector<std::string> factors;
  for (const auto &each : found.components)
    factors.push_back(name_of(problem, each) + " " + significant(noise[each.load_case][each.set].factor, 3));
  log.line("Weights = estimate: sigma of the data sets times " + join(factors, "; "));
  return true;
}

template std::optional<VarianceComponents> variance_components<2>(Problem<2> &, bool, Log &);
template std::optional<VarianceComponents> variance_components<3>(Problem<3> &, bool, Log &);
template void report_variance_components<2>(const Problem<2> &, const VarianceComponents &, Log &);
template void report_variance_components<3>(const Problem<3> &, const VarianceComponents &, Log &);
template bool apply_variance_components<2>(Problem<2> &, const VarianceComponents &, Log &);
template bool apply_variance_components<3>(Problem<3> &, const VarianceComponents &, Log &);

} // namespace lodestone
