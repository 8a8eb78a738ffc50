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

namespace
{

LameDerivatives by_young_poisson(const double E, const double nu)
{
  // lambda = E a, mu = E b with a = nu/D, D = (1+nu)(1-2nu), b = 1/(2(1+nu)).
  const double n = 1 + nu, D = n * (1 - 2 * nu);
  const double a = nu / D, a1 = (1 + 2 * nu * nu) / (D * D);
  const double a2 = (4 * nu * D + 2 * (1 + 2 * nu * nu) * (1 + 4 * nu)) / (D * D * D);
  const double b = 0.5 / n, b1 = -0.5 / (n * n), b2 = 1 / (n * n * n);
  LameDerivatives d;
  d.first = {{{{a, E * a1}}, {{b, E * b1}}}};
  d.second = {{{{{{0, a1}}, {{a1, E * a2}}}}, {{{{0, b1}}, {{b1, E * b2}}}}}};
  return d;
}

LameDerivatives by_shear_poisson(const double G, const double nu)
{
  const double w = 1 / (1 - 2 * nu);
  const double c = 2 * nu * w, c1 = 2 * w * w, c2 = 8 * w * w * w;
  LameDerivatives d;
  d.first = {{{{c, G * c1}}, {{1, 0}}}};
  d.second = {{{{{{0, c1}}, {{c1, G * c2}}}}, {{{{0, 0}}, {{0, 0}}}}}};
  return d;
}

LameDerivatives by_bulk_shear()
{
  LameDerivatives d;
  d.first = {{{{1, -2. / 3}}, {{0, 1}}}};
  d.second = {{{{{{0, 0}}, {{0, 0}}}}, {{{{0, 0}}, {{0, 0}}}}}};
  return d;
}

} // namespace

LameDerivatives lame_derivatives(const ModuliPair pair, const std::array<double, 2> &x)
{
  switch (pair)
  {
  case ModuliPair::young_poisson:
    return by_young_poisson(x[0], x[1]);
  case ModuliPair::bulk_shear:
    return by_bulk_shear();
  default:
    return by_shear_poisson(x[0], x[1]);
  }
}

} // namespace lodestone
