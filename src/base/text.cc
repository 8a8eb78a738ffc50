#include <lodestone/base/text.h>

#include <algorithm>
#include <cctype>

namespace lodestone
{

namespace
{

/// Number of insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment).
unsigned int edit_distance(const std::string &a, const std::string &b)
{
  std::vector<std::vector<unsigned int>> distance(a.size() + 1, std::vector<unsigned int>(b.size() + 1));
  for (unsigned int i = 0; i <= a.size(); ++i)
    for (unsigned int j = 0; j <= b.size(); ++j)
    {
      if (i == 0 || j == 0)
      {
        distance[i][j] = i + j;
        continue;
      }
      const unsigned int replaced = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  return distance[a.size()][b.size()];
}

} // namespace

std::string trimmed(const std::string &text)
{
  const char *blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_blank(const std::string &text)
{
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

bool starts_with(const std::string &text, const std::string &start)
{
  return text.compare(0, start.size(), start) == 0;
}

std::string lower_case(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::vector<std::string> split_list(const std::string &text)
{
  std::vector<std::string> items;
  if (is_blank(text))
    return items;
  std::string item;
  int open = 0;
  for (const char c : text)
  {
    open += (c == '(') - (c == ')');
    if (c == ',' && open == 0)
    {
      items.push_back(trimmed(item));
      item.clear();
    }
    else
      item += c;
  }
  items.push_back(trimmed(item));
  return items;
}

std::string join(const std::vector<std::string> &items, const std::string &separator)
{
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : separator) + items[i];
  return text;
}

std::string nearest_name(const std::string &name, const std::vector<std::string> &known)
{
  const std::string wanted = lower_case(name);
  std::string nearest;
  std::size_t smallest = std::string::npos;
  for (const auto &candidate : known)
  {
    const std::string other = lower_case(candidate);
    std::size_t distance = edit_distance(wanted, other);
    const bool begins_alike = wanted.size() >= 3 && starts_with(other, wanted);
    if (distance > (std::max(wanted.size(), other.size()) + 2) / 3)
    {
      if (!begins_alike)
        continue;
      distance += 1000; // a true misspelling goes first
    }
    if (distance < smallest)
    {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string misspelt_name(const std::string &name, const std::vector<std::string> &known)
{
  constexpr std::size_t shortest = 3, long_name = 6;
  const std::string wanted = lower_case(name);
  std::string meant;
  unsigned int smallest = 0;
  for (const auto &candidate : known)
  {
    const std::string other = lower_case(candidate);
    const unsigned int distance = edit_distance(wanted, other);
    const bool is_slip = distance <= (std::min(wanted.size(), other.size()) >= long_name ? 2 : 1);
    if (wanted.size() >= shortest && (is_slip || starts_with(other, wanted)) && (meant.empty() || distance < smallest))
    {
      smallest = distance;
      meant = candidate;
    }
  }
  return meant;
}

std::string name_advice(const std::string &name, const std::vector<std::string> &known)
{
  const std::string nearest = nearest_name(name, known);
  return (nearest.empty() ? "" : "Did you mean '" + nearest + "'? ") + "Known are " + join(known) + ".";
}

std::string decimal_comma_advice(const std::string &text)
{
  const std::string number = trimmed(text), digits = "0123456789";
  const auto comma = number.find(',');
  if (comma == std::string::npos || number.find(',', comma + 1) != std::string::npos)
    return "";
  const std::string whole = number.substr(0, comma), rest = number.substr(comma + 1);
  const std::size_t sign = whole.find_first_of("+-") == 0 ? 1 : 0;
  if (whole.size() == sign || whole.find_first_not_of(digits, sign) != std::string::npos ||
      rest.find_first_of(digits) != 0)
    return "";
  return "A decimal comma is not understood: write " + whole + "." + rest + ". ";
}

} // namespace lodestone
