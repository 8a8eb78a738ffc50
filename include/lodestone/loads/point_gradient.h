#pragma once

#include <lodestone/discretization/point_locator.h>
#include <lodestone/loads/surroundings.h>

#include <deal.II/base/tensor.h>

#include <array>
#include <vector>

namespace lodestone
{

/// The gradient of a finite-element field at a point as a sum over nodes, dv_i/dx_j = sum_n gradients[n][j] v_i(n).
/// A node may stand in the list more than once.
template <int dim>
struct PointGradient
{
  std::vector<std::array<dealii::types::global_dof_index, dim>> unknowns; ///< of each node, one per component
  std::vector<dealii::Tensor<1, dim>> gradients;                          ///< (1/m)
};

/// The gradient of linear elements, recovered so that it is second-order accurate everywhere in a cell.
///
/// In a linear element the derivative along an edge is constant along that edge, and second-order accurate in the
/// middle alone. So a source of strain would act from the middle of its cell, wherever it lies in it. Here the
/// derivative in each direction d of the cell is a quadratic spline through the middles of the cell, of the size h, and
/// its neighbours, of the sizes h_- and h_+:
///
///   dv/dx_d = w_- (dv/dx_d)_- + (1 - w_- - w_+) (dv/dx_d) + w_+ (dv/dx_d)_+,
///   w_- = (1 - s)^2 h / (h + h_-),   w_+ = s^2 h / (h + h_+),
///
/// s from 0 to 1 the place in the cell. It is exact for quadratic fields on bricks, and its error, h^2/8 times the third
/// derivative, does not depend on s, so that a source moves smoothly through the mesh. Where there is no neighbour, or
/// one of other material or with hanging nodes, the line through the other two middles is taken:
/// w_+ = (2 s - 1) h / (h + h_+).
/// @param hit an owned cell that holds the point
/// @param surroundings null: the material is the same everywhere
template <int dim>
PointGradient<dim> recovered_gradient(const DisplacementSpace<dim> &space, const typename PointLocator<dim>::Hit &hit,
                                      const Surroundings<dim> *surroundings);

/// The point of a cell where the strain of quadratic elements is taken for a point on a face that two cells share: it
/// lies a sixth of a cell away from the face. For other points it is the point itself.
///
/// Between nodes at 0, h/2, h the derivative of the interpolant of u is wrong by D (3 s^2 - 3 s h + h^2/2) / 6 at s, D
/// the third derivative. The mean over both sides of the face also differs from the value at the face by D s^2 / 2,
/// because it is taken at the distance s. Together the mean is wrong by D h^2 / 12 at the face, and not at all at s =
/// h/6. Both sides take the distance of the smaller cell, so that the mean stays at the face.
/// @param hit one of the cells that touch the point
/// @return in the unit cell
template <int dim>
dealii::Point<dim> strain_point(const typename PointLocator<dim>::Hit &hit);

} // namespace lodestone
