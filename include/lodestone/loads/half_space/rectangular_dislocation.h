#pragma once

#include <lodestone/loads/half_space/half_space_source.h>
#include <lodestone/loads/sources/rectangle.h>

namespace lodestone
{

/// A rectangle across which the displacement jumps by the same vector everywhere.
///
/// In 3-D it is the dislocation of Okada (1992, Bull. Seism. Soc. Am. 82, 1018-1040, table 6: displacement in the
/// interior). Terms that he gives apart for vertical planes are written so that one form holds for all dips, without
/// loss of digits near 90 degrees. In 2-D it is a pair of edge dislocations (Muskhelishvili's potentials, with
/// A = b mu / (i pi (kappa + 1)), kappa = 3 - 4 nu). The strain is smooth across the rectangle and infinite on its
/// edges.
template <int dim>
class RectangularDislocation : public HalfSpaceSource<dim>
{
public:
  /// @param rectangle no part of it lies above the surface x_dim = 0
  /// @param jump displacement of the hanging wall, the side into which the normal points, against the other (m)
  RectangularDislocation(const Rectangle<dim> &rectangle, const dealii::Tensor<1, dim> &jump, const BodyModuli &moduli);

  void add_displacement(const std::vector<dealii::Point<dim>> &points,
                        std::vector<dealii::Tensor<1, dim>> &u) const override;
  void add_strain(const std::vector<dealii::Point<dim>> &points,
                  std::vector<dealii::SymmetricTensor<2, dim>> &strain) const override;
  bool jumps_at(const dealii::Point<dim> &point) const override;
  double distance(const dealii::BoundingBox<dim> &box) const override;
  double distance_of_infinity(const dealii::BoundingBox<dim> &box) const override;
  dealii::BoundingBox<dim> extent() const override;
  bool has_integrable_strain() const override { return true; }

private:
  Rectangle<dim> rectangle_;
  dealii::Tensor<1, dim> jump_;

  /// Calls visit(place, weight) for the places that stand for a point: itself, or where the point is closer than
  /// `relative` times the rectangle's size to its edges, their lines, its plane or the image of that, one beside it on
  /// each side.
  template <typename Visit>
  void for_places(const dealii::Point<dim> &point, double relative, const Visit &visit) const;
};

} // namespace lodestone
