#include <lodestone/app/estimates.h>

#include <cmath>

namespace lodestone
{

namespace
{

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
    result.amounts.push_back(
        {amount.what, amount.unit + per, value * amount.value, deviation * std::abs(amount.value)});
  const double force = load.resultant.norm(), entries = load.fixed.l1_norm();
  if (load.amounts.empty() &&
      force > 1e-8 * entries) // or the sum is rounding; loads that depend on the stiffness have none
    result.amounts.push_back({"resultant force", (dim == 2 ? "N/m" : "N") + per, value * force, deviation * force});
  return result;
}

} // namespace

template <int dim>
Estimates estimates(const Problem<dim> &problem, const unsigned int load_case)
{
  Estimates result;
  if (!problem.parameters().load_cases[load_case].has_observations())
    return result;
  const auto &names = problem.objective().load_cases()[load_case];
  const Misfit::Evaluation &evaluation = problem.objective().evaluation(load_case);
  for (std::size_t j = 0; j < names.estimated_loads.size(); ++j)
    result.strengths.push_back(strength(problem.loads(load_case)[names.estimated_loads[j]], evaluation.strengths[j],
                                        evaluation.strength_deviations[j],
                                        problem.parameters().load_cases[load_case].rate_suffix()));
  const auto nuisance = names.misfit->nuisance_names();
  for (std::size_t j = 0; j < nuisance.size(); ++j)
  {
    Estimate term = named(nuisance[j]);
    term.value = evaluation.nuisance[j];
    term.deviation = evaluation.nuisance_deviations[j];
    result.nuisance.push_back(term);
  }
  return result;
}

template Estimates estimates<2>(const Problem<2> &, unsigned int);
template Estimates estimates<3>(const Problem<3> &, unsigned int);

} // namespace lodestone
