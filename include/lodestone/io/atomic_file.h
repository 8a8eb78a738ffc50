#pragma once

#include <deal.II/base/mpi.h>

#include <functional>
#include <string>

namespace lodestone
{

/// Writes a text so that after a crash the file is either the old or the new one, never a part: a temporary file beside
/// it is written, brought to disk and renamed. Rank 0 writes; collective. @throws InputError on all ranks with the
/// system's message
void write_atomically(const std::string &file, const std::string &text, MPI_Comm comm);

/// Brings `temporary` to disk and gives it the name `file`. Rank 0 acts; collective. @throws InputError on all ranks
/// @param keep_as name that an earlier file gets, for a moment before there is a new one; empty: the earlier one is
/// replaced
void replace_atomically(const std::string &temporary, const std::string &file, MPI_Comm comm,
                        const std::string &keep_as = "");

/// Runs `action` on rank 0; the text that it returns, when not empty, is what went wrong with `file`. Collective.
/// @throws InputError on all ranks
void on_first_rank(MPI_Comm comm, const std::string &file, const std::function<std::string()> &action);

} // namespace lodestone
