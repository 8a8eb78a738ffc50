#include <lodestone/base/time_text.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

std::string time_text(const double seconds)
{
  const auto s = static_cast<unsigned long>(std::clamp(std::round(seconds), 0., 1e15));
  if (s >= 3600)
    return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
  return (s >= 60 ? std::to_string(s / 60) + " min " : "") + std::to_string(s % 60) + " s";
}

} // namespace lodestone
