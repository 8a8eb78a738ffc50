#include <lodestone/app/checkpoint_clock.h>

#include <algorithm>

namespace lodestone
{

CheckpointClock::CheckpointClock(const double interval, const MPI_Comm comm) : interval_(interval), comm_(comm)
{
}

bool CheckpointClock::is_due() const
{
  constexpr double largest_share = 0.01; // of the time
  const double wait = std::max(interval_, last_ / largest_share);
  return dealii::Utilities::MPI::broadcast(comm_, n_written_ == 0 || timer_.wall_time() >= wait, 0);
}

void CheckpointClock::wrote(const double seconds)
{
  last_ = seconds;
  seconds_ += seconds;
  ++n_written_;
  timer_.restart();
}

} // namespace lodestone
