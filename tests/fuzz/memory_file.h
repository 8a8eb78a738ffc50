#pragma once

#include <fstream>
#include <string>
#include <unistd.h>

namespace lodestone::fuzz
{

/// A file in memory. It has a name in a directory, as HDF5 wants to resolve it.
class MemoryFile
{
public:
  explicit MemoryFile(const std::string &text) : name_("/dev/shm/lodestone-fuzz-" + std::to_string(::getpid()))
  {
    std::ofstream(name_, std::ios::binary) << text;
  }
  ~MemoryFile() { ::unlink(name_.c_str()); }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  const std::string &name() const { return name_; }

private:
  std::string name_;
};

} // namespace lodestone::fuzz
