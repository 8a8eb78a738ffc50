#pragma once

#include <lodestone/io/number_table.h>

#include <deal.II/base/mpi.h>

namespace lodestone
{

/// Writes a table that is the same on all ranks: comment lines ("# ..."), header, rows. Atomic; collective.
/// @throws InputError on all ranks when the file cannot be written
void write_csv(const std::string &file, const NumberTable &table, MPI_Comm comm,
               const std::vector<std::string> &comments = {});

} // namespace lodestone
