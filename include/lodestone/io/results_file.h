#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/io/number_table.h>

#include <memory>

namespace lodestone
{

/// results.h5: everything a script needs of a run, in double precision unless said.
///
///   /cells/centre, /cells/volume     (n_cells, dim) in m, (n_cells) in m^dim
///   /cells/<field>                   (n_cells)
///   /data/<data set>/<column>        (n_rows)
///   /estimates/<load or nuisance term>/<number>   (1): value and standard deviation
///   /history/<column>                (n_iterations)
///   /parameters                      resolved parameter file, a text
///   attributes of /                  versions
///
/// Cells are in the order of their global active index, which depends on the number of ranks: centres tell which is
/// which. HDF5 keeps '/' for paths, so a '/' in a column's or field's name becomes '|'. The file is written beside its
/// final name and appears there, complete, at commit(). All functions are collective, with the same arguments on all
/// ranks but for the distributed fields. @throws InputError on all ranks when the file cannot be written
class ResultsFile
{
public:
  ResultsFile(const std::string &file, MPI_Comm comm);
  /// Without commit(): drops what was written.
  ~ResultsFile();
  ResultsFile(const ResultsFile &) = delete;
  ResultsFile &operator=(const ResultsFile &) = delete;

  template <int dim>
  void add_cells(const Mesh<dim> &mesh);
  void add_cell_field(const std::string &name, const CellField &field);
  /// Half the size, for what is known or needed to six digits only.
  void add_cell_field_in_single_precision(const std::string &name, const CellField &field);
  /// @param group "history", or "data/gnss"; made with its parents
  void add_table(const std::string &group, const NumberTable &table);
  void add_text(const std::string &name, const std::string &text);
  /// A short text (below 64 kB) on the root group.
  void set_attribute(const std::string &name, const std::string &text);
  void commit();

private:
  struct Handle;
  std::string file_, temporary_;
  MPI_Comm comm_;
  std::unique_ptr<Handle> handle_;
};

} // namespace lodestone
