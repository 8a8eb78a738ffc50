#include <lodestone/app/problem_notes.h>
#include <lodestone/base/number_text.h>
#include <lodestone/forward/finite_depth.h>
#include <lodestone/material/unknown_fields.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{
// Mean squared residual, in units of sigma, above which no noise explains it: more than three sigma.
constexpr double unfitted = 10;

/// Number of cells, on all ranks, that have no unknown.
template <int dim>
unsigned long long n_held_cells(const Problem<dim> &problem)
{
  const CellField unknowns = problem.parametrization().on_cells(problem.parametrization().make_vector(), 0);
  unsigned long long n = 0;
  for (unsigned int c = 0; c < unknowns.locally_owned_size(); ++c)
    n += std::isnan(unknowns.local_element(c)) ? 1 : 0;
  return dealii::Utilities::MPI::sum(n, problem.mesh().communicator());
}

/// Says what is known of the level of the stiffness when no load is a known force.
template <int dim>
void note_what_fixes_the_level(const Problem<dim> &problem, Log &log)
{
  // A traction sets a scale; slip, volume change and prescribed displacement do not: doubling every modulus changes
  // nothing.
  if (!problem.parameters().boundary_conditions.spring_names.empty() || problem.volume_weights().size() == 0)
    return;
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
    for (const auto &load : problem.loads(s))
      if (!load.kinematic && (!load.estimated || load.prior_sigma > 0))
        return;
  // Unknowns that cannot double all moduli of a cell, K at fixed G and nu at fixed E, leave the level to the modulus
  // that the user fixed.
  const UnknownFields unknown(problem.parameters().material);
  const auto is_modulus = [](const UnknownField &field) { return !field.is_poisson; };
  const unsigned int n_moduli = std::count_if(unknown.fields.begin(), unknown.fields.end(), is_modulus);
  if (n_moduli < (unknown.pair == ModuliPair::bulk_shear ? 2 : 1))
    return;
  const std::string note =
      "note: no load of this run is a known force: each prescribes a displacement, a volume change or slip, or has "
      "a strength that is to be estimated. ";
  if (const auto n_held = n_held_cells(problem); n_held == 0)
    log.line(note + "Doubling all moduli changes no prediction, so only ratios of stiffness can be recovered; the "
                    "prior alone fixes the level.");
  else
    log.line(note + "Doubling all moduli, also those of the " + std::to_string(n_held) +
             " cells that keep their background, changes no prediction: only ratios to their stiffness can be "
             "recovered, and their background fixes the "
             "level.");
}

/// Data without their nuisance terms, 0 where nothing but rounding is left of them.
DataVector left_by_nuisance(const Misfit &misfit, const DataVector &d)
{
  constexpr double rounding = 1e-9;
  DataVector left = misfit.without_nuisance(d);
  for (std::size_t i = 0; i < d.size(); ++i)
    if (std::abs(left[i]) < rounding * std::abs(d[i]))
      left[i] = 0;
  return left;
}

template <int dim>
NetLoad net_load_of(const Problem<dim> &problem, const unsigned int s, const std::vector<double> &factors)
{
  const LoadCaseParameters<dim> &load_case = problem.parameters().load_cases[s];
  NetLoad load = net_load(problem.space(), problem.loads(s), factors);
  load.load_case = load_case.name;
  load.rate_suffix = load_case.rate_suffix();
  return load;
}
} // namespace

template <int dim>
void note_consequences(const Problem<dim> &problem, Log &log)
{
  note_what_fixes_the_level(problem, log);
  const auto &parametrization = problem.parametrization();
  const FiniteDepth<dim> finite_depth(problem.mesh(), parametrization.value(parametrization.make_vector()));
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
    if (const std::string text =
            finite_depth.expectation(net_load_of(problem, s, problem.objective().load_cases()[s].strengths));
        !text.empty())
      log.line(text);
}

template <int dim>
void compare_finite_depth(const Problem<dim> &problem, Log &log)
{
  const FiniteDepth<dim> finite_depth(problem.mesh(), problem.forward().moduli());
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    const State &u = problem.objective().state(s);
    const auto comparison =
        finite_depth.comparison(net_load_of(problem, s, u.load_factors),
                                largest_on_boundary(problem.space(), total_displacement(problem.loads(s), u)));
    if (comparison.large)
      log.warning(comparison.text);
    else if (!comparison.text.empty())
      log.line(comparison.text);
  }
}

template <int dim>
void compare_with_data(const Problem<dim> &problem, Log &log)
{
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    const auto &sets = problem.data_sets(s);
    const Misfit &misfit = *problem.objective().load_cases()[s].misfit;
    const Misfit::Evaluation &evaluation = problem.objective().evaluation(s);
    DataVector observed = evaluation.predicted;
    for (std::size_t i = 0; i < observed.size(); ++i)
      observed[i] -= evaluation.residual[i];
    observed = left_by_nuisance(misfit, observed);
    const DataVector predicted = left_by_nuisance(misfit, evaluation.predicted);
    const DataLayout layout(sets);
    const std::size_t n_cases = problem.parameters().load_cases.size();
    const bool estimated = !evaluation.strengths.empty();
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      if (!sets[k].observed)
        continue;
      const DataComparison comparison =
          compare_with_data(sets[k], layout.slice(observed, k), layout.slice(predicted, k));
      if (comparison.factor == 0)
        continue; // nothing is left to compare
      if (const std::string doubt = suspicion(comparison); !doubt.empty())
        log.warning("data set " + sets[k].name + " of load case " + problem.parameters().load_cases[s].name + ": " +
                    describe(comparison) + ": " + doubt);
      else
        log.line("  " + (n_cases > 1 ? problem.parameters().load_cases[s].name + ", " : "") + sets[k].name + ": " +
                 describe(comparison) + (estimated ? ", with the strengths that fit them best" : ""));
    }
  }
}

template <int dim>
bool warn_of_unfitted_data(const Problem<dim> &problem, Log &log)
{
  bool found = false;
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    const auto &sets = problem.data_sets(s);
    for (const auto &fit : fit_statistics(sets, problem.objective().evaluation(s).residual))
    {
      const bool is_whole_set =
          std::any_of(sets.begin(), sets.end(), [&](const DataSet &set) { return set.name == fit.name; });
      const double chi_squared = fit.chi_squared_per_datum();
      if (!is_whole_set || chi_squared <= unfitted)
        continue;
      found = true;
      log.warning("data set " + fit.name + " of load case " + problem.parameters().load_cases[s].name +
                  " is not fitted: its residuals are " + significant(std::sqrt(chi_squared), 3) +
                  " sigma on average (chi^2/N " + significant(chi_squared, 4) +
                  "). Check its units, its signs, its sigma and the loads before you read anything into the "
                  "result.");
    }
  }
  return found;
}

template void note_consequences<2>(const Problem<2> &, Log &);
template void note_consequences<3>(const Problem<3> &, Log &);
template void compare_finite_depth<2>(const Problem<2> &, Log &);
template void compare_finite_depth<3>(const Problem<3> &, Log &);
template void compare_with_data<2>(const Problem<2> &, Log &);
template void compare_with_data<3>(const Problem<3> &, Log &);
template bool warn_of_unfitted_data<2>(const Problem<2> &, Log &);
template bool warn_of_unfitted_data<3>(const Problem<3> &, Log &);

} // namespace lodestone
