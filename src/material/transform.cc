#include <lodestone/material/transform.h>

#include <cmath>
#include <limits>

namespace lodestone
{

Transform::Value Transform::operator()(const double m, const double background, const double scale) const
{
  switch (kind)
  {
  case Kind::log: {
    const double x = background * std::exp(m);
    return {x, x, x};
  }
  case Kind::logit: {
    // s and 1 - s each from its own formula: the difference would lose all digits near a bound.
    const double odds = (background - lower) / (upper - background), width = upper - lower;
    const double s = 1 / (1 + std::exp(-m) / odds), t = 1 / (1 + std::exp(m) * odds);
    const double x = s < 0.5 ? lower + width * s : upper - width * t;
    return {x, width * s * t, width * s * t * (t - s)};
  }
  default:
    return {background + scale * m, scale, 0};
  }
}

double Transform::inverse(const double x, const double background, const double scale) const
{
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (kind)
  {
  case Kind::log:
    return x <= 0 ? -infinity : std::log(x / background);
  case Kind::logit:
    if (x <= lower)
      return -infinity;
    if (x >= upper)
      return infinity;
    return std::log((x - lower) / (upper - x) * ((upper - background) / (background - lower)));
  default:
    return (x - background) / scale;
  }
}

} // namespace lodestone
