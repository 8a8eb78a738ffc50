#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/io/number_table.h>

#include <map>
#include <string>

namespace lodestone
{

/// What a checkpoint holds besides m.
struct CheckpointContent
{
  NamedState state;
  NumberTable history;                        ///< when it was read the columns are in order, without their names
  RankState of_ranks;                         ///< when it was read on another number of ranks: empty
  std::map<std::string, std::string> problem; ///< entry, or file that is read: its value
  std::string parameters;                     ///< every entry with its value, as parameters.prm holds it
};

/// The checkpoint to read: the last one, or the one before where the last is missing or damaged; empty: there is neither.
/// Collective.
/// @param file the path of model.h5 @param where the entry that asks for it, for errors
/// @param remark becomes a sentence for the user where it is not the last one
/// @throws InputError where there are files and none of them is sound
std::string sound_checkpoint(const std::string &file, const std::string &where, MPI_Comm comm, std::string &remark);

/// The numbers of the state and the problem in a file that `sound_checkpoint` has named. Collective.
CheckpointContent checkpoint_summary(const std::string &file, const std::string &where, MPI_Comm comm);

/// The files from which a stopped run goes on: m, the state of the optimiser whatever its method is, and the history.
///
/// There are two, model.h5 and previous.h5, the one before. Each is an HDF5 file as ResultsFile writes it, with a
/// checksum at its end. Vectors of unknowns are cell fields beside the centres of the cells, so that any number of ranks
/// can read them:
///
///   /cells/m (UNKNOWN), /cells/VECTOR (UNKNOWN)
///   /state/numbers/NAME, /state/vectors/NAME     of a vector its precision: bytes per number
///   /history/column_100, column_101, ...         in the order of the table
///   /ranks/sizes/NAME, /ranks/values/NAME        how many numbers of each rank, and these one rank after the other
///   /problem/entries, /problem/values, /parameters
///
/// All functions are collective.
template <int dim>
class Checkpoint
{
public:
  using Content = CheckpointContent;

  /// @param file the path of model.h5
  /// @param where the entry that asks for the file, for errors
  Checkpoint(const ParameterCells<dim> &cells, std::string file, std::string where);

  /// Writes to another name, which is changed when the file is complete; then the file before becomes previous.h5.
  /// @throws InputError when it cannot be written
  void write(const ParameterVector &m, const Content &content) const;

  /// Everything in a file that `sound_checkpoint` has named; sets m, too.
  /// @throws InputError for a file of other unknowns, or with numbers that are not finite
  Content read(const std::string &file, ParameterVector &m) const;

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
