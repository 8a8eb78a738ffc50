#pragma once

#include <lodestone/loads/half_space/half_space_source.h>
#include <lodestone/loads/potency.h>

namespace lodestone
{

/// A nucleus of strain: the potency P (m^dim) at one point xi, with the displacement
///
///   u_i(x) = M_jk dG_ij(x, xi) / dxi_k,   M = lambda dilatation I + 2 mu P
///
/// In 3-D, G is Mindlin's (1936, Physics 7, 195-202) displacement of a point force in a half-space, in the form of
/// Okada (1992, Bull. Seism. Soc. Am. 82, 1018-1040, equation 2). In 2-D it is that of a line force in plane strain
/// (Melan 1932), here as complex potentials: 2 mu (u + i v) = kappa phi - z conj(phi') - conj(psi), kappa = 3 - 4 nu,
/// whose image is phi_1(z) = -[z conj(phi'(conj z)) + conj(psi(conj z))] (Muskhelishvili 1953). At xi itself, where
/// the field is infinite and odd, its mean, 0, is given.
template <int dim>
class Nucleus : public HalfSpaceSource<dim>
{
public:
  /// @param point below the surface x_dim = 0
  Nucleus(const dealii::Point<dim> &point, const Potency<dim> &potency, const BodyModuli &moduli);

  void add_displacement(const std::vector<dealii::Point<dim>> &points,
                        std::vector<dealii::Tensor<1, dim>> &u) const override;
  void add_strain(const std::vector<dealii::Point<dim>> &points,
                  std::vector<dealii::SymmetricTensor<2, dim>> &strain) const override;
  double distance(const dealii::BoundingBox<dim> &box) const override { return distance_to_box(point_, box); }
  bool has_integrable_strain() const override { return false; }

private:
  dealii::Point<dim> point_;
  dealii::SymmetricTensor<2, dim> moment_; ///< M / mu (m^dim)

  bool is_at(const dealii::Point<dim> &point) const;
};

} // namespace lodestone
