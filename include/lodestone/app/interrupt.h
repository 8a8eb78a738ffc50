#pragma once

#include <mpi.h>

namespace lodestone
{

/// SIGINT (Ctrl-C), SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU ask the run to stop at the next safe point; a second
/// one ends it at once.
void catch_interrupts();
/// True on this rank once a signal has come.
bool interrupted();
/// True on all ranks once a signal has come to one of them. Collective.
bool interrupted_on_any_rank(MPI_Comm comm);

} // namespace lodestone
