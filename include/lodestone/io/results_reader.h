#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/io/number_table.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/point.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Reads back what ResultsFile wrote: cell fields with their centres, and tables. Rank 0 reads, all ranks get
/// everything (of cells, a piece at a time: no rank ever holds a whole field).
/// @throws InputError on all ranks for a file that is missing, is no results file, or has no such field
class ResultsReader
{
public:
  /// @param where the entry that named the file, for errors
  ResultsReader(const std::string &file, const std::string &where, MPI_Comm comm);

  template <int dim>
  using CellVisitor = std::function<void(const std::vector<dealii::Point<dim>> &centres,
                                         const std::vector<std::vector<double>> &values)>;
  /// A cell field, named as ResultsFile::add_cell_field was given it.
  struct Field
  {
    Field(std::string name, const ResultsReader *file = nullptr) : name(std::move(name)), file(file) {}
    Field(const char *name) : Field(std::string(name)) {}
    std::string name;
    const ResultsReader *file; ///< that has it for cells in the order of this file's; null: this file
  };
  /// Shows the file's cells to every rank, so many at a time: their centres and, by field, their values.
  /// @throws InputError when the file is of another dimension
  template <int dim>
  void visit_cells(const std::vector<Field> &fields, const CellVisitor<dim> &visit, std::size_t piece = 100000) const;
  /// A table's columns, in alphabetical order. @throws InputError when they differ in length
  NumberTable table(const std::string &group) const;
  /// The numbers of a table of one row, by the name of their column. @throws InputError when it has another number of rows
  std::map<std::string, double> numbers(const std::string &group) const;
  /// Names of what a group holds, in alphabetical order.
  std::vector<std::string> members(const std::string &group) const;
  /// Rows of a data set; 0 where there is none.
  std::size_t n_rows(const std::string &dataset) const;
  /// A text on the root group; empty where there is none.
  std::string attribute(const std::string &name) const;
  /// An array of texts.
  std::vector<std::string> texts(const std::string &path) const;
  /// What ResultsFile::add_rank_numbers wrote: this rank's numbers; nothing where another number of ranks wrote them.
  RankState rank_numbers(const std::string &group) const;

private:
  /// Rows of a data set from `first` on, `count` or as many as there are.
  std::vector<double> read(const std::string &dataset, std::size_t first, std::size_t count) const;
  std::string file_, where_;
  MPI_Comm comm_;
};

} // namespace lodestone
