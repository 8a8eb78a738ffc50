#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/mesh.h>
#include <lodestone/io/array_info.h>
#include <lodestone/io/number_table.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// An HDF5 file of cell fields, arrays and texts: results.h5, whose layout app/results_layout describes, and
/// checkpoints.
///
/// Cells are in the order of their global active index, which depends on the number of ranks: centres tell which is
/// which. A path names groups and a data set: "data/drawdown/gnss/sigma"; groups are made where they do not exist.
/// Names of cell fields pass through array_name; other names are taken as they are, but for "/" in a column of a table,
/// which becomes "|". The file is written beside its final name and appears there, complete, at commit(). All functions
/// are collective, with the same arguments on all ranks but for what belongs to cells.
/// @throws InputError on all ranks when the file cannot be written, or the disk has not the space for it and 1 MB more
class ResultsFile
{
public:
  ResultsFile(const std::string &file, MPI_Comm comm);
  /// Without commit(): drops what was written.
  ~ResultsFile();
  ResultsFile(const ResultsFile &) = delete;
  ResultsFile &operator=(const ResultsFile &) = delete;

  /// cells/centre, (n_cells, dim) in m, and cells/volume.
  template <int dim>
  void add_cells(const Mesh<dim> &mesh);
  /// mesh/vertices, (n_vertices, dim) in m, and mesh/connectivity, (n_cells, 2^dim) numbers of vertices in VTK's order.
  template <int dim>
  void add_mesh(const Mesh<dim> &mesh);
  /// cells/NAME
  void add_cell_field(const std::string &name, const CellField &field);
  void add_cell_field(const std::string &name, const ArrayInfo &info, const CellField &field);
  /// The same from the rows of this rank's cells, float or double, which are in the order of their global active index.
  template <typename Number>
  void add_cell_rows(const std::string &name, const std::vector<Number> &rows);
  /// Whole numbers, as integers.
  void add_cell_numbers(const std::string &name, const ArrayInfo &info, const CellField &numbers);
  /// The same at any path.
  void add_cell_numbers_at(const std::string &path, const ArrayInfo &info, const CellField &numbers);

  /// @param group "history", or "data/gnss"
  void add_table(const std::string &group, const NumberTable &table);
  /// @param components above 1: a matrix of so many columns, row by row
  void add_array(const std::string &path, const ArrayInfo &info, const std::vector<double> &values,
                 unsigned int components = 1);
  void add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::int32_t> &values);
  void add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::int64_t> &values);
  void add_array(const std::string &path, const ArrayInfo &info, const std::vector<std::string> &values);
  /// GROUP/sizes/NAME: how many numbers each rank has; GROUP/values/NAME: these numbers, one rank after the other. The
  /// names are the same on all ranks.
  void add_rank_numbers(const std::string &group, const RankState &numbers);
  /// A single number.
  void add_number(const std::string &path, const ArrayInfo &info, double value);
  void add_text(const std::string &path, const std::string &text);
  void add_text(const std::string &path, const ArrayInfo &info, const std::string &text);

  /// A short text (below 64 kB) on the root group.
  void set_attribute(const std::string &name, const std::string &text);
  /// The same and numbers on a group.
  void set_attribute(const std::string &group, const std::string &name, const std::string &text);
  void set_attribute(const std::string &group, const std::string &name, int number);
  void set_attribute(const std::string &group, const std::string &name, double number);
  /// Completes the file, with its checksum (add_checksum).
  /// @param keep_as the name that an earlier file gets; empty: it is replaced
  void commit(const std::string &keep_as = "");

private:
  struct Handle;
  /// Rows [first, first + n) of `total` are this rank's.
  struct Share
  {
    std::uint64_t total, first, n;
  };
  template <typename Number>
  void write(const std::string &path, const ArrayInfo *info, const Share &share, unsigned int components,
             const Number *values);
  Share replicated(std::size_t n) const;
  /// One rank's share after the other. Collective.
  Share one_after_the_other(std::size_t n) const;
  /// HDF5 loses the step of the ranks where the disk is full, and hangs: so the space is looked for before. @throws InputError
  void require_space(double bytes);

  std::string file_, temporary_;
  MPI_Comm comm_;
  std::unique_ptr<Handle> handle_;
};

} // namespace lodestone
