#pragma once

#include <lodestone/base/vectors.h>

namespace lodestone
{

/// While an object of this class lives, the ghost entries of the vector hold their owners' values; afterwards the
/// vector is as it was. The constructor is collective.
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
