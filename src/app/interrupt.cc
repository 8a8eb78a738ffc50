#include <lodestone/app/interrupt.h>
#include <lodestone/base/stop_request.h>

#include <csignal>

namespace lodestone
{

namespace
{
/// Those by which users, launchers and schedulers ask a program to end.
constexpr int requests[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

void note_signal(const int signal)
{
  request_stop(signal);
  for (const int request : requests)
    std::signal(request, SIG_DFL); // a second one ends the program
}
} // namespace

void catch_interrupts()
{
  for (const int request : requests)
    std::signal(request, note_signal);
}

} // namespace lodestone
