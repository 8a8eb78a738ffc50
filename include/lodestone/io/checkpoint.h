#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/io/number_table.h>

#include <string>

namespace lodestone
{

/// The file from which a stopped run goes on: m, the state of the optimiser whatever its method is, and the history.
///
/// It is an HDF5 file as ResultsFile writes it. Vectors of unknowns are cell fields beside the centres of the cells, so
/// that any number of ranks can read them:
///
///   /cells/m (UNKNOWN), /cells/VECTOR (UNKNOWN)
///   /state/numbers/NAME, /state/vectors/NAME     of a vector its precision: bytes per number
///   /history/column_100, column_101, ...         in the order of the table
///
/// All functions are collective.
template <int dim>
class Checkpoint
{
public:
  /// @param where the entry that asks for the file, for errors
  Checkpoint(const ParameterCells<dim> &cells, std::string file, std::string where);

  bool exists() const;
  /// Writes to another name, which is changed when the file is complete. @throws InputError when it cannot be written
  void write(const ParameterVector &m, const NamedState &state, const NumberTable &history) const;

  /// The numbers of the state, which need no cells. @throws InputError for a file that is missing or damaged
  NamedState numbers() const;
  /// What the file holds besides m.
  struct Content
  {
    NamedState state;
    NumberTable history; ///< the columns are in order, without their names
  };
  /// Sets m, too. @throws InputError for a file that is missing, damaged or of other unknowns
  Content read(ParameterVector &m) const;

private:
  MPI_Comm comm() const { return cells_.mesh().communicator(); }

  const ParameterCells<dim> &cells_;
  std::string file_, where_;
};

/// Reads m from the cells of a results.h5 or a checkpoint; on another mesh each cell takes the value of the nearest
/// one, and cells that had no unknown give 0. Collective. @throws InputError naming `where`
template <int dim>
void read_unknowns(const ParameterCells<dim> &cells, const std::string &file, const std::string &where,
                   ParameterVector &m);

} // namespace lodestone
