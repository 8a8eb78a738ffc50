#include <lodestone/app/standard_errors.h>
#include <lodestone/base/error.h>
#include <lodestone/base/loop_progress.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/material/unknown_fields.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr double hardly = 0.8;     // a correlation
constexpr double undetermined = 3; // standard error of m: a factor of 20
constexpr std::size_t most_lines = 30, most_pairs = 10;

/// "E" of the first parameter cell, "E" of the second, ... or "E", "nu", "E", "nu", ... by global number; then the numbers
/// of zones.
template <int dim>
std::vector<StandardErrors::Unknown> named_unknowns(const Problem<dim> &problem)
{
  const Mesh<dim> &mesh = problem.mesh();
  const ParameterCells<dim> &cells = problem.parametrization().cells();
  const bool are_zones = problem.parameters().material.cells.kind == ParameterCellKind::zones;
  std::vector<unsigned int> zone(cells.n(), 0);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
      zone[cells.index(cell)] = cell->material_id();
  dealii::Utilities::MPI::max(zone, mesh.communicator(), zone);

  const UnknownFields fields(problem.parameters().material);
  std::vector<StandardErrors::Unknown> unknowns;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ParameterLayout &layout = *problem.parametrization().layout();
  const auto add = [&](const unsigned int field, const std::string &place) {
    const std::string quantity = fields.quantity(fields.fields[field]);
    unknowns.push_back({quantity + " of " + place, quantity, nan, nan, nan, 0});
  };
  for (std::size_t j = 0; j < zone.size(); ++j)
    for (std::size_t k = 0; k < layout.fields.size(); ++k)
    {
      std::string place = "parameter cell " + std::to_string(j);
      for (const auto &[name, id] : mesh.zone_names())
        if (are_zones && id == zone[j])
          place = name;
      add(layout.field_of(j * layout.fields.size() + k), place);
    }
  for (unsigned int k = 0; k < layout.unknown_fields.size(); ++k)
    for (const std::string &name : layout.unknown_fields[k].zones)
      add(k, name);
  return unknowns;
}

/// The means, over the cells of each unknown's parameter cell, of the field that it changes.
template <int dim>
std::vector<double> means(const Problem<dim> &problem, const std::vector<StandardErrors::Unknown> &unknowns,
                          const ParameterVector &m)
{
  const ParameterCells<dim> &cells = problem.parametrization().cells();
  const std::size_t n_fields = m.layout().unknown_fields.size();
  std::vector<double> sums(unknowns.size(), 0.), volumes(unknowns.size(), 0.);
  for (const auto &[quantity, field] : problem.parametrization().fields(m))
    for (const auto &cell : problem.mesh().triangulation().active_cell_iterators())
      if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
        for (unsigned int f = 0; f < n_fields; ++f)
          if (const auto k = cells.entry(cell, m.layout(), f); unknowns[k].quantity == quantity)
          {
            sums[k] += cell->measure() * field(cell->global_active_cell_index());
            volumes[k] += cell->measure();
          }
  dealii::Utilities::MPI::sum(sums, problem.mesh().communicator(), sums);
  dealii::Utilities::MPI::sum(volumes, problem.mesh().communicator(), volumes);
  for (std::size_t k = 0; k < sums.size(); ++k)
    sums[k] /= volumes[k];
  return sums;
}

/// m plus `factor` standard errors, in all numbers that have one.
ParameterVector moved(const ParameterVector &m, const double factor, const std::vector<double> &deviations)
{
  ParameterVector at = m;
  for (const auto k : at.values().locally_owned_elements())
    if (deviations[k] < undetermined)
      at.values()(k) += factor * deviations[k];
  at.values().update_ghost_values();
  return at;
}

std::string amount(const StandardErrors::Unknown &unknown, const double value)
{
  return unknown.quantity == "nu" ? significant(value, 3) : significant(value / 1e9, 3);
}

std::string line_of(const StandardErrors::Unknown &unknown)
{
  const std::string unit = unknown.quantity == "nu" ? "" : " GPa", start = "  " + unknown.name + ": ";
  if (!(unknown.deviation < undetermined))
    return start + amount(unknown, unknown.value) + unit + "; data and prior do not determine it";
  const double relative = (unknown.upper - unknown.lower) / (2 * unknown.value);
  return start + amount(unknown, unknown.value) + unit +
         (relative < 0.05
              ? " +- " + significant(100 * relative, 2) + " %"
              : ", from " + amount(unknown, unknown.lower) + " to " + amount(unknown, unknown.upper) + unit);
}

} // namespace

std::vector<StandardErrors::Pair> StandardErrors::hardly_told_apart() const
{
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < unknowns.size(); ++i)
    for (std::size_t j = i + 1; j < names.size(); ++j)
      if (std::abs(all.correlations[i][j]) > hardly)
        pairs.push_back({i, j, all.correlations[i][j]});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair &a, const Pair &b) { return std::abs(a.correlation) > std::abs(b.correlation); });
  return pairs;
}

