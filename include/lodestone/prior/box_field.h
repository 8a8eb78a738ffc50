#pragma once

#include <deal.II/base/point.h>
#include <deal.II/base/symmetric_tensor.h>

#include <array>
#include <vector>

namespace lodestone
{

/// A box of equal cells. Cells are numbered along the axes, x fastest.
template <int dim>
struct BoxGrid
{
  dealii::Point<dim> lower, upper;       ///< m
  std::array<unsigned int, dim> cells{}; ///< along each axis, positive

  std::size_t n_cells() const;
  double cell_size(const unsigned int axis) const { return (upper[axis] - lower[axis]) / cells[axis]; }
  double cell_volume() const;
  /// What values of the cells are at a point: linear between their centres, constant beyond those.
  double interpolate(const std::vector<double> &values, const dealii::Point<dim> &p) const;
};

/// The weights of A = sum_ij T_ij d_i d_j + delta M + sum_i beta_i S_i.
template <int dim>
struct BoxWeights
{
  double delta = 0;                      ///< m^-dim
  dealii::SymmetricTensor<2, dim> gamma; ///< T, m^(2-dim)
  std::array<double, dim> beta{};        ///< m^(1-dim)

  /// Whether the axes of T are not those of the box.
  bool is_tilted() const;
};

} // namespace lodestone
