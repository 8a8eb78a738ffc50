#pragma once

#include <lodestone/discretization/vectors.h>

namespace lodestone
{

/// Lamé moduli per cell (Pa); or the derivative of a functional with respect to them, a dual field: the derivative
/// (1/Pa) per cell.
struct Moduli
{
  CellField lambda, mu;
};

} // namespace lodestone