template <int dim>
bool wants_standard_errors(const Problem<dim> &problem)
{
  using Choice = OutputParameters::StandardErrors;
  constexpr dealii::types::global_dof_index few = 100;
  const auto n = problem.parametrization().layout()->size();
  const Choice choice = problem.parameters().output.standard_errors;
  const bool are_zones = problem.parameters().material.cells.kind == ParameterCellKind::zones;
  if (choice == Choice::yes && n > StandardErrors::most_unknowns)
    throw InputError("Output/Standard errors",
                     "found yes, and there are " + std::to_string(n) + " unknowns; at most " +
                         std::to_string(StandardErrors::most_unknowns) + " can have standard errors",
                     "Choose no, or fewer unknowns: 'Parameter cells = zones', or a larger 'Coarsening'.");
  double n_data = 0;
  for (const auto &load_case : problem.objective().load_cases())
    n_data += load_case.misfit->n_data();
  constexpr double most_per_rank = 2.5e8; // products of unknowns and data: 2 GB
  const bool fits =
      n * n_data <= most_per_rank * dealii::Utilities::MPI::n_mpi_processes(problem.mesh().communicator());
  if (choice == Choice::yes && !fits)
    throw InputError("Output/Standard errors",
                     "found yes, and the derivatives of " + std::to_string((unsigned long long)n_data) +
                         " data with respect to " + std::to_string(n) + " unknowns take more than 2 GB per rank",
                     "Choose no, more ranks, or fewer data or unknowns.");
  return n > 0 && fits && (choice == Choice::yes || (choice == Choice::automatic && are_zones && n <= few));
}

template <int dim>
std::optional<StandardErrors> standard_errors(Problem<dim> &problem, const ParameterVector &m, Log &log)
{
  const WorkingPart part("the standard errors");
  StandardErrors result;
  ReducedObjective &objective = problem.objective();
  LoopProgress progress(log, "standard errors", m.size());
  const auto stop = [&] {
    progress.step();
    return stop_requested_on_any_rank(problem.mesh().communicator());
  };
  if (const SolveReport report = posterior_covariance(objective, stop, result.all); !report.converged)
  {
    log.warning("the standard errors were not computed: " + report.reason);
    return {};
  }
  result.unknowns = named_unknowns(problem);
  std::vector<double> deviations = result.all.deviations;
  deviations.resize(result.unknowns.size());
  const auto value = means(problem, result.unknowns, m),
             lower = means(problem, result.unknowns, moved(m, -1, deviations)),
             upper = means(problem, result.unknowns, moved(m, 1, deviations));
  for (std::size_t k = 0; k < result.unknowns.size(); ++k)
  {
    StandardErrors::Unknown &unknown = result.unknowns[k];
    unknown.value = value[k];
    unknown.deviation = deviations[k];
    if (deviations[k] < undetermined)
    {
      unknown.lower = lower[k];
      unknown.upper = upper[k];
    }
    result.names.push_back(unknown.name);
  }
  const bool many = objective.load_cases().size() > 1;
  for (unsigned int s = 0; s < objective.load_cases().size(); ++s)
  {
    const auto &load_case = objective.load_cases()[s];
    const std::string of_case = many ? load_case.name + ", " : "";
    for (const unsigned int l : load_case.estimated_loads)
      result.names.push_back(of_case + problem.loads(s)[l].name);
    for (const auto &name : load_case.misfit->nuisance_names())
      result.names.push_back(of_case + name.substr(0, name.rfind(" (")));
  }
  return result;
}

void report_standard_errors(const StandardErrors &errors, Log &log)
{
  log.line(
      "the unknowns with one standard error to both sides, from noise and prior, with everything that is estimated "
      "beside them:");
  for (std::size_t k = 0; k < errors.unknowns.size() && k < most_lines; ++k)
    log.line(line_of(errors.unknowns[k]));
  if (errors.unknowns.size() > most_lines)
    log.line("  and " + std::to_string(errors.unknowns.size() - most_lines) + " more, in results.h5");
  const auto pairs = errors.hardly_told_apart();
  for (std::size_t p = 0; p < pairs.size() && p < most_pairs; ++p)
    log.line("  the data hardly tell " + errors.names[pairs[p].first] + " and " + errors.names[pairs[p].second] +
             " apart: correlation " + fixed(pairs[p].correlation, 2));
  if (pairs.size() > most_pairs)
    log.line("  and " + std::to_string(pairs.size() - most_pairs) + " more pairs with correlations above " +
             fixed(hardly, 1) + ", in summary.json");
}

template bool wants_standard_errors<2>(const Problem<2> &);
template bool wants_standard_errors<3>(const Problem<3> &);
template std::optional<StandardErrors> standard_errors<2>(Problem<2> &, const ParameterVector &, Log &);
template std::optional<StandardErrors> standard_errors<3>(Problem<3> &, const ParameterVector &, Log &);

} // namespace lodestone
