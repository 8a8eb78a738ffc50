#include <lodestone/base/csv.h>
#include <lodestone/base/table.h>
#include <lodestone/material/table_reach.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <set>
#include <sstream>

namespace lodestone
{

namespace
{

struct EntryText
{
  std::string entry, column, unit, text;
};

std::array<EntryText, 4> entry_texts(const BackgroundEntries &e)
{
  return {{{"Young modulus", "young", " Pa", e.young},
           {"Poisson ratio", "poisson", "", e.poisson},
           {"Bulk modulus", "bulk", " Pa", e.bulk},
           {"Shear modulus", "shear", " Pa", e.shear}}};
}

bool is_complete(const BackgroundEntries &e)
{
  return (!e.young.empty() && !e.poisson.empty()) || (!e.bulk.empty() && !e.shear.empty());
}

/// Lowest and highest depth (m) of cells, by their zone; the first above the second where there are none. Collective.
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

/// The line for one table; empty where it reaches from end to end. @param what "the model" or a zone
std::string reach_text(const EntryText &e, const std::string &where, const std::string &deck_directory,
                       const MPI_Comm comm, const std::array<double, 2> &cells, const std::string &what)
{
  const std::string file = trimmed(e.text.substr(6));
  const bool absolute = !file.empty() && file[0] == '/';
  const DepthTable table(absolute || deck_directory.empty() ? file : deck_directory + "/" + file, comm);
  const unsigned int column = table.columns().size() == 1 ? 0 : table.column(e.column);
  const double first = table.depths().front(), last = table.depths().back(), slack = 1e-6 * (cells[1] - cells[0]);
  std::ostringstream text;
  if (first > cells[0] + slack)
    text << "begins at a depth of " << first << " m, and " << what << " at " << cells[0] << " m: its first value, "
         << table.value(column, first) << e.unit << ", holds up to there";
  if (last < cells[1] - slack)
    text << (text.str().empty() ? "" : "; it ") << "ends at a depth of " << last << " m, and " << what
         << " reaches down to " << cells[1] << " m: its last value, " << table.value(column, last) << e.unit
         << ", goes on to there";
  return text.str().empty() ? "" : where + "/" + e.entry + ": the table " + file + " " + text.str();
}

bool is_table(const std::string &text)
{
  return trimmed(text).rfind("table ", 0) == 0 || trimmed(text).rfind("table\t", 0) == 0;
}

} // namespace

template <int dim>
void report_table_reach(const BackgroundEntries &general, const std::vector<ZoneBackground> &zones,
                        const Mesh<dim> &mesh, const std::string &deck_directory, Log &log)
{
  const auto report = [&](EntryText e, const std::string &where, const std::string &what,
                          const std::function<bool(dealii::types::material_id)> &counts) {
    if (!is_table(e.text))
      return;
    e.text = trimmed(e.text);
    const auto cells = depth_range(mesh, counts);
    if (cells[0] > cells[1])
      return; // used nowhere
    if (const auto text = reach_text(e, where, deck_directory, mesh.communicator(), cells, what); !text.empty())
      log.line(text);
  };
  const std::array<EntryText, 4> entries = entry_texts(general);
  for (unsigned int i = 0; i < entries.size(); ++i)
  {
    std::set<dealii::types::material_id> others; // zones that give this number themselves
    for (const auto &zone : zones)
      if (is_complete(zone) || !entry_texts(zone)[i].text.empty())
        others.insert(mesh.zone_id(zone.name, "Material/" + zone.name));
    report(entries[i], "Material", others.empty() ? "the model" : "the part of the model that it is used in",
           [&](const dealii::types::material_id id) { return others.count(id) == 0; });
  }
  for (const auto &zone : zones)
    for (const auto &e : entry_texts(zone))
      report(e, "Material/" + zone.name, "the zone",
             [own = mesh.zone_id(zone.name, "Material/" + zone.name)](const dealii::types::material_id id) {
               return id == own;
             });
}

template void report_table_reach<2>(const BackgroundEntries &, const std::vector<ZoneBackground> &, const Mesh<2> &,
                                    const std::string &, Log &);
template void report_table_reach<3>(const BackgroundEntries &, const std::vector<ZoneBackground> &, const Mesh<3> &,
                                    const std::string &, Log &);

} // namespace lodestone
