#pragma once

#include <vector>

namespace lodestone
{

/// One number per datum of a load case, all data sets one after the other; the same on every rank. Metres (or m/yr for rates).
using DataVector = std::vector<double>;

} // namespace lodestone
