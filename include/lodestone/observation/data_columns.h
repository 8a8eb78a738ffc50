#pragma once

#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// The header of a data file: which column holds what. -1: not in the file.
struct DataColumns
{
  int lon = -1, lat = -1, height = -1, x = -1, y = -1, z = -1, name = -1;
  std::array<int, 4> value = {{-1, -1, -1, -1}}; ///< east, north, up, los
  std::array<int, 4> sigma = {{-1, -1, -1, -1}};
  std::array<int, 3> e = {{-1, -1, -1}}; ///< e_east, e_north, e_up
  int incidence = -1, heading = -1;

  bool geographic() const { return lon >= 0; }
  bool line_of_sight() const { return value[3] >= 0; }

  /// @throws InputError: unknown column (naming the nearest known one), missing or contradicting columns, or a unit in
  /// the
  ///         header or in a comment before it that differs from the deck's
  DataColumns(const CsvTable &table, const DataSet::Parameters &parameters);

private:
  void assign(const CsvTable &table, const DataSet::Parameters &parameters);
  void check_position(const std::string &file) const;
  void check_values(const std::string &file, const DataSet::Parameters &parameters) const;
};

} // namespace lodestone
