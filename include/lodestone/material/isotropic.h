#pragma once

#include <array>

namespace lodestone
{

/// Which two numbers describe an isotropic material.
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
/// Moduli are in Pa. The stiffness is positive definite for mu > 0 and lambda + 2 mu/3 > 0.
struct Lame
{
  double lambda, mu;

  double young() const { return mu * (3 * lambda + 2 * mu) / (lambda + mu); }
  double poisson() const { return lambda / (2 * (lambda + mu)); }
  double bulk() const { return lambda + 2 * mu / 3; }
  double shear() const { return mu; }
  /// The same material by the two numbers of a pair.
  std::array<double, 2> as(ModuliPair pair) const;
};

/// The Lamé moduli of the material that the two numbers x of a pair describe.
inline Lame lame_moduli(const ModuliPair pair, const std::array<double, 2> &x)
{
  switch (pair)
  {
  case ModuliPair::young_poisson:
    return {x[0] * x[1] / ((1 + x[1]) * (1 - 2 * x[1])), x[0] / (2 * (1 + x[1]))};
  case ModuliPair::bulk_shear:
    return {x[0] - 2 * x[1] / 3, x[1]};
  default:
    return {2 * x[0] * x[1] / (1 - 2 * x[1]), x[0]};
  }
}

/// The derivative d(lambda, mu)/dx_a with respect to number a (0 or 1) of the pair.
inline Lame lame_derivative(const ModuliPair pair, const std::array<double, 2> &x, const unsigned int a)
{
  if (pair == ModuliPair::bulk_shear)
    return a == 0 ? Lame{1, 0} : Lame{-2. / 3, 1};
  const double nu = x[1], w = 1 / (1 - 2 * nu);
  if (pair == ModuliPair::shear_poisson)
    return a == 0 ? Lame{2 * nu * w, 1} : Lame{2 * x[0] * w * w, 0};
  const double r = 1 / (1 + nu), rw = r * w;
  return a == 0 ? Lame{nu * rw, 0.5 * r} : Lame{x[0] * (1 + 2 * nu * nu) * rw * rw, -0.5 * x[0] * r * r};
}

/// The second derivative d^2(lambda, mu)/dx_a dx_b.
Lame lame_second_derivative(ModuliPair pair, const std::array<double, 2> &x, unsigned int a, unsigned int b);

} // namespace lodestone
