#include <lodestone/material/transform.h>

#include <cmath>
#include <limits>

namespace lodestone
{

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
