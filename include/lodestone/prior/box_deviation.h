#pragma once

#include <lodestone/prior/box_field.h>

#include <vector>

namespace lodestone
{

/// The standard deviation of A^-1 M^(1/2) xi, xi white noise, in a box of equal cells, with
///
///   A = sum_i (gamma_i K_i + beta_i S_i) + delta M,
///
/// K_i the differences across faces normal to axis i, S_i the areas of the box's faces normal to it, M the volumes. On such
/// a grid A is a sum of one-dimensional operators T_i, M^-1 A = delta + sum_i T_i, and with their eigenvectors phi (of
/// length 1) and eigenvalues lambda the variance in a cell of volume V is, without error,
///
///   1/V sum_abc (phi_a(i) phi_b(j) phi_c(k))^2 / (delta + lambda_a + lambda_b + lambda_c)^2.
///
/// gamma_i is the entry T_ii of a tensor. Where T has others as well, as it has with layers that dip, the gradient is that of
/// CornerSquares. Beside a wall such a field has the standard deviations that it has with the diagonal of T alone, but for
/// a factor: a shear along the wall takes one to the other. The factor is that of two fields without a boundary,
///
///   s^2 = 1/V mean over theta of (delta + sum_i T_ii (2 sin(theta_i/2)/h_i)^2
///                                       + sum_{i != j} T_ij sin(theta_i) sin(theta_j)/(h_i h_j))^-2,
///
/// theta_i from 0 to 2 pi, h_i the cell size. Where walls meet another factor comes to it: the exact standard deviation
/// (tilted_box_deviations) over this one, in a box of few cells that has as many walls but not more than three lengths
/// sqrt(T_ii/delta) from each of them to its middle, or two and a half cells. There the effect of a wall on the variance is
/// exp(-6).
///
/// Work: n^(dim+1) for n cells along each axis; for a tilted T a dense inverse of order 1,728 (2-D: 1,600), too. Not
/// collective.
template <int dim>
class BoxDeviation
{
public:
  BoxDeviation(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights);

  /// The standard deviation at a point: that of the cells around it, interpolated linearly between their centres.
  double at(const dealii::Point<dim> &p) const;
  /// The same on such cells without a boundary.
  double without_boundary() const { return without_boundary_; }

private:
  BoxGrid<dim> grid_;
  double without_boundary_ = 0;
  std::vector<double> deviations_;
  BoxGrid<dim> near_walls_;          ///< of the factor
  std::vector<double> wall_factors_; ///< none: T is not tilted
};

} // namespace lodestone
