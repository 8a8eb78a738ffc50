#pragma once

#include <string>

namespace lodestone
{

/// Whether a text is valid UTF-8 without control characters, but for tabs.
bool is_printable(const std::string &text);

} // namespace lodestone
