#pragma once

#include <lodestone/discretization/vectors.h>

namespace lodestone
{

/// Lamé moduli per cell (Pa), or a derivative with respect to them (then a dual field: J/Pa per cell).
struct Moduli
{
  CellField lambda, mu;
};

} // namespace lodestone
