#pragma once

#include <array>

namespace lodestone
{

/// The two numbers by which an isotropic material is described.
enum class ModuliPair
{
  young_poisson, ///< E (Pa), nu
  bulk_shear,    ///< K, G (Pa)
  shear_poisson  ///< G (Pa), nu
};

/// Three-dimensional isotropic elasticity by its Lamé moduli; plane strain in 2-D has the same ones.
///
///   lambda = E nu / ((1+nu)(1-2nu)) = K - 2G/3 = 2 G nu / (1-2nu),   mu = E / (2(1+nu)) = G
///
/// Positive definite for mu > 0 and lambda + 2 mu/3 > 0. Pa.
struct Lame
{
  double lambda, mu;

  double young() const { return mu * (3 * lambda + 2 * mu) / (lambda + mu); }
  double poisson() const { return lambda / (2 * (lambda + mu)); }
  double bulk() const { return lambda + 2 * mu / 3; }
  double shear() const { return mu; }
  std::array<double, 2> as(ModuliPair pair) const;
};

/// Derivatives of (lambda, mu) with respect to the two numbers of a pair.
struct LameDerivatives
{
  std::array<std::array<double, 2>, 2> first;                 ///< [lambda, mu][argument]
  std::array<std::array<std::array<double, 2>, 2>, 2> second; ///< [lambda, mu][argument][argument]
};

Lame lame_moduli(ModuliPair pair, const std::array<double, 2> &x);
LameDerivatives lame_derivatives(ModuliPair pair, const std::array<double, 2> &x);

} // namespace lodestone
