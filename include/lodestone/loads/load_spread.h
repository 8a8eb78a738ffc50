#pragma once

#include <lodestone/base/vectors.h>
#include <lodestone/discretization/displacement_space.h>

namespace lodestone
{

/// How widely the vertical forces of a load vector are spread over the horizontal extent of the mesh (dimensionless):
///
///   (sum_i |f_i| |x_i - c|^2 / sum_i |f_i|) / ((W_x^2 + W_y^2) / 12)
///
/// f_i is the vertical force at node i, x_i the node's horizontal position, c the centre of the forces and W the extent
/// of the mesh; the denominator is what a force has that is spread evenly over the whole extent (in 2-D W^2 / 12). So
/// the spread is 1 for a load on all of the top, s^2 for a load on a part of it that is s times as wide, 3 a^2 / W^2
/// for a disc of radius a, and 0 where no force is vertical. Elements add about (cell size / extent)^2. Collective.
template <int dim>
double relative_spread(const DisplacementSpace<dim> &space, const DistributedVector &forces);

} // namespace lodestone
