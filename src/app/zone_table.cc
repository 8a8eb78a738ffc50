#include <lodestone/app/zone_table.h>

#include <algorithm>
#include <limits>
#include <map>

namespace lodestone
{

namespace
{

/// The entries that a zone's subsection gives; empty where it gives none.
std::string text_of(const BackgroundEntries &entries)
{
  std::string text;
  const std::pair<std::string, const std::string &> all[] = {{"Young modulus", entries.young},
                                                             {"Poisson ratio", entries.poisson},
                                                             {"Bulk modulus", entries.bulk},
                                                             {"Shear modulus", entries.shear}};
  for (const auto &[name, value] : all)
    if (!value.empty())
      text += (text.empty() ? "" : ", ") + name + " = " + value;
  return text;
}

/// What is summed over a zone's cells.
struct ZoneStatistics
{
  double n_cells = 0, volume = 0, sum = 0; ///< of volume times Young's modulus
  double smallest = std::numeric_limits<double>::max(), largest = 0;
};

} // namespace

template <int dim>
ZoneTable::ZoneTable(const ResultSource<dim> &source, const ParameterVector &m) : volume_unit(dim == 3 ? "m^3" : "m^2")
{
  const Mesh<dim> &mesh = source.space.mesh();
  std::map<dealii::types::material_id, ZoneStatistics> zones;
  for (const auto &[zone_name, id] : mesh.zone_names())
    zones[id];
  const CellField young = source.parametrization.fields(m).front().second;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (const auto zone = zones.find(cell->material_id()); cell->is_locally_owned() && zone != zones.end())
    {
      const double E = young(cell->global_active_cell_index());
      ZoneStatistics &statistics = zone->second;
      ++statistics.n_cells;
      statistics.volume += cell->measure();
      statistics.sum += cell->measure() * E;
      statistics.smallest = std::min(statistics.smallest, E);
      statistics.largest = std::max(statistics.largest, E);
    }

  for (const auto &[zone_name, id] : mesh.zone_names())
  {
    const ZoneStatistics &of_rank = zones[id];
    using namespace dealii::Utilities::MPI;
    const MPI_Comm comm = mesh.communicator();
    number.push_back(id);
    name.push_back(zone_name);
    n_cells.push_back(static_cast<std::int64_t>(sum(of_rank.n_cells, comm)));
    volume.push_back(sum(of_rank.volume, comm));
    young_mean.push_back(sum(of_rank.sum, comm) / volume.back());
    young_minimum.push_back(min(of_rank.smallest, comm));
    young_maximum.push_back(max(of_rank.largest, comm));
    background.emplace_back();
    for (const ZoneBackground &zone : source.zone_backgrounds)
      if (zone.name == zone_name)
        background.back() = text_of(zone);
  }
}

void ZoneTable::write(const std::string &group, ResultsFile &file) const
{
  const std::string path = group + "/";
  file.add_array(path + "number", {"", "number of the zone, as in cells/zone"}, number);
  file.add_array(path + "name", {"", "name of the zone"}, name);
  file.add_array(path + "background", {"", "the zone's own entries of the parameter file; empty: those of Material"},
                 background);
  file.add_array(path + "n_cells", {"", "number of cells in the zone"}, n_cells);
  file.add_array(path + "volume", {volume_unit, "volume of the zone"}, volume);
  file.add_array(path + "young_mean", {"Pa", "Young's modulus, mean over the volume of the zone"}, young_mean);
  file.add_array(path + "young_minimum", {"Pa", "Young's modulus, smallest in the zone"}, young_minimum);
  file.add_array(path + "young_maximum", {"Pa", "Young's modulus, largest in the zone"}, young_maximum);
}

template ZoneTable::ZoneTable(const ResultSource<2> &, const ParameterVector &);
template ZoneTable::ZoneTable(const ResultSource<3> &, const ParameterVector &);

} // namespace lodestone
