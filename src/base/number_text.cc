#include <lodestone/base/number_text.h>

#include <array>
#include <charconv>
#include <cmath>

namespace lodestone
{

namespace
{

/// @param format what std::to_chars takes behind the number: nothing, or a format and a precision
template <typename... Format>
std::string written(const double value, const Format... format)
{
  if (std::isnan(value))
    return "nan";               // to_chars would keep the sign
  std::array<char, 512> buffer; // the largest number has 309 digits before the point
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
  return error == std::errc() ? std::string(buffer.data(), end) : exact(value);
}

} // namespace

std::string significant(const double value, const unsigned int digits)
{
  return written(value, std::chars_format::general, int(digits));
}

std::string fixed(const double value, const unsigned int decimals)
{
  return written(value, std::chars_format::fixed, int(decimals));
}

std::string scientific(const double value, const unsigned int decimals)
{
  return written(value, std::chars_format::scientific, int(decimals));
}

std::string exact(const double value)
{
  return written(value);
}

std::string counted(const unsigned long long count, const std::string &noun)
{
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string grouped(const unsigned long long count)
{
  std::string text = std::to_string(count);
  for (std::size_t end = text.size(); end > 3; end -= 3)
    text.insert(end - 3, ",");
  return text;
}

std::string aligned_right(const std::string &text, const std::size_t width)
{
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string aligned_left(const std::string &text, const std::size_t width)
{
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

} // namespace lodestone
