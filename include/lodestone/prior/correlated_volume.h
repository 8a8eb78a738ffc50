#pragma once

#include <cmath>

namespace lodestone
{

/// The volume (m^dim) over which exp(-r/L) correlates, with L its horizontal and vertical length.
template <int dim>
double correlated_volume(const double horizontal, const double vertical)
{
  const double pi = std::acos(-1.);
  return dim == 3 ? 8 * pi * horizontal * horizontal * vertical : 2 * pi * horizontal * vertical;
}

} // namespace lodestone
