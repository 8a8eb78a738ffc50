#include <lodestone/app/command_line.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/outliers.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace lodestone
{

namespace
{

using Json = nlohmann::ordered_json;

const char *stop_name(const StopReason::Kind kind)
{
  using Kind = StopReason::Kind;
  switch (kind)
  {
  case Kind::running:
    return "running";
  case Kind::gradient_tolerance:
    return "gradient_tolerance";
  case Kind::function_tolerance:
    return "function_tolerance";
  case Kind::target_reached:
    return "target_reached";
  case Kind::maximum_iterations:
    return "maximum_iterations";
  case Kind::interrupted:
    return "interrupted";
  case Kind::rounding_level:
    return "rounding_level";
  case Kind::trial_steps_failed:
    return "trial_steps_failed";
  case Kind::suspect_derivative:
    return "suspect_derivative";
  case Kind::no_further_decrease:
    return "no_further_decrease";
  }
  return "";
}

Json versions()
{
  Json result = Json::object();
  std::istringstream lines(version_text());
  for (std::string line; std::getline(lines, line);)
    if (const auto blank = line.find(' '); blank != std::string::npos)
      result[line.substr(0, blank)] = line.substr(blank + 1);
  return result;
}

Json json_of(const Estimate &estimate)
{
  Json result = {{"name", estimate.name}, {"value", estimate.value}, {"standard_deviation", estimate.deviation}};
  result["unit"] = estimate.unit;
  return result;
}

Json json_of(const Estimates &found)
{
  Json result = Json::object();
  result["strengths"] = Json::array();
  for (const auto &strength : found.strengths)
  {
    Json one = json_of(strength.factor);
    one["amounts"] = Json::array();
    for (const auto &amount : strength.amounts)
      one["amounts"].push_back(json_of(amount));
    result["strengths"].push_back(one);
  }
  result["nuisance"] = Json::array();
  for (const auto &term : found.nuisance)
    result["nuisance"].push_back(json_of(term));
  result["covariance"] = {
      {"names", found.names}, {"correlations", found.correlations}, {"covariance", found.covariance}};
  return result;
}

/// Whether there is a misfit to speak of: places to predict at have none.
bool all_observed(const std::vector<DataSet> &sets)
{
  return !sets.empty() && std::all_of(sets.begin(), sets.end(), [](const DataSet &set) { return set.observed; });
}

/// Per data set; rms and the largest in standard deviations of the data.
template <int dim>
Json discretization_errors(const ResultSource<dim> &source, const unsigned int s)
{
  Json result = Json::array();
  const auto &sets = source.cases[s].data_sets;
  const DataLayout layout(sets);
  for (unsigned int k = 0; k < sets.size(); ++k)
  {
    const ErrorStatistics statistics = error_statistics(sets[k], layout.slice(source.error->at_data[s], k),
                                                        layout.slice(source.objective.evaluation(s).predicted, k));
    result.push_back({{"name", sets[k].name},
                      {"rms", statistics.rms},
                      {"largest", statistics.largest},
                      {"at", statistics.where},
                      {"rms_length", statistics.rms_length},
                      {"unit", "m" + source.cases[s].rate_suffix}});
  }
  return result;
}

/// How many data of a set are far outside, and the worst of them.
Json outliers(const DataSet &set, const DataView standardized)
{
  const Outliers found = find_outliers(set, standardized);
  Json result = {{"name", set.name},
                 {"misfit", set.loss.describe()},
                 {"down_weighted", found.down_weighted},
                 {"beyond_five_sigma", found.beyond_five},
                 {"worst", Json::array()}};
  for (const unsigned int i : found.worst)
    result["worst"].push_back({{"datum", set.datum_name(i)}, {"standardized_residual", standardized[i]}});
  return result;
}

template <int dim>
Json json_of_load_case(const ResultSource<dim> &source, const unsigned int s)
{
  const auto &of_case = source.cases[s];
  Json result = {{"name", source.case_name(s)}};
  if (of_case.observed)
    result.update(json_of(estimates(source, s)));
  if (source.error != nullptr && !source.error->at_data.empty())
    result["discretization_error"] = discretization_errors(source, s);
  if (!all_observed(of_case.data_sets))
    return result;
  result["fits"] = Json::array();
  for (const auto &fit : fit_statistics(of_case.data_sets, source.objective.evaluation(s).residual,
                                        source.objective.evaluation(s).standardized))
    result["fits"].push_back({{"name", fit.name},
                              {"n", fit.n},
                              {"chi2_per_datum", fit.chi_squared_per_datum()},
                              {"rms_residual", fit.rms},
                              {"rms_observed", fit.rms_observed},
                              {"unit", "m" + of_case.rate_suffix}});
  const DataLayout layout(of_case.data_sets);
  result["outliers"] = Json::array();
  for (unsigned int k = 0; k < of_case.data_sets.size(); ++k)
    result["outliers"].push_back(
        outliers(of_case.data_sets[k], layout.slice(source.objective.evaluation(s).standardized, k)));
  return result;
}

Json json_of(const StandardErrors &errors)
{
  Json result = {{"unknowns", Json::array()}, {"hardly_told_apart", Json::array()}};
  for (const auto &unknown : errors.unknowns)
    result["unknowns"].push_back({{"name", unknown.name},
                                  {"value", unknown.value},
                                  {"lower", unknown.lower},
                                  {"upper", unknown.upper},
                                  {"unit", unknown.quantity == "nu" ? "" : "Pa"},
                                  {"standard_error_of_m", unknown.deviation}});
  constexpr std::size_t most_pairs = 1000;
  for (const auto &pair : errors.hardly_told_apart())
    if (result["hardly_told_apart"].size() < most_pairs)
      result["hardly_told_apart"].push_back(
          {{"names", {errors.names[pair.first], errors.names[pair.second]}}, {"correlation", pair.correlation}});
  return result;
}

template <int dim>
Json variance_components(const ResultSource<dim> &source)
{
  const VarianceComponents &found = *source.variance_components;
  Json result = {{"relative", found.are_relative}, {"data_sets", Json::array()}};
  for (const auto &each : found.components)
  {
    const DataSet &set = source.cases[each.load_case].data_sets[each.set];
    result["data_sets"].push_back({{"load_case", source.case_name(each.load_case)},
                                   {"name", set.name},
                                   {"applied_factor", set.noise.factor},
                                   {"factor", each.factor > 0 ? Json(each.factor) : Json()},
                                   {"redundancy", each.redundancy}});
  }
  return result;
}

/// J and its parts, where every load case has observed data.
template <int dim>
void add_objective(const ResultSource<dim> &source, Json &result)
{
  const ReducedObjective &objective = source.objective;
  double chi_squared = 0;
  unsigned int n_data = 0;
  for (unsigned int s = 0; s < objective.load_cases().size(); ++s)
  {
    if (!all_observed(source.cases[s].data_sets))
      return;
    chi_squared += objective.evaluation(s).chi_squared;
    n_data += objective.load_cases()[s].misfit->n_data();
  }
  result["J"] = objective.value();
  result["misfit"] = objective.misfit_value();
  result["prior"] = objective.prior_value();
  if (objective.prior() != nullptr)
    result["prior_weight"] = objective.prior()->factor();
  result["n_data"] = n_data;
  result["chi2_per_datum"] = n_data > 0 ? chi_squared / n_data : 0.;
}

Json solves(const CostLedger &ledger)
{
  return {{"forward", ledger.forward.solves},
          {"adjoint", ledger.adjoint.solves},
          {"incremental", ledger.incremental_forward.solves + ledger.incremental_adjoint.solves},
          {"iterations", ledger.total().iterations}};
}

} // namespace

template <int dim>
std::string run_summary(const ResultSource<dim> &source, const RunEnd &end)
{
  Json result = {{"command", end.command},
                 {"parameter_file", end.parameter_file},
                 {"title", source.title},
                 {"exit_code", end.exit_code}};
  add_objective(source, result);
  if (end.inversion)
  {
    const OptimizerIterate &last = end.inversion->last;
    const StopReason &stop = end.inversion->stop;
    result["iterations"] = last.iteration;
    result["relative_gradient"] = last.relative_gradient;
    result["n_unknowns"] = source.objective.parameters().size();
    result["stop"] = {{"reason", stop.text},
                      {"kind", stop_name(stop.kind)},
                      {"converged", stop.converged},
                      {"resumable", stop.resumable}};
  }
  for (const ContinuationLevel &level : end.continuation)
    result["continuation"].push_back({{"cells", level.cells},
                                      {"unknowns", level.unknowns},
                                      {"iterations", level.iterations},
                                      {"hessian_actions", level.hessian_actions},
                                      {"seconds", level.seconds},
                                      {"J", level.value},
                                      {"misfit", level.misfit},
                                      {"chi2_per_datum", level.chi_squared_per_datum},
                                      {"prior_weight", level.prior_weight}});
  for (const RecoveredRange &range : end.recovered)
    result["recovered"].push_back({{"quantity", range.quantity},
                                   {"unit", range.quantity == "nu" ? "" : "Pa"},
                                   {"smallest", range.smallest},
                                   {"smallest_at", range.smallest_at},
                                   {"largest", range.largest},
                                   {"largest_at", range.largest_at},
                                   {"unknowns", range.n},
                                   {"at_lower_bound", range.n_at_lower_bound},
                                   {"at_upper_bound", range.n_at_upper_bound}});
  result["load_cases"] = Json::array();
  for (unsigned int s = 0; s < source.objective.load_cases().size(); ++s)
    result["load_cases"].push_back(json_of_load_case(source, s));
  if (source.variance_components != nullptr)
    result["variance_components"] = variance_components(source);
  if (source.standard_errors != nullptr)
    result["standard_errors"] = json_of(*source.standard_errors);
  result["solves"] = solves(source.objective.ledger());
  result["seconds"] = end.seconds;
  result["ranks"] = dealii::Utilities::MPI::n_mpi_processes(source.space.mesh().communicator());
  result["versions"] = versions();
  return result.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

template std::string run_summary<2>(const ResultSource<2> &, const RunEnd &);
template std::string run_summary<3>(const ResultSource<3> &, const RunEnd &);

} // namespace lodestone
