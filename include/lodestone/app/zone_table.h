#pragma once

#include <lodestone/app/result_source.h>
#include <lodestone/io/results_file.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The zones of a mesh in the order of their names: the deck's entries, and how large and how stiff each of them is.
/// The same on all ranks.
struct ZoneTable
{
  /// Collective.
  template <int dim>
  ZoneTable(const ResultSource<dim> &source, const ParameterVector &m);

  /// Collective.
  void write(const std::string &group, ResultsFile &file) const;

  std::vector<std::int32_t> number;
  std::vector<std::string> name;
  std::vector<std::string> background;              ///< the zone's own entries; empty: those of the rest
  std::vector<std::int64_t> n_cells;                ///< over all ranks
  std::vector<double> volume;                       ///< m^dim
  std::vector<double> young_mean;                   ///< over the volume (Pa)
  std::vector<double> young_minimum, young_maximum; ///< Pa
  std::string volume_unit;                          ///< m^3 | m^2
};

} // namespace lodestone
