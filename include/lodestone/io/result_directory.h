#pragma once

#include <deal.II/base/mpi.h>

#include <string>

namespace lodestone
{

/// The directory into which one run writes; made, with its parents, when it does not exist.
class ResultDirectory
{
public:
  /// Collective. @throws InputError on all ranks naming the entry `Output directory` when it cannot be made or written,
  /// or is not the same directory on all ranks, as on a node's own disk (writing together would wait for ever)
  /// @param patience how long a rank looks for what rank 0 has put there (s): network file systems may be late
  ResultDirectory(const std::string &path, MPI_Comm comm, double patience = 5);

  /// Moves what an earlier run wrote here (log, parameters, history, results, pictures of fields, checkpoint) into
  /// earlier-1, earlier-2, ...: nothing that was computed is overwritten. All of them are moved or none; a move that a
  /// killed run has begun is brought to its end. Collective. @throws InputError on all ranks
  void set_earlier_results_aside() const;

  const std::string &path() const { return path_; }
  MPI_Comm communicator() const { return comm_; }
  /// Path of a file in it.
  std::string file(const std::string &name) const { return path_ + "/" + name; }
  /// A name that is safe as a file name: every character but letters, digits, '-', '_' and '.' becomes '_'.
  static std::string safe_name(const std::string &name);

private:
  std::string path_;
  MPI_Comm comm_;
};

} // namespace lodestone
