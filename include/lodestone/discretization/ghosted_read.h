#pragma once

#include <lodestone/base/vectors.h>

namespace lodestone
{

/// While it lives, the vector's ghost entries hold their owners' values; afterwards the vector is as it was.
/// Collective.
class GhostedRead
{
public:
  explicit GhostedRead(const DistributedVector &vector) : vector_(vector), was_ghosted_(vector.has_ghost_elements())
  {
    vector_.update_ghost_values();
  }
  ~GhostedRead()
  {
    if (!was_ghosted_)
      vector_.zero_out_ghost_values();
  }
  GhostedRead(const GhostedRead &) = delete;
  GhostedRead &operator=(const GhostedRead &) = delete;

private:
  const DistributedVector &vector_;
  const bool was_ghosted_;
};

} // namespace lodestone
