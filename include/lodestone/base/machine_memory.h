#pragma once

#include <deal.II/base/mpi.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What a process may take (bytes); infinite where nothing limits it.
struct MemoryLimits
{
  double control_group;   ///< the least limit of the control groups in which it is: a container, a batch job
  double process;         ///< what ulimit allows beside the program and its libraries
  double left_to_process; ///< what of it is left now
};
MemoryLimits memory_limits();

/// Memory of one machine on which ranks run (bytes).
struct MachineMemory
{
  std::string name;
  unsigned int n_ranks = 0;
  double in_use = 0; ///< resident now, of its ranks
  double peak = 0;   ///< largest so far, of its ranks
  double room = 0;   ///< what its ranks may take in all: that in use, and what is left for them
};

/// The machines of all ranks, in the order of their lowest rank, the same on all ranks. Pages of libraries, which ranks
/// of a machine share, count for each of them. The room is what Linux calls MemAvailable and what is in use already, or
/// the limit of the control group or of ulimit, if that is less. Collective.
std::vector<MachineMemory> memory_of_machines(MPI_Comm comm);

/// The sum over machines, without a name.
MachineMemory total(const std::vector<MachineMemory> &machines);

} // namespace lodestone
