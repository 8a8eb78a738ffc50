#pragma once

#include <deal.II/base/mpi.h>
#include <deal.II/base/timer.h>

namespace lodestone
{

/// Says when a checkpoint is due: at once, and then as often as the user allows, but never so often that checkpoints take
/// more than a hundredth of the time.
class CheckpointClock
{
public:
  /// @param interval least time between two checkpoints (s)
  CheckpointClock(double interval, MPI_Comm comm);
  /// The same on all ranks. Collective.
  bool is_due() const;
  /// A checkpoint has been written, which took so many seconds.
  void wrote(double seconds);

  unsigned int n_written() const { return n_written_; }
  /// Seconds that all of them took on this rank.
  double seconds() const { return seconds_; }

private:
  double interval_, last_ = 0, seconds_ = 0;
  unsigned int n_written_ = 0;
  MPI_Comm comm_;
  dealii::Timer timer_; ///< since the last one
};

} // namespace lodestone
