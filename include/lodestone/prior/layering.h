#pragma once

#include <deal.II/base/tensor.h>

#include <cmath>

namespace lodestone
{

/// The unit vector, pointing up, that is normal to a plane of the given strike and dip (degrees): strike clockwise from
/// north (+y), dip down to the right of it. In two dimensions, x and z, strike is that of a plane seen along it: dip is down
/// towards +x, as in three for a strike of 0.
template <int dim>
dealii::Tensor<1, dim> normal_of_layers(const double strike, const double dip)
{
  const double degree = std::acos(-1.) / 180, s = strike * degree, d = dip * degree;
  dealii::Tensor<1, dim> normal;
  normal[0] = std::sin(d) * std::cos(s);
  if constexpr (dim == 3)
    normal[1] = -std::sin(d) * std::sin(s);
  normal[dim - 1] = std::cos(d);
  return normal;
}

} // namespace lodestone
