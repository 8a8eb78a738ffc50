#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Named columns of numbers, all of one length: what CSV files, fit files and the history hold.
///
/// Units stand in brackets after the name, as CsvTable reads them: "time [s]".
struct NumberTable
{
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;

  void add(const std::string &name, std::vector<double> column)
  {
    names.push_back(name);
    columns.push_back(std::move(column));
  }
  std::size_t n_rows() const { return columns.empty() ? 0 : columns.front().size(); }
};

} // namespace lodestone
