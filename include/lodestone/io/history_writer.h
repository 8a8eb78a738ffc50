#pragma once

#include <lodestone/io/number_table.h>

#include <deal.II/base/mpi.h>

namespace lodestone
{

/// history.csv: one row per iteration, in the file as soon as it is added, so that a run that is killed leaves its
/// course behind.
class HistoryWriter
{
public:
  /// Begins a new file. Collective. @param columns names with units in brackets: "time [s]"
  /// @throws InputError on all ranks when the file cannot be written
  HistoryWriter(const std::string &file, const std::vector<std::string> &columns, MPI_Comm comm,
                const std::vector<std::string> &comments = {});

  /// Numbers in the order of the columns, the same on all ranks. Collective. @throws InputError on all ranks
  void add_row(const std::vector<double> &row);

  /// Adds the rows of an earlier table of the same columns whose first number is below `end`. Collective. @throws
  /// InputError
  void add_rows_before(double end, const NumberTable &earlier);

  /// All rows so far.
  const NumberTable &table() const { return table_; }

private:
  std::string file_;
  MPI_Comm comm_;
  NumberTable table_;
};

} // namespace lodestone
