#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/io/number_table.h>

#include <map>
#include <memory>
#include <set>
#include <string>

namespace lodestone
{

template <int dim>
class CellRows;

/// What a checkpoint holds besides m.
struct CheckpointContent
{
  NamedState state;
  NumberTable history;                        ///< when it was read the columns are in order, without their names
  RankState of_ranks;                         ///< when it was read on another number of ranks: empty
  std::map<std::string, std::string> problem; ///< entry, or file that is read: its value
  std::string parameters;                     ///< every entry with its value, as parameters.prm holds it
};

/// What of a checkpoint is needed.
enum class CheckpointPart
{
  everything,
  model ///< m alone
};

/// What is wrong with a checkpoint or with files of vectors that it needs, as part of a sentence; empty: nothing. Collective.
/// @param where the entry that asks for it, for errors
std::string checkpoint_problem(const std::string &file, const std::string &where, MPI_Comm comm, CheckpointPart part);

/// Names of the files of vectors that a checkpoint needs, which lie beside it. Collective.
/// @throws InputError for a name that no such file has
std::set<std::string> checkpoint_needs(const std::string &file, const std::string &where, MPI_Comm comm);

/// The checkpoint to read: the last one, or the one before where the last is missing or damaged; empty: there is neither.
/// Collective.
/// @param file the path of model.h5 @param where the entry that asks for it, for errors
/// @param remark becomes a sentence for the user where it is not the last one
/// @throws InputError where there are files and none of them is sound
std::string sound_checkpoint(const std::string &file, const std::string &where, MPI_Comm comm, std::string &remark,
                             CheckpointPart part = CheckpointPart::everything);

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
///   /elsewhere/vectors, files, fields            vectors that are in other files, these, and the names of their fields
///   /history/column_100, column_101, ...         in the order of the table
///   /ranks/sizes/NAME, /ranks/values/NAME        how many numbers of each rank, and these one rank after the other
///   /problem/entries, /problem/values, /parameters
///
/// Vectors that later checkpoints hold again, such as the curvature pairs of a method, are written once: what is new of
/// them goes into one more file, vectors-1.h5, vectors-2.h5, ..., whose rows are in the order of the cells in model.h5. A
/// file of vectors is removed when neither model.h5 nor previous.h5 needs it.
///
/// All functions are collective.
class Checkpoint
{
public:
  using Content = CheckpointContent;

  /// @param file the path of model.h5
  /// @param where the entry that asks for the file, for errors
  Checkpoint(std::string file, std::string where, MPI_Comm comm);

  /// Writes to another name, which is changed when the file is complete; then the file before becomes previous.h5.
  /// @throws InputError when it cannot be written
  template <int dim>
  void write(const ParameterCells<dim> &cells, const ParameterVector &m, const Content &content);

  /// Everything in a file that `sound_checkpoint` has named; sets m, too.
  /// @throws InputError for a file of other unknowns, or with numbers that are not finite
  template <int dim>
  Content read(const ParameterCells<dim> &cells, const std::string &file, ParameterVector &m);

private:
  /// Where a vector is that is not in model.h5.
  struct Place
  {
    std::string file, field;
  };
  using Places = std::map<std::string, Place>; ///< by the name of the vector
  template <int dim>
  /// Writes those vectors into a new file that are in none. @return where vectors are that are not in model.h5
  Places place(CellRows<dim> &rows, const NamedState &state);
  /// Vectors of files that are there no more are written again.
  void forget_lost_files();
  void remove_files_without_use(const Places &places);

  std::string file_, where_;
  MPI_Comm comm_;
  std::string order_; ///< of the cells
  /// Vectors in files of this order.
  std::map<std::weak_ptr<const void>, Place, std::owner_less<>> written_;
  std::set<std::string> needed_; ///< files of vectors that model.h5 needs
};

/// Reads m from the cells of a results.h5 or a checkpoint; on another mesh each cell takes the value of the nearest
/// one, and cells that had no unknown give 0. Collective. @throws InputError naming `where`
template <int dim>
void read_unknowns(const ParameterCells<dim> &cells, const std::string &file, const std::string &where,
                   ParameterVector &m);

} // namespace lodestone
