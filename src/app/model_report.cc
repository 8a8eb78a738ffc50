#include <lodestone/app/model_report.h>
#include <lodestone/base/number_text.h>
#include <lodestone/material/unknown_fields.h>

#include <array>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{
// A list of zones that is longer than this belongs into results.h5 and not into the log.
constexpr std::size_t most_zones = 30;

/// A value as the user reads it: moduli in GPa, Poisson's ratio without a unit.
std::string amount(const std::string &name, const double value)
{
  return name == "nu" ? significant(value, 4) : significant(value / 1e9, 4) + " GPa";
}

/// The largest value over all cells of all ranks, and the centre of its cell.
template <int dim>
struct Extreme
{
  double value = -std::numeric_limits<double>::infinity();
  dealii::Point<dim> place;
};

template <int dim, typename Value>
Extreme<dim> find_largest(const Mesh<dim> &mesh, const Value &value)
{
  Extreme<dim> here;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      if (const double v = value(cell->global_active_cell_index()); v > here.value)
        here = {v, cell->center()};
  Extreme<dim> largest;
  for (const auto &[v, place] :
       dealii::Utilities::MPI::all_gather(mesh.communicator(), std::make_pair(here.value, here.place)))
    if (v > largest.value)
      largest = {v, place};
  return largest;
}

/// Name and field of a quantity at m and at the background.
template <int dim>
struct Recovered
{
  std::string name;
  CellField value, background;
};

template <int dim>
void report_range(const Mesh<dim> &mesh, const Recovered<dim> &q, Log &log)
{
  const bool is_ratio = q.name == "nu";
  // Held cells have the background: they are extremes only where nothing differs from it.
  const auto change = [&](const auto c) {
    return is_ratio ? q.value(c) - q.background(c) : std::log(q.value(c) / q.background(c));
  };
  const auto value = [&](const auto c) { return q.value(c); };
  const Extreme<dim> most = find_largest(mesh, change),
                     least = find_largest(mesh, [&](const auto c) { return -change(c); }),
                     highest = find_largest(mesh, value),
                     lowest = find_largest(mesh, [&](const auto c) { return -value(c); });
  const auto relative = [&](const double x) { return significant(is_ratio ? x : std::exp(x), 4); };
  const std::string ratio = is_ratio ? q.name + " - " + q.name + "0" : q.name + "/" + q.name + "0";
  log.line("recovered " + q.name + ": " + amount(q.name, -lowest.value) + " to " + amount(q.name, highest.value) +
           "; " + ratio + " is smallest, " + relative(-least.value) + "," + " at " + point_text(least.place) + " m" +
           ", and largest, " + relative(most.value) + "," + " at " + point_text(most.place) + " m" + " (" + q.name +
           "0: the background)");
}

/// How many unknowns a field has, and how many of them lie at their lower and upper bounds.
using AtBounds = std::array<unsigned long long, 3>;

/// By field. Collective.
template <int dim>
std::vector<AtBounds> count_at_bounds(const Problem<dim> &problem, const ParameterVector &m)
{
  constexpr double near = 1e-9;
  const ParameterLayout &layout = m.layout();
  const auto bounds = problem.parametrization().bounds();
  std::vector<AtBounds> counts(layout.unknown_fields.size(), AtBounds{{0, 0, 0}});
  for (const auto i : m.values().locally_owned_elements())
  {
    const unsigned int k = layout.field_of(i);
    if (k >= counts.size())
      continue;
    ++counts[k][0];
    if (!bounds)
      continue;
    const double value = m.values()(i), margin = near * (1 + std::abs(value));
    counts[k][1] += value <= bounds->first.values()(i) + margin ? 1 : 0;
    counts[k][2] += value >= bounds->second.values()(i) - margin ? 1 : 0;
  }
  for (AtBounds &count : counts)
    for (auto &number : count)
      number = dealii::Utilities::MPI::sum(number, problem.mesh().communicator());
  return counts;
}

