#pragma once

#include <lodestone/io/number_table.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/point.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Reads back what ResultsFile wrote: cell fields with their centres, and tables. Rank 0 reads, all ranks get everything
/// (memory on each: as many numbers as the file's mesh has cells, for each field read).
/// @throws InputError on all ranks for a file that is missing, is no results file, or has no such field
class ResultsReader
{
public:
  /// @param where the entry that named the file, for errors
  ResultsReader(const std::string &file, const std::string &where, MPI_Comm comm);

  /// Centres of all cells. @throws InputError when the file is of another dimension
  template <int dim>
  std::vector<dealii::Point<dim>> centres() const;
  std::vector<double> cell_field(const std::string &name) const;
  /// A table's columns, in alphabetical order.
  NumberTable table(const std::string &group) const;

private:
  std::vector<double> read(const std::string &dataset) const;
  std::string file_, where_;
  MPI_Comm comm_;
};

} // namespace lodestone
