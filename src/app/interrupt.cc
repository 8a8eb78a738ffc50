#include <lodestone/app/interrupt.h>

#include <deal.II/base/mpi.h>

#include <csignal>

namespace lodestone
{

namespace
{
volatile std::sig_atomic_t signal_seen = 0;

void note_signal(const int signal)
{
  signal_seen = 1;
  std::signal(signal, SIG_DFL);
}
} // namespace

void catch_interrupts()
{
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

bool interrupted()
{
  return signal_seen != 0;
}

bool interrupted_on_any_rank(const MPI_Comm comm)
{
  return dealii::Utilities::MPI::max(int(interrupted()), comm) != 0;
}

} // namespace lodestone
