#pragma once

#include <string>

namespace lodestone
{

/// Whether a text is valid UTF-8 without control characters, but for tabs.
bool is_printable(const std::string &text);

/// The text with each byte of a control character, and each byte that is no UTF-8, written as its code in hexadecimal
/// digits: what stands in a file or its name cannot steer the terminal. Tabs and ends of lines stay.
std::string printable(const std::string &text);

} // namespace lodestone
