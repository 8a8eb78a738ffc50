// What libFuzzer calls. LODESTONE_FUZZ_READER is the name of a function in readers.h.
#include <lodestone/base/error.h>

#include "readers.h"
#include <cstdint>
#include <cstdlib>
#include <mpi.h>

extern "C" int LLVMFuzzerInitialize(int *, char ***)
{
  MPI_Init(nullptr, nullptr); // never finalized: libFuzzer leaves by _exit
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, const std::size_t size)
{
  try
  {
    lodestone::fuzz::LODESTONE_FUZZ_READER(std::string(reinterpret_cast<const char *>(data), size));
  }
  catch (const lodestone::InputError &)
  {
  }
  return 0;
}
