#pragma once

#include <lodestone/base/log.h>

#include <chrono>
#include <deque>
#include <string>

namespace lodestone
{

/// The end of a run's time: what the deck gives (`Wall time limit`), or the job's scheduler, whichever comes first. The
/// run is asked to stop (stop_at) while there is time to write its results: a margin of 2 % of what is left at the
/// start, 5 s at least and 60 s at most, and twice the longest time that writing has taken. Between two iterations it
/// is asked to stop if another one, as long as the longest of the last five, would not end before that.
class TimeLimit
{
public:
  /// Begins to hold. Collective. @param entry "auto": that of the job, if there is one; "none"; or a time
  /// @throws InputError for another text
  TimeLimit(const std::string &entry, MPI_Comm comm, Log &log);

  /// Begins an iteration; what came before it was none.
  void begin_iterations();
  /// An iterate was accepted.
  void end_iteration();
  /// What belongs to it was written. @param is_whole the results too, not the checkpoint alone
  void wrote(double seconds, bool is_whole);

  /// Seconds of the entry; empty: none or auto. @throws InputError
  static std::optional<double> read(const std::string &entry);

private:
  using Clock = std::chrono::steady_clock;
  void ask_to_stop();

  bool is_limited_ = false;
  Clock::time_point end_, begin_;
  std::string name_;
  double margin_ = 0, writing_ = 0; ///< seconds
  std::deque<double> recent_;       ///< seconds of the last iterations
};

} // namespace lodestone
