#pragma once

#include <string>

namespace lodestone
{

/// A time in seconds as a user reads it: "45 s", "3 min 20 s", "2 h 5 min".
std::string time_text(double seconds);

} // namespace lodestone
