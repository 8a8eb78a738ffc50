#pragma once

#include <deal.II/base/mpi.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

namespace lodestone
{

/// What the user reads: the terminal and, once a result directory exists, log.txt. Rank 0 writes, other ranks are
/// silent; nothing here but `open` is collective. `heartbeat` may be called by another thread.
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
  /// What a long loop is at, for `progress` and `heartbeat`; empty: there is none.
  void task(const std::string &text);
  /// If there has been no line for so long, writes one that tells which part of the program is at work, and what `task`
  /// and `progress` have told. @return the time after which to come again
  std::chrono::milliseconds heartbeat(std::chrono::milliseconds silence);
  /// Whether this rank writes.
  bool is_active() const { return active_; }

private:
  void write_line(const std::string &text);

  MPI_Comm comm_;
  bool active_, quiet_, terminal_, progress_shown_ = false;
  std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_line_ = std::chrono::steady_clock::now(), last_told_ = last_line_;
  std::string before_open_, task_, doing_;
  std::ofstream file_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

} // namespace lodestone
