#pragma once

#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/base/tensor.h>

#include <complex>

namespace lodestone
{

/// Complex potentials of plane strain in the half-plane Im z <= 0 with a free surface, at one place z = x + i y, with
/// two derivatives. Potentials are over mu, so that displacements need no modulus but kappa = 3 - 4 nu.
///
///   2 mu (u_x + i u_y) = kappa phi(z) - z conj(phi'(z)) - conj(psi(z))
///
/// For potentials phi_0, psi_0 of a source in the whole plane, the image that frees the surface is (by continuation
/// across the real axis; Muskhelishvili 1953, Some basic problems of the mathematical theory of elasticity)
///
///   phi_1(z) = -z conj(phi_0'(conj z)) - conj(psi_0(conj z)),   psi_1(z) = -conj(phi_0(conj z)) - z phi_1'(z)
class PlanePotentials
{
public:
  using Complex = std::complex<double>;

  PlanePotentials(double kappa, const Complex &z) : kappa_(kappa), z_(z) {}

  /// The first function of a source: log(z - z0), or 1 / (z - z0). The second is its derivative with the sign that makes
  /// it 1 / (z - z0), or 1 / (z - z0)^2.
  enum Kind
  {
    logarithm,
    pole
  };
  /// Adds phi_0 = a f, psi_0 = b f + c g, f and g the two functions, and their image.
  /// @param log_direct, log_image of a logarithm: its values here, on the branch that the caller wants
  void add(const Complex &z0, Kind kind, const Complex &a, const Complex &b, const Complex &c,
           const Complex &log_direct = 0, const Complex &log_image = 0);

  dealii::Tensor<1, 2> displacement() const;
  dealii::SymmetricTensor<2, 2> strain() const;

private:
  double kappa_;
  Complex z_, phi_ = 0, phi1_ = 0, phi2_ = 0, psi_ = 0, psi1_ = 0;
};

} // namespace lodestone
