#pragma once

#include <cstdint>

namespace lodestone::benchmark
{

/// Messages and collective operations of this rank since the program started, counted through MPI's profiling
/// interface.
///
/// Point-to-point messages sent by deal.II, PETSc and Lodestone itself (non-blocking, persistent and blocking sends),
/// reductions and barriers. Those of Fortran libraries (MUMPS) do not pass here.
struct MessageCount
{
  std::uint64_t messages = 0, bytes = 0, collectives = 0;

  MessageCount operator-(const MessageCount &earlier) const
  {
    return {messages - earlier.messages, bytes - earlier.bytes, collectives - earlier.collectives};
  }
};

MessageCount messages_so_far();

} // namespace lodestone::benchmark
