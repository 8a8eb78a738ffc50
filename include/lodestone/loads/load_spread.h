#pragma once

#include <lodestone/base/vectors.h>
#include <lodestone/discretization/displacement_space.h>

namespace lodestone
{

/// How widely the vertical forces of a load vector are spread over the horizontal extent of the mesh.
///
/// sum |f_i| |x_i - c|^2 / sum |f_i|, f_i the vertical force at node x_i (x and y) and c their centre, over the same
/// for a force that is spread evenly over the whole extent, (W_x^2 + W_y^2) / 12 (in 2-D W^2 / 12): 1 for a load on all
/// of the top, s^2 for a part of it that is s times as wide, 3 a^2 / W^2 for a disc of radius a; 0 where no force is
/// vertical. Elements add about (cell / extent)^2. Collective.
template <int dim>
double relative_spread(const DisplacementSpace<dim> &space, const DistributedVector &forces);

} // namespace lodestone
