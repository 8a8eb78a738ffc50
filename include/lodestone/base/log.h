#pragma once

#include <deal.II/base/mpi.h>

#include <chrono>
#include <fstream>
#include <string>

namespace lodestone
{

/// What the user reads: the terminal and, once a result directory exists, log.txt. Rank 0 writes, other ranks are
/// silent; nothing here but `open` is collective.
class Log
{
public:
  explicit Log(MPI_Comm comm, bool quiet = false);
  /// A log that nobody reads, for a problem that is a part of another one.
  static Log silent(MPI_Comm comm);

  /// From now on every line goes to this file too; lines written before are put there first. Collective.
  /// @throws InputError on all ranks when the file cannot be written
  void open(const std::string &file);

  /// Writes one line.
  void line(const std::string &text = "");
  /// A line that begins with "warning: "; it is printed even when the log is quiet.
  void warning(const std::string &text);
  /// A line that overwrites itself while a long solve runs. It is shown at most twice a second, only on a terminal,
  /// never in log.txt.
  void progress(const std::string &text);

private:
  MPI_Comm comm_;
  bool active_, quiet_, terminal_, progress_shown_ = false;
  std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
  std::string before_open_;
  std::ofstream file_;
};

} // namespace lodestone
