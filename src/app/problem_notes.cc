#include <lodestone/app/problem_notes.h>
#include <lodestone/base/number_text.h>
#include <lodestone/forward/finite_depth.h>
#include <lodestone/material/unknown_fields.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/value_doubts.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

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

namespace
{
/// "; did you mean 15 GPa?" where an entry is a plain number that makes sense in GPa.
std::string meant_in_gigapascal(const std::string &text)
{
  char *end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' && value >= 0.001 && value <= 1000 ? "; did you mean " + text + " GPa?" : "";
}

template <int dim>
void warn_of_implausible_moduli(const Problem<dim> &problem, Log &log)
{
  constexpr double softest = 1e6, stiffest = 1e12;
  const auto &parametrization = problem.parametrization();
  const MPI_Comm comm = problem.mesh().communicator();
  const Moduli moduli = parametrization.value(parametrization.make_vector());
  double lowest = std::numeric_limits<double>::max(), highest = 0, poisson = std::numeric_limits<double>::max();
  for (unsigned int c = 0; c < moduli.mu.locally_owned_size(); ++c)
  {
    const Lame lame{moduli.lambda.local_element(c), moduli.mu.local_element(c)};
    lowest = std::min(lowest, lame.young());
    highest = std::max(highest, lame.young());
    poisson = std::min(poisson, lame.poisson());
  }
  lowest = dealii::Utilities::MPI::min(lowest, comm);
  highest = dealii::Utilities::MPI::max(highest, comm);
  poisson = dealii::Utilities::MPI::min(poisson, comm);
  if (lowest < softest || highest > stiffest)
  {
    std::string entries;
    const BackgroundEntries background = problem.parameters().material.background();
    for (const BackgroundEntry &entry : background_entries())
      if (const std::string &text = background.*entry.text;
          entry.allowed.quantity == Quantity::pressure && !text.empty())
        entries += " (" + entry.name + " = " + text + meant_in_gigapascal(text) + ")";
    log.warning("Material: Young's modulus is " + significant(lowest, 3) + " to " + significant(highest, 3) + " Pa" +
                entries + ". Soil, rock and concrete have 1 MPa to 1 TPa, and numbers without a unit are in Pa");
  }
  if (poisson < 0)
    log.warning("Material: Poisson's ratio is " + significant(poisson, 3) +
                " somewhere. Rock has 0.1 to 0.4; a bulk modulus below two thirds of the shear modulus makes it "
                "negative");
}

/// Volume changes and data against the size of the mesh.
template <int dim>
void warn_of_implausible_sizes(const Problem<dim> &problem, Log &log)
{
  double shortest = std::numeric_limits<double>::max(), volume = 1;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double side = problem.mesh().upper()[d] - problem.mesh().lower()[d];
    shortest = std::min(shortest, side);
    volume *= side;
  }
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    const LoadCaseParameters<dim> &load_case = problem.parameters().load_cases[s];
    for (unsigned int l = 0; l < problem.loads(s).size(); ++l)
      for (const auto &amount : problem.loads(s)[l].amounts)
        if (amount.what == "volume change" && std::abs(amount.value) > volume)
          log.warning("load " + load_case.loads[l].name + " of load case " + load_case.name + ": its volume change, " +
                      significant(amount.value, 3) + " " + amount.unit + ", is larger than the whole mesh (" +
                      significant(volume, 3) + "). Check its unit");
    for (const DataSet &set : problem.data_sets(s))
    {
      const std::string name = "data set " + set.name + " of load case " + load_case.name + ": ";
      double largest = 0;
      for (const double value : set.value)
        largest = std::max(largest, std::abs(value));
      if (set.observed && largest > 0.01 * shortest)
        log.warning(name + "values up to " + significant(largest / set.unit, 3) + " " + set.unit_name +
                    " were read, which is more than a hundredth of the mesh (" + significant(shortest, 3) +
                    " m). Check the entry Units, and whether the mesh is in metres");
      for (const std::string &doubt : doubts_about_directions(set))
        log.warning(name + doubt);
      for (const std::string &doubt : doubts_about_values(set))
        log.warning(name + doubt);
      if (const std::string text = near_duplicates(set); !text.empty())
        log.line("note: " + name + text);
    }
  }
}
} // namespace

template <int dim>
void warn_of_implausible_input(const Problem<dim> &problem, Log &log)
{
  warn_of_implausible_moduli(problem, log);
  warn_of_implausible_sizes(problem, log);
}

