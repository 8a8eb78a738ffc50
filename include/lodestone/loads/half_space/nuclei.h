#pragma once

#include <lodestone/loads/half_space/half_space_source.h>
#include <lodestone/loads/potency.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// Nuclei of strain in one body: potencies P (m^dim) at points xi, with the displacement
///
///   u_i(x) = sum over points of M_jk dG_ij(x, xi) / dxi_k,   M = lambda dilatation I + 2 mu P
///
/// In 3-D, G is Mindlin's (1936, Physics 7, 195-202) displacement of a point force in a half-space, in the form of
/// Okada (1992, Bull. Seism. Soc. Am. 82, 1018-1040, equation 2). In 2-D it is that of a line force in plane strain
/// (Melan 1932), here as complex potentials: 2 mu (u + i v) = kappa phi - z conj(phi') - conj(psi), kappa = 3 - 4 nu,
/// whose image is phi_1(z) = -[z conj(phi'(conj z)) + conj(psi(conj z))] (Muskhelishvili 1953). At xi itself, where
/// the field is infinite and odd, its mean, 0, is given.
template <int dim>
class Nuclei : public HalfSpaceSource<dim>
{
public:
  /// @param points below the surface x_dim = 0, at least one
  /// @param potencies one per point
  Nuclei(const std::vector<dealii::Point<dim>> &points, const std::vector<Potency<dim>> &potencies,
         const BodyModuli &moduli);
  ~Nuclei() override;

  void add_displacement(const std::vector<dealii::Point<dim>> &points,
                        std::vector<dealii::Tensor<1, dim>> &u) const override;
  void add_strain(const std::vector<dealii::Point<dim>> &points,
                  std::vector<dealii::SymmetricTensor<2, dim>> &strain) const override;
  double distance(const dealii::BoundingBox<dim> &box) const override;
  dealii::BoundingBox<dim> extent() const override;
  bool has_integrable_strain() const override { return false; }
  std::size_t n_terms() const override { return nuclei_.size(); }

private:
  struct Nucleus
  {
    dealii::Point<dim> point;
    dealii::SymmetricTensor<2, dim> moment; ///< M / mu (m^dim)
    double tolerance;                       ///< closer than this (m), a place is the point itself
  };
  struct Tree; ///< of the points, to find the nearest
  std::vector<Nucleus> nuclei_;
  std::unique_ptr<Tree> tree_;
};

} // namespace lodestone
