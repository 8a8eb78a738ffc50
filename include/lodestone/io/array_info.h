#pragma once

#include <string>

namespace lodestone
{

/// What an array in a file has to say of itself: attributes `units` and `description` of its data set.
struct ArrayInfo
{
  std::string units;       ///< "m"; "1" for pure numbers, empty for texts and for numbers of things
  std::string description; ///< one line
};

} // namespace lodestone
