#include <lodestone/base/printable.h>

#include <algorithm>
#include <boost/regex/pending/unicode_iterator.hpp>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace lodestone
{

bool is_printable(const std::string &text)
{
  try
  {
    using Characters = boost::u8_to_u32_iterator<std::string::const_iterator>;
    return std::all_of(Characters(text.begin(), text.begin(), text.end()),
                       Characters(text.end(), text.begin(), text.end()),
                       [](const std::uint32_t c) { return c == '\t' || (c >= 0x20 && (c < 0x7f || c > 0x9f)); });
  }
  catch (const std::out_of_range &)
  {
    return false;
  }
}

std::string printable(const std::string &text)
{
  constexpr std::size_t longest_character = 4; // bytes
  std::string result;
  for (std::size_t i = 0; i < text.size();)
  {
    std::size_t length = text[i] == '\n' ? 1 : 0;
    for (std::size_t n = 1; n <= std::min(longest_character, text.size() - i) && length == 0; ++n)
      if (is_printable(text.substr(i, n)))
        length = n;
    if (length > 0)
      result += text.substr(i, length);
    else
    {
      char code[8];
      std::snprintf(code, sizeof(code), "\\x%02x", static_cast<unsigned int>(static_cast<unsigned char>(text[i])));
      result += code;
      length = 1;
    }
    i += length;
  }
  return result;
}

} // namespace lodestone
