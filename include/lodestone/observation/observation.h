#pragma once

#include <lodestone/discretization/state.h>
#include <lodestone/observation/data_vector.h>

namespace lodestone
{

/// B: from the state of a load case to its predicted data, and the exact transpose.
///
/// Linear. Data vectors are the same on all ranks, states distributed.
class Observation
{
public:
  virtual ~Observation() = default;

  /// The same on all ranks; not collective.
  virtual unsigned int n_data() const = 0;
  /// B u in m (m/yr for rates). Collective. @param u primal, in m, with valid ghosts
  virtual DataVector apply(const State &u) const = 0;
  /// out += B^T w, and zero is added where a constraint determines the unknown. Collective.
  /// @param w dual, such as an adjoint source (1/m), the same on all ranks
  /// @param out dual; only its owned entries are used, and ghosts are not updated
  virtual void add_transpose(const DataVector &w, StateDual &out) const = 0;
};

} // namespace lodestone
