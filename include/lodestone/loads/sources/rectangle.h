#pragma once

#include <lodestone/loads/potency.h>

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <vector>

namespace lodestone
{

/// The rectangle of a dislocation (Okada 1985, Bull. Seism. Soc. Am. 75, 1135-1154): fault, dike or sill.
///
/// x east, y north, z up; strike phi clockwise from north, dip delta down to the right of strike, rake l in the plane
/// from the strike direction upward (0: left-lateral, 90: thrust). Unit vectors: along strike s = (sin phi, cos phi,
/// 0), up-dip a = (-cos phi cos delta, sin phi cos delta, sin delta), normal into the hanging wall n = (cos phi sin
/// delta, -sin phi sin delta, cos delta). The hanging wall moves by b = slip (cos l s + sin l a) + opening n against
/// the footwall; potency per area (b n + n b)/2. In 2-D (x, z): strike 0 or 180, length 1 m, no slip along strike.
template <int dim>
struct Rectangle
{
  dealii::Point<dim> centre;
  dealii::Tensor<1, dim> along_strike; ///< zero in 2-D
  dealii::Tensor<1, dim> up_dip, normal;
  double length = 1, width = 0; ///< along strike and along dip (m)

  /// A rectangle about its centroid; strike and dip in degrees, length and width in metres.
  static Rectangle at(const dealii::Point<dim> &centre, double strike, double dip, double length, double width);
  /// The movement b of the hanging wall (m); slip and opening in metres, rake in degrees.
  dealii::Tensor<1, dim> jump(double slip, double rake, double opening) const;
  /// The potency per area (m) of a jump.
  Potency<dim> potency_density(const dealii::Tensor<1, dim> &jump) const;
  /// The centres of n_length x n_width equal patches.
  std::vector<dealii::Point<dim>> patch_centres(unsigned int n_length, unsigned int n_width) const;
  /// Whether a cell with these vertices reaches the rectangle: the extents of both along strike, dip and normal
  /// overlap.
  bool reached_by(const std::vector<dealii::Point<dim>> &vertices) const;
};

} // namespace lodestone
