#pragma once

#include <mpi.h>

namespace lodestone
{

/// Refuses to run as many programs of one rank each where one program of many ranks was meant: that is what srun makes
/// when it does not speak the language of the MPI library. @throws InputError
void check_launcher(MPI_Comm comm);

} // namespace lodestone
