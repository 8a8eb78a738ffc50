#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/observation/data_set_parameters.h>

#include <array>

namespace lodestone
{

/// The header of a CSV file of observations: which column holds what. -1: the file has no such column.
struct CsvColumns
{
  int lon = -1, lat = -1, height = -1, x = -1, y = -1, z = -1, name = -1;
  std::array<int, 4> value = {{-1, -1, -1, -1}}; ///< east, north, up, los
  std::array<int, 4> sigma = {{-1, -1, -1, -1}}; ///< the standard deviation of each
  std::array<int, 3> e = {{-1, -1, -1}};         ///< e_east, e_north, e_up
  int incidence = -1, heading = -1;

  bool geographic() const { return lon >= 0; }
  bool line_of_sight() const { return value[3] >= 0; }

  /// @throws InputError for a column that is not known (naming the nearest known one), columns that are missing or
  /// contradict each other, and a unit in the header or in a comment before it that differs from the deck's
  CsvColumns(const CsvTable &table, const DataSet::Parameters &parameters);

private:
  void assign(const CsvTable &table, const DataSet::Parameters &parameters);
  void check_position(const std::string &file) const;
  void check_values(const std::string &file, const DataSet::Parameters &parameters) const;
  void check_direction(const std::string &file) const;
};

} // namespace lodestone
