#pragma once

#include <lodestone/base/error.h>

#include <exception>
#include <string>

namespace lodestone
{

/// Makes every end of the run one with a message: of an error that a single rank has seen, of p4est, which holds the mesh
/// and aborts when it finds no memory, of an abort and of an invalid access to memory. Call it once MPI has started.
void prepare_ends();

/// Ends this rank with an error. If all ranks come here within some seconds, the lowest one that has the largest code
/// prints its message, and all get that code. Otherwise the error is this rank's alone: it prints, and ends the others,
/// which would wait for ever.
/// @param kind what kind of error it is, such as "solver failure"
ExitCode end_with(ExitCode code, const std::string &kind, const std::string &message);

/// Whether all ranks come here within some seconds. A handler that goes on after an error asks this first: an error of this
/// rank alone is thrown on.
bool all_ranks_come_here();

/// Ends this rank with an exception that nothing else reports: memory ran out, with what fits, or an error in the program.
ExitCode end_after(const std::exception &error);

} // namespace lodestone
