#pragma once

#include <deal.II/base/mpi.h>

#include <string>

namespace lodestone
{

/// What the last line of a file says of the bytes before it.
enum class Soundness
{
  sound,            ///< every byte is as it was written
  damaged,          ///< cut off, or bytes have changed
  without_checksum, ///< another program wrote the file, or has changed it
  missing           ///< there is no such file, or it cannot be read
};

/// Adds a line with the length and the CRC-32 of everything before it, so that one changed bit or a missing end is found.
/// Programs that read HDF5 take no notice of what stands after the last of their data. Every rank reads a part of the
/// file. Collective. @throws InputError on all ranks when it cannot be read or written
void add_checksum(const std::string &file, MPI_Comm comm);

/// "1234 bytes, CRC-32 cbf43926": what tells files of one name apart; empty when there is no such file. Collective.
std::string file_fingerprint(const std::string &file, MPI_Comm comm);

/// Compares a file with its checksum. Collective.
Soundness check_checksum(const std::string &file, MPI_Comm comm);

} // namespace lodestone
