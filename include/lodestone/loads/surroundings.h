#pragma once

#include <lodestone/discretization/vectors.h>
#include <lodestone/loads/half_space/half_space_source.h>

#include <string>

namespace lodestone
{

/// The body around a load, as far as it does not depend on the model. Fields have valid ghosts.
template <int dim>
struct Surroundings
{
  CellField lambda, mu; ///< of the background (Pa)
  CellField constant;   ///< 1 in cells that keep the background for every model, otherwise 0
  /// Why the body is not one half-space with a free and flat surface, as half a sentence; empty if it is.
  std::string no_half_space;

  BodyModuli moduli(const dealii::types::global_cell_index cell) const { return {lambda(cell), mu(cell)}; }
};

} // namespace lodestone
