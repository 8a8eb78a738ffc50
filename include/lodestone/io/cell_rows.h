#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/io/results_file.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Names of the cell fields that hold a vector of unknowns: "NAME (UNKNOWN)".
std::vector<std::string> field_names(const std::string &vector, const ParameterLayout &layout);

/// Writes vectors of unknowns as cell fields, many of them one after the other. Rows of cells without unknowns are not
/// numbers. All functions are collective.
template <int dim>
class CellRows
{
public:
  /// @param m any vector of these unknowns
  CellRows(const ParameterCells<dim> &cells, const ParameterVector &m);

  /// Writes one vector in its own precision.
  void write(ResultsFile &file, const std::string &name, const NamedState::Vector &vector);
  /// "96 cells, CRC-32 1c291ca3 0a8f7c11": tells cells, their partition and their order apart.
  const std::string &order() const { return order_; }

private:
  ParameterVector buffer_;
  std::vector<std::vector<unsigned int>> entries_; ///< by field and row: place in this rank's part of a vector
  std::string order_;
};

} // namespace lodestone
