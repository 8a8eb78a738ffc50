#pragma once

#include <deal.II/base/point.h>
#include <deal.II/base/symmetric_tensor.h>

#include <array>
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
/// theta_i from 0 to 2 pi, h_i the cell size. Only where walls meet is that not exact.
///
/// Work: n^(dim+1) for n cells along each axis. Not collective.
template <int dim>
class BoxDeviation
{
public:
  /// What the box and its cells are.
  struct Grid
  {
    dealii::Point<dim> lower, upper;       ///< m
    std::array<unsigned int, dim> cells{}; ///< along each axis, positive
  };
  /// The weights of A.
  struct Weights
  {
    double delta = 0;                      ///< m^-dim
    dealii::SymmetricTensor<2, dim> gamma; ///< T, m^(2-dim)
    std::array<double, dim> beta{};        ///< m^(1-dim)
  };

  BoxDeviation(const Grid &grid, const Weights &weights);

  /// The standard deviation at a point: that of the cells around it, interpolated linearly between their centres.
  double at(const dealii::Point<dim> &p) const;
  /// The same on such cells without a boundary.
  double without_boundary() const { return without_boundary_; }

private:
  Grid grid_;
  double without_boundary_ = 0;
  std::vector<double> deviations_; ///< of the cells, x fastest
};

} // namespace lodestone
