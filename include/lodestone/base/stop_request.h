#pragma once

#include <chrono>
#include <exception>
#include <mpi.h>
#include <string>

namespace lodestone
{

// A run may be asked to stop by a signal or by the end of its time. Each rank keeps what it was asked; SafePoints makes
// that known to all ranks inside long loops.

/// The run was asked to stop. This is no error: it unwinds, on all ranks alike, to where the results so far are kept.
class Interrupted : public std::exception
{
public:
  const char *what() const noexcept override { return "the run was asked to stop"; }
};

/// Notes that a signal asks this rank to stop. May be called by a signal handler.
void request_stop(int signal) noexcept;
/// Asks the run to stop at a time, unless it was asked to stop earlier than that. @param name what sets the time, for stop_cause()
void stop_at(std::chrono::steady_clock::time_point time, const std::string &name);
/// Whether this rank was asked to stop.
bool stop_requested();
/// Whether any rank was asked to stop. Collective.
bool stop_requested_on_any_rank(MPI_Comm comm);
/// What asked the run to stop: "SIGTERM", or what set the time. Collective.
std::string stop_cause(MPI_Comm comm);

/// The run ends: from now on safe points are passed, so that its results can be written. Call it on all ranks.
void begin_last_steps();
/// Forgets every request.
void forget_stop_requests();

/// The safe points of one loop: places at which a run that was asked to stop may be left. All ranks pass them in the
/// same order. They agree by a reduction about ten times a second, however often the points are passed.
class SafePoints
{
public:
  /// Begins a loop. @param comm the ranks that run it
  explicit SafePoints(MPI_Comm comm) : comm_(comm) {}
  /// Passes a point. Collective. @throws Interrupted on all ranks when one of them was asked to stop
  void pass();
  /// The same for callbacks of C libraries: returns on all ranks whether one of them was asked to stop.
  bool must_stop();

private:
  MPI_Comm comm_;
  unsigned int stride_ = 1, left_ = 1; ///< points from one reduction to the next, and until the next
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

} // namespace lodestone
