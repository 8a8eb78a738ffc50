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

/// What is wrong with a checkpoint or with files of vectors that it needs, as part of a sentence; empty: nothing. Collective.
/// @param where the entry that asks for it, for errors
std::string checkpoint_problem(const std::string &file, const std::string &where, MPI_Comm comm);

/// The checkpoint to read.
struct SoundCheckpoint
{
  std::string file;        ///< empty: there is none
  std::string remark;      ///< a sentence for the user where it is not the last one as it was written
  bool has_vectors = true; ///< whether vectors that are in other files can be read
};

/// The last checkpoint or, where it or one of its files of vectors is missing or damaged, the one before. Where both have
/// lost files of vectors: the last one without these. Collective.
/// @param file the path of model.h5 @param where the entry that asks for it, for errors
/// @throws InputError where there are files and none of them is sound
SoundCheckpoint sound_checkpoint(const std::string &file, const std::string &where, MPI_Comm comm);

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
///   /elsewhere/vectors, files, fields, prints    vectors that are in other files, these, the names of their fields, and
///                                                length and CRC-32 of the files
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
  /// @param has_vectors without them, vectors that are in other files are left out
  /// @throws InputError for a file of other unknowns, or with numbers that are not finite
  template <int dim>
  Content read(const ParameterCells<dim> &cells, const std::string &file, ParameterVector &m, bool has_vectors = true);

private:
  /// Where a vector is that is not in model.h5.
  struct Place
  {
    std::string file, field, print;
  };
  using Places = std::map<std::string, Place>; ///< by the name of the vector
  /// Writes those vectors into a new file that are in none. @return where vectors are that are not in model.h5
  template <int dim>
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
  bool keeps_previous_ = false;  ///< model.h5 is damaged: the next one takes its place
};

/// Reads m from the cells of a results.h5 or a checkpoint; on another mesh each cell takes the value of the nearest
/// one, and cells that had no unknown give 0. Collective. @throws InputError naming `where`
template <int dim>
void read_unknowns(const ParameterCells<dim> &cells, const std::string &file, const std::string &where,
                   ParameterVector &m);

} // namespace lodestone
