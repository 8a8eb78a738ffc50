#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/observation/data_set_parameters.h>

#include <array>
#include <string>
#include <vector>

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
  /// Correlations or covariances of the errors of east and north, east and up, north and up.
  std::array<int, 3> correlation = {{-1, -1, -1}}, covariance = {{-1, -1, -1}};
  std::vector<std::string> ignored; ///< names of columns that are not known

  bool geographic() const { return lon >= 0; }
  /// Whether there are values; without them the rows are places to predict at.
  bool observed() const { return value != std::array<int, 4>{{-1, -1, -1, -1}}; }
  bool correlated() const { return correlation != none_of_three || covariance != none_of_three; }
  bool line_of_sight() const { return components == std::array<bool, 4>{{false, false, false, true}}; }
  /// Whether rows have east, north, up, los: the values that the file has; without any, those that it has standard
  /// deviations of, or los if it has a direction, or else east, north and up (without y: east and up).
  std::array<bool, 4> components = {{false, false, false, false}};

  /// @throws InputError for a name that is a slip of a known one, columns that are missing or contradict each other, and a unit in the header or in a comment before it that differs from the deck's
  CsvColumns(const CsvTable &table, const DataSet::Parameters &parameters);

private:
  static constexpr std::array<int, 3> none_of_three = {{-1, -1, -1}};
  void assign(const CsvTable &table, const DataSet::Parameters &parameters);
  void choose_components();
  void check_position(const std::string &file) const;
  void check_values(const std::string &file, const DataSet::Parameters &parameters) const;
  void check_direction(const std::string &file) const;
  void check_correlations(const std::string &file, const DataSet::Parameters &parameters) const;
};

} // namespace lodestone
