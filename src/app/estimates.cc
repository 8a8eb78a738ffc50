#include <lodestone/app/estimates.h>
#include <lodestone/base/number_text.h>
#include <lodestone/loads/load_list.h>

#include <cmath>

namespace lodestone
{

namespace
{

constexpr double hardly_told_apart = 0.8; // a correlation

/// "gnss: up offset (m)" to name and unit.
Estimate named(const std::string &name_with_unit)
{
  Estimate estimate;
  const auto open = name_with_unit.rfind(" (");
  if (open == std::string::npos || name_with_unit.back() != ')')
    estimate.name = name_with_unit;
  else
  {
    estimate.name = name_with_unit.substr(0, open);
    estimate.unit = name_with_unit.substr(open + 2, name_with_unit.size() - open - 3);
  }
  return estimate;
}

template <int dim>
Estimates::Strength strength(const LoadVector<dim> &load, const double value, const double deviation,
                             const std::string &per)
{
  Estimates::Strength result;
  result.factor = {load.name, "", value, deviation};
  for (const auto &amount : load.amounts)
    result.amounts.push_back({amount.what, amount.unit + per, amount.at(value), deviation * std::abs(amount.value)});
  const double force = load.resultant.norm(), entries = load.fixed.l1_norm();
  if (load.amounts.empty() &&
      force > 1e-8 * entries) // or the sum is rounding; loads that depend on the stiffness have none
    result.amounts.push_back({"resultant force", (dim == 2 ? "N/m" : "N") + per, value * force, deviation * force});
  return result;
}

/// Standard deviations and correlations of strengths and nuisance terms of one load case: at the stiffness found, or
/// with its errors where they are known.
template <int dim>
PosteriorCovariance covariance(const ResultSource<dim> &source, const unsigned int load_case)
{
  const ReducedObjective &objective = source.objective;
  const auto n_numbers = [&](const unsigned int s) {
    return objective.evaluation(s).strengths.size() + objective.evaluation(s).nuisance.size();
  };
  if (source.standard_errors == nullptr)
  {
    const Misfit::Evaluation &evaluation = objective.evaluation(load_case);
    PosteriorCovariance result = {evaluation.strength_deviations, evaluation.correlations};
    result.deviations.insert(result.deviations.end(), evaluation.nuisance_deviations.begin(),
                             evaluation.nuisance_deviations.end());
    return result;
  }
  const PosteriorCovariance &all = source.standard_errors->all;
  std::size_t begin = source.standard_errors->unknowns.size();
  for (unsigned int s = 0; s < load_case; ++s)
    begin += n_numbers(s);
  const std::size_t end = begin + n_numbers(load_case);
  PosteriorCovariance result = {{all.deviations.begin() + begin, all.deviations.begin() + end}, {}};
  for (std::size_t i = begin; i < end; ++i)
    result.correlations.emplace_back(all.correlations[i].begin() + begin, all.correlations[i].begin() + end);
  return result;
}

} // namespace

template <int dim>
Estimates estimates(const ResultSource<dim> &source, const unsigned int load_case)
{
  Estimates result;
  const auto &of_case = source.cases[load_case];
  if (!of_case.observed)
    return result;
  const auto &names = source.objective.load_cases()[load_case];
  const Misfit::Evaluation &evaluation = source.objective.evaluation(load_case);
  const auto [deviations, correlations] = covariance(source, load_case);
  for (std::size_t j = 0; j < names.estimated_loads.size(); ++j)
    result.strengths.push_back(
        strength(of_case.loads[names.estimated_loads[j]], evaluation.strengths[j], deviations[j], of_case.rate_suffix));
  const auto nuisance = names.misfit->nuisance_names();
  for (std::size_t j = 0; j < nuisance.size(); ++j)
  {
    Estimate term = named(nuisance[j]);
    term.value = evaluation.nuisance[j];
    term.deviation = deviations[result.strengths.size() + j];
    result.nuisance.push_back(term);
  }
  for (const auto &one : result.strengths)
    result.names.push_back(one.factor.name);
  for (const auto &one : result.nuisance)
    result.names.push_back(one.name);
  result.correlations = result.covariance = correlations;
  for (std::size_t i = 0; i < deviations.size(); ++i)
    for (std::size_t j = 0; j < deviations.size(); ++j)
      if (result.correlations[i][j] != 0) // or 0 times infinity
        result.covariance[i][j] *= deviations[i] * deviations[j];
  return result;
}

template <int dim>
void report_estimates(const ResultSource<dim> &source, Log &log)
{
  for (unsigned int s = 0; s < source.cases.size(); ++s)
  {
    const Estimates found = estimates(source, s);
    const auto &of_case = source.cases[s];
    const auto &loads = source.objective.load_cases()[s].estimated_loads;
    const std::string indent = "  " + (source.cases.size() > 1 ? source.case_name(s) + ", " : std::string());
    for (std::size_t j = 0; j < found.strengths.size(); ++j)
    {
      const Estimate &factor = found.strengths[j].factor;
      const std::string amount = describe_strength(of_case.loads[loads[j]], factor.value, of_case.rate_suffix);
      log.line(indent + factor.name + ": " + (amount.empty() ? "its given value times the strength" : amount) +
               " (strength " + significant(factor.value, 6) + " +- " + significant(factor.deviation, 2) + ")");
    }
    for (const auto &term : found.nuisance)
      log.line(indent + term.name + (term.unit.empty() ? "" : " (" + term.unit + ")") + ": " +
               scientific(term.value, 4) + " +- " + scientific(term.deviation, 1));
    for (std::size_t i = 0; i < found.names.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (std::abs(found.correlations[i][j]) > hardly_told_apart)
          log.line(indent + "the data hardly tell " + found.names[j] + " and " + found.names[i] +
                   " apart: correlation " + fixed(found.correlations[i][j], 2));
  }
}

template Estimates estimates<2>(const ResultSource<2> &, unsigned int);
template Estimates estimates<3>(const ResultSource<3> &, unsigned int);
template void report_estimates<2>(const ResultSource<2> &, Log &);
template void report_estimates<3>(const ResultSource<3> &, Log &);

} // namespace lodestone
