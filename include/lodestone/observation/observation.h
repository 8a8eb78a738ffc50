#pragma once

#include <lodestone/discretization/state.h>
#include <lodestone/observation/data_vector.h>

namespace lodestone
{

/// B of a load case: from its state to its data, and the exact transpose.
class Observation
{
public:
  virtual ~Observation() = default;

  virtual unsigned int n_data() const = 0;
  virtual DataVector apply(const State &u) const = 0;
  /// out += B^T w.
  virtual void add_transpose(const DataVector &w, StateDual &out) const = 0;
};

} // namespace lodestone