namespace
{
/// Longest side of the box around points; 0 for one point or none.
template <int dim>
double spread(const std::vector<dealii::Point<dim>> &points)
{
  double longest = 0;
  for (int d = 0; d < dim && !points.empty(); ++d)
  {
    const auto [low, high] =
        std::minmax_element(points.begin(), points.end(), [d](const auto &a, const auto &b) { return a[d] < b[d]; });
    longest = std::max(longest, (*high)[d] - (*low)[d]);
  }
  return longest;
}

/// "38 km", "40 m"
std::string length_text(const double metres)
{
  const double rounded = std::stod(scientific(metres, 2));
  return rounded < 1000 ? significant(rounded) + " m" : significant(rounded / 1000, 9) + " km";
}
} // namespace

template <int dim>
void warn_of_extents(const typename Mesh<dim>::Parameters &parameters, const Mesh<dim> &mesh,
                     const std::vector<dealii::Point<dim>> &observations,
                     const std::vector<dealii::Point<dim>> &sources, Log &log)
{
  constexpr double much = 100;
  const double size = spread<dim>({mesh.lower(), mesh.upper()});
  std::vector<dealii::Point<dim>> all = observations;
  all.insert(all.end(), sources.begin(), sources.end());
  const bool is_small = spread(all) > much * size;
  if (!is_small && (spread(all) == 0 || size < much * spread(all)))
    return;
  const std::string what = spread(observations) == spread(all) || sources.empty() ? "the data"
                           : observations.empty()                                 ? "the sources"
                                                                                  : "data and sources";
  const bool is_box = parameters.source == MeshSource::box;
  log.warning("the mesh is " + length_text(size) + " wide, " + what + " spread over " + length_text(spread(all)) +
              (is_box     ? ": are the units right? Lengths without a unit are in metres"
               : is_small ? ": is the mesh in kilometres? Mesh/Scale = 1 km"
               : parameters.scale != 1
                   ? ": is the mesh in metres? Mesh/Scale = 1 m"
                   : ": are the units right? Mesh/Scale is the length that 1 stands for in the mesh"));
}

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
    DataVector predicted = left_by_nuisance(misfit, evaluation.predicted);
    misfit.noise().whiten(observed); // weights of sets do not change what is compared within a set
    misfit.noise().whiten(predicted);
    const DataLayout layout(sets);
    const std::size_t n_cases = problem.parameters().load_cases.size();
    const bool estimated = !evaluation.strengths.empty();
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      if (!sets[k].observed)
        continue;
      const DataComparison comparison = compare_with_data(layout.slice(observed, k), layout.slice(predicted, k));
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
    for (const auto &fit : fit_statistics(sets, problem.objective().evaluation(s).residual,
                                          problem.objective().evaluation(s).standardized))
    {
      const auto whole_set =
          std::find_if(sets.begin(), sets.end(), [&](const DataSet &set) { return set.name == fit.name; });
      if (whole_set == sets.end())
        continue;
      // Of a set that expects outliers the typical residual counts.
      const double chi_squared = whole_set->loss.is_robust() ? fit.typical_chi_squared : fit.chi_squared_per_datum();
      if (chi_squared <= unfitted)
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

template void warn_of_implausible_input<2>(const Problem<2> &, Log &);
template void warn_of_implausible_input<3>(const Problem<3> &, Log &);
template void warn_of_extents<2>(const Mesh<2>::Parameters &, const Mesh<2> &, const std::vector<dealii::Point<2>> &,
                                 const std::vector<dealii::Point<2>> &, Log &);
template void warn_of_extents<3>(const Mesh<3>::Parameters &, const Mesh<3> &, const std::vector<dealii::Point<3>> &,
                                 const std::vector<dealii::Point<3>> &, Log &);
template void note_consequences<2>(const Problem<2> &, Log &);
template void note_consequences<3>(const Problem<3> &, Log &);
template void compare_finite_depth<2>(const Problem<2> &, Log &);
template void compare_finite_depth<3>(const Problem<3> &, Log &);
template void compare_with_data<2>(const Problem<2> &, Log &);
template void compare_with_data<3>(const Problem<3> &, Log &);
template bool warn_of_unfitted_data<2>(const Problem<2> &, Log &);
template bool warn_of_unfitted_data<3>(const Problem<3> &, Log &);

} // namespace lodestone
