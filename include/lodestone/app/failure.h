#pragma once

#include <lodestone/base/error.h>

#include <exception>

namespace lodestone
{

/// Ends the run that p4est, which holds the mesh, wants to abort when it finds no memory: with a message. Call it after
/// MPI has started.
void catch_end_of_p4est();

/// Reports an exception that only this rank may have seen: memory ran out, with what fits, or an error in the program.
/// On several ranks it ends all of them, since the others would wait for ever. @return the exit code for one rank
ExitCode end_after(const std::exception &error);

} // namespace lodestone
