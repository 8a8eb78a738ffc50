#pragma once

#include <string>

namespace lodestone
{

/// How the factor w of the whole prior comes about.
enum class WeightChoice
{
  given,
  discrepancy, ///< by chi^2/N = target
  l_curve      ///< at the corner of misfit against prior
};

/// The entries `Weight` and `Discrepancy target` of subsection `Prior`.
struct WeightParameters
{
  WeightChoice choice = WeightChoice::given;
  double weight = 1; ///< where it is given; the first factor otherwise
  double target = 1; ///< chi^2/N

  /// @param weight a positive number, discrepancy or l-curve
  /// @param target a positive number
  /// @param path     of the subsection, for messages
  /// @throws InputError
  static WeightParameters read(const std::string &weight, const std::string &target, const std::string &path);
};

} // namespace lodestone
