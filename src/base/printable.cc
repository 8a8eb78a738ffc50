#include <lodestone/base/printable.h>

#include <algorithm>
#include <boost/regex/pending/unicode_iterator.hpp>
#include <cstdint>
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

} // namespace lodestone
