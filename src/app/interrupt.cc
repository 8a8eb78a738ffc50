#include <lodestone/app/interrupt.h>

#include <deal.II/base/mpi.h>

#include <csignal>

namespace lodestone
{

namespace
{
volatile std::sig_atomic_t signal_seen = 0;

/// Those by which users, launchers and schedulers ask a program to end.
constexpr int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

void note_signal(int)
{
  signal_seen = 1;
  for (const int request : requests)
    std::signal(request, SIG_DFL); // a second one ends the program
}
} // namespace

void catch_interrupts()
{
  for (const int request : requests)
    std::signal(request, note_signal);
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
