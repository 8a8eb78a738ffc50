#include <lodestone/base/stop_request.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <csignal>

namespace lodestone
{

namespace
{
using Clock = std::chrono::steady_clock;

// The state of the process: the handler of a signal has nothing else to write to.
volatile std::sig_atomic_t signal_seen = 0;
Clock::time_point end = Clock::time_point::max();
std::string name_of_end;
bool last_steps = false;

std::string name_of(const int signal)
{
  switch (signal)
  {
  case SIGINT:
    return "SIGINT (Ctrl-C)";
  case SIGTERM:
    return "SIGTERM";
  case SIGHUP:
    return "SIGHUP";
  case SIGUSR1:
    return "SIGUSR1";
  case SIGUSR2:
    return "SIGUSR2";
  case SIGXCPU:
    return "SIGXCPU";
  default:
    return "signal " + std::to_string(signal);
  }
}
} // namespace

void request_stop(const int signal) noexcept
{
  signal_seen = signal;
}

void stop_at(const Clock::time_point time, const std::string &name)
{
  end = std::min(end, time);
  name_of_end = name;
}

bool stop_requested()
{
  return signal_seen != 0 || Clock::now() >= end;
}

bool stop_requested_on_any_rank(const MPI_Comm comm)
{
  return dealii::Utilities::MPI::max(int(stop_requested()), comm) != 0;
}

std::string stop_cause(const MPI_Comm comm)
{
  const int signal = dealii::Utilities::MPI::max(int(signal_seen), comm);
  return signal != 0 ? name_of(signal) : name_of_end;
}

void begin_last_steps()
{
  last_steps = true;
}

void forget_stop_requests()
{
  signal_seen = 0;
  end = Clock::time_point::max();
  last_steps = false;
}

bool SafePoints::must_stop()
{
  constexpr double interval = 0.1; // seconds between reductions
  constexpr unsigned int longest_stride = 4096;
  if (last_steps || --left_ > 0)
    return false;
  const auto now = Clock::now();
  double values[2] = {stop_requested() ? 1. : 0., std::chrono::duration<double>(now - last_).count()};
  last_ = now;
  dealii::Utilities::MPI::max(values, comm_, values);
  // The same on all ranks. It grows slowly: what follows quick iterations may be slow.
  const double factor = std::min(2., interval / std::max(values[1], 1e-9));
  stride_ = std::clamp(static_cast<unsigned int>(factor * stride_), 1U, longest_stride);
  left_ = stride_;
  return values[0] > 0;
}

void SafePoints::pass()
{
  if (must_stop())
    throw Interrupted();
}

} // namespace lodestone
