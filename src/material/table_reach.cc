#include <lodestone/base/deck_path.h>
#include <lodestone/base/entry_values.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/table.h>
#include <lodestone/material/table_reach.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <set>

namespace lodestone
{

namespace
{

/// The lowest and the highest depth (m) of the cells whose zone counts; the first is above the second where there are
/// none. Collective.
template <int dim>
std::array<double, 2> depth_range(const Mesh<dim> &mesh, const std::function<bool(dealii::types::material_id)> &counts)
{
  const double infinity = std::numeric_limits<double>::infinity();
  std::array<double, 2> range = {{infinity, -infinity}};
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && counts(cell->material_id()))
      for (const unsigned int v : cell->vertex_indices())
      {
        const double depth = 0 - cell->vertex(v)[dim - 1]; // not -0
        range = {{std::min(range[0], depth), std::max(range[1], depth)}};
      }
  return {{dealii::Utilities::MPI::min(range[0], mesh.communicator()),
           dealii::Utilities::MPI::max(range[1], mesh.communicator())}};
}

/// The line for one table; empty where it reaches from end to end. Collective.
/// @param where path of the subsection that names the table
/// @param file as the entry names it
/// @param cells lowest and highest depth (m) of the cells that the table is used in
/// @param what "the model" or a zone
std::string reach_text(const BackgroundEntry &entry, const std::string &where, const std::string &file,
                       const DepthTable &table, const std::array<double, 2> &cells, const std::string &what)
{
  const unsigned int column = table.wanted();
  const std::string unit = entry.allowed.quantity == Quantity::pressure ? " Pa" : "";
  const double first = table.depths().front(), last = table.depths().back(), slack = 1e-6 * (cells[1] - cells[0]);
  std::string text;
  if (first > cells[0] + slack)
    text = "begins at a depth of " + significant(first) + " m, and " + what + " at " + significant(cells[0]) +
           " m: its first value, " + significant(table.value(column, first)) + unit + ", holds up to there";
  if (last < cells[1] - slack)
    text += (text.empty() ? "" : "; it ") + ("ends at a depth of " + significant(last)) + " m, and " + what +
            " reaches down to " + significant(cells[1]) + " m: its last value, " +
            significant(table.value(column, last)) + unit + ", goes on to there";
  return text.empty() ? "" : where + "/" + entry.name + ": the table " + file + " " + text;
}

} // namespace

template <int dim>
void report_table_reach(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                        const Mesh<dim> &mesh, const std::string &deck_directory, Log &log)
{
  std::set<std::string> ignored; // files whose ignored columns have been named
  const auto report = [&](const BackgroundEntry &entry, const BackgroundEntries &texts, const std::string &where,
                          const std::string &what, const std::function<bool(dealii::types::material_id)> &counts) {
    const auto file = table_file(texts.*entry.text);
    if (!file)
      return;
    const auto cells = depth_range(mesh, counts);
    if (cells[0] > cells[1])
      return; // used nowhere
    const DepthTable table(CsvTable(path_from_deck(*file, deck_directory), mesh.communicator()), entry.column,
                           background_columns());
    if (!table.ignored().empty() && ignored.insert(*file).second)
      log.line(where + "/" + entry.name + ": table " + *file + ", " + ignored_columns_text(table.ignored()));
    if (const auto text = reach_text(entry, where, *file, table, cells, what); !text.empty())
      log.line(text);
  };
  for (const BackgroundEntry &entry : background_entries())
  {
    std::set<dealii::types::material_id> others; // zones that give this number themselves
    for (const auto &zone : zones)
      if (zone.is_complete() || !(zone.*entry.text).empty())
        others.insert(mesh.zone_id(zone.name, "Material/" + zone.name));
    report(entry, general, "Material", others.empty() ? "the model" : "the part of the model that it is used in",
           [&](const dealii::types::material_id id) { return others.count(id) == 0; });
  }
  for (const auto &zone : zones)
    for (const BackgroundEntry &entry : background_entries())
      report(entry, zone, "Material/" + zone.name, "the zone",
             [own = mesh.zone_id(zone.name, "Material/" + zone.name)](const dealii::types::material_id id) {
               return id == own;
             });
}

template void report_table_reach<2>(const BackgroundEntries &, const std::vector<ZoneBackground> &, const Mesh<2> &,
                                    const std::string &, Log &);
template void report_table_reach<3>(const BackgroundEntries &, const std::vector<ZoneBackground> &, const Mesh<3> &,
                                    const std::string &, Log &);

} // namespace lodestone
