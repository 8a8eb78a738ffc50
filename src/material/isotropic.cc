#include <lodestone/material/isotropic.h>

namespace lodestone
{

std::array<double, 2> Lame::as(const ModuliPair pair) const
{
  switch (pair)
  {
  case ModuliPair::young_poisson:
    return {{young(), poisson()}};
  case ModuliPair::bulk_shear:
    return {{bulk(), shear()}};
  default:
    return {{shear(), poisson()}};
  }
}

Lame lame_second_derivative(const ModuliPair pair, const std::array<double, 2> &x, const unsigned int a,
                            const unsigned int b)
{
  // The Lamé moduli are linear in moduli.
  if (pair == ModuliPair::bulk_shear || (a == 0 && b == 0))
    return {0, 0};
  if (a == 0 || b == 0)
    return lame_derivative(pair, {{1, x[1]}}, 1);
  const double nu = x[1], w = 1 / (1 - 2 * nu);
  if (pair == ModuliPair::shear_poisson)
    return {8 * x[0] * w * w * w, 0};
  const double r = 1 / (1 + nu), rw = r * w;
  return {x[0] * (4 * nu + 2 * (1 + 2 * nu * nu) * (1 + 4 * nu) * rw) * rw * rw, x[0] * r * r * r};
}

} // namespace lodestone