/// The value of every zone, where a zone has one value.
template <int dim>
void report_zones(const Mesh<dim> &mesh, const Recovered<dim> &q, Log &log)
{
  std::string text;
  for (const auto &[name, id] : mesh.zone_names())
  {
    std::vector<double> range = {-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const auto &cell : mesh.triangulation().active_cell_iterators())
      if (cell->is_locally_owned() && cell->material_id() == id)
      {
        const double v = q.value(cell->global_active_cell_index());
        range = {std::max(range[0], v), std::max(range[1], -v)};
      }
    dealii::Utilities::MPI::max(range, mesh.communicator(), range);
    const double largest = range[0], smallest = -range[1];
    text += (text.empty() ? "" : "; ") + name + " " + amount(q.name, smallest) +
            (largest - smallest > 1e-9 * std::abs(largest) ? " to " + amount(q.name, largest) : "");
  }
  log.line("  " + q.name + " by zone: " + text);
}
} // namespace

template <int dim>
void report_moduli(const Problem<dim> &problem, const ParameterVector &m, Log &log)
{
  const auto &parametrization = problem.parametrization();
  const auto &material = problem.parameters().material;
  if (m.size() == 0)
    return;
  auto found = parametrization.fields(m), before = parametrization.fields(parametrization.make_vector());
  const UnknownFields unknowns(material);
  const auto n_at_bounds = count_at_bounds(problem, m);
  for (std::size_t k = 0; k < unknowns.fields.size(); ++k)
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i].first == unknowns.quantity(unknowns.fields[k]))
      {
        const Recovered<dim> q = {found[i].first, std::move(found[i].second), std::move(before[i].second)};
        report_range(problem.mesh(), q, log);
        if (const auto &[n, n_lower, n_upper] = n_at_bounds[k]; n_lower + n_upper > 0)
          log.line("  bounds: " + std::to_string(n_lower) + " of " + counted(n, "unknown") + " of " + q.name +
                   " at the lower one, " + std::to_string(n_upper) + " at the upper one");
        const std::size_t n_zones = problem.mesh().zone_names().size();
        const bool by_zone = material.cells.kind == ParameterCellKind::zones || m.layout().unknown_fields[k].is_by_zone;
        if (by_zone && n_zones > 0 && n_zones <= most_zones)
          report_zones(problem.mesh(), q, log);
      }
}

template <int dim>
ValueRange range_of(const Problem<dim> &problem, const std::string &quantity, const ParameterVector &m)
{
  const auto coordinates = [](const dealii::Point<dim> &p) { return std::vector<double>(p.begin_raw(), p.end_raw()); };
  for (const auto &[name, field] : problem.parametrization().fields(m))
    if (name == quantity)
    {
      const CellField &values = field;
      const auto highest = find_largest(problem.mesh(), [&](const auto c) { return values(c); }),
                 lowest = find_largest(problem.mesh(), [&](const auto c) { return -values(c); });
      return {-lowest.value, highest.value, coordinates(lowest.place), coordinates(highest.place)};
    }
  return {};
}

template <int dim>
std::vector<RecoveredRange> recovered_ranges(const Problem<dim> &problem, const ParameterVector &m)
{
  std::vector<RecoveredRange> ranges;
  if (m.size() == 0)
    return ranges;
  const UnknownFields unknowns(problem.parameters().material);
  const auto n_at_bounds = count_at_bounds(problem, m);
  for (unsigned int k = 0; k < unknowns.fields.size(); ++k)
  {
    const std::string quantity = unknowns.quantity(unknowns.fields[k]);
    const auto &[n, n_lower, n_upper] = n_at_bounds[k];
    ranges.push_back({range_of(problem, quantity, m), quantity, n, n_lower, n_upper});
  }
  return ranges;
}

template ValueRange range_of<2>(const Problem<2> &, const std::string &, const ParameterVector &);
template ValueRange range_of<3>(const Problem<3> &, const std::string &, const ParameterVector &);
template std::vector<RecoveredRange> recovered_ranges<2>(const Problem<2> &, const ParameterVector &);
template std::vector<RecoveredRange> recovered_ranges<3>(const Problem<3> &, const ParameterVector &);
template void report_moduli<2>(const Problem<2> &, const ParameterVector &, Log &);
template void report_moduli<3>(const Problem<3> &, const ParameterVector &, Log &);

} // namespace lodestone
