#include <lodestone/base/csv.h>
#include <lodestone/base/csv_fields.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace lodestone
{

std::vector<std::string> split_fields(const std::string &line, const char separator)
{
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false, begun = separator != ' ';
  for (const char c : line)
  {
    const bool ends = !quoted && (c == separator || (separator == ' ' && c == '\t'));
    if (c == '"')
      quoted = !quoted;
    else if (!ends)
      field += c;
    if (ends && begun)
      fields.push_back(trimmed(field)), field.clear();
    begun = !ends || separator != ' ';
  }
  if (begun)
    fields.push_back(trimmed(field));
  return fields;
}

std::vector<std::string> split_header(const std::string &line, const char separator)
{
  std::string text;
  for (const char c : line)
  {
    const auto open = text.find_last_of("[("), closed = text.find_last_of("])");
    const bool in_brackets = open != std::string::npos && (closed == std::string::npos || closed < open);
    if (c == '[' || c == '(')
      text.erase(text.find_last_not_of(separator == ' ' ? " \t" : " ") + 1);
    if (!in_brackets || (c != separator && c != '\t'))
      text += c;
  }
  return split_fields(text, separator);
}

void drop_empty_end(std::vector<std::string> &fields, const std::size_t n)
{
  while (fields.size() > n && fields.back().empty())
    fields.pop_back();
}

char separator_of(const std::string &header, const std::string &first_row)
{
  for (const char separator : {';', ','})
    if (split_header(header, separator).size() > 1)
      return separator;
  if (header.find('\t') == std::string::npos)
    return ' ';
  const auto count = [](std::vector<std::string> fields, const std::size_t n) {
    drop_empty_end(fields, n);
    return fields.size();
  };
  auto tabbed = split_header(header, '\t');
  drop_empty_end(tabbed, 0);
  const std::size_t n_blank = split_header(header, ' ').size();
  const bool fits_tabs = std::count(tabbed.begin(), tabbed.end(), "") == 0 &&
                         count(split_fields(first_row, '\t'), tabbed.size()) == tabbed.size(),
             fits_blanks = split_fields(first_row, ' ').size() == n_blank;
  return fits_tabs && (tabbed.size() == n_blank || !fits_blanks) ? '\t' : ' ';
}

char separator_of_row(const std::string &row, const std::size_t n)
{
  const std::array<char, 4> separators = {{';', ',', '\t', ' '}};
  for (const char separator : separators)
  {
    auto fields = split_fields(row, separator);
    drop_empty_end(fields, n);
    if (fields.size() == n)
      return separator;
  }
  return *std::find_if(separators.begin(), separators.end() - 1,
                       [&](const char separator) { return row.find(separator) != std::string::npos; });
}

const char *words_for(const char separator)
{
  return separator == ';' ? "semicolons" : separator == ',' ? "commas" : separator == '\t' ? "tabs" : "blanks";
}

bool has_decimal_comma(const std::string &field)
{
  std::string number = field;
  const auto comma = number.find(',');
  if (comma == std::string::npos || comma + 1 == number.size() || number.find('.') != std::string::npos)
    return false;
  number[comma] = '.';
  double value;
  return std::isdigit((unsigned char)number[comma + 1]) != 0 && read_number(number, value);
}

bool may_be_thousands(const std::string &field)
{
  const auto comma = field.find(','), first = field.find_first_of("0123456789");
  return field.size() == comma + 4 && comma - first <= 3 && field[first] != '0' &&
         field.find_first_not_of("0123456789", comma + 1) == std::string::npos;
}

std::pair<std::string, std::string> split_unit(const std::string &name)
{
  const auto open = name.find_first_of("[(");
  if (open == std::string::npos || open == 0 || (name.back() != ']' && name.back() != ')'))
    return {name, ""};
  return {trimmed(name.substr(0, open)), trimmed(name.substr(open + 1, name.size() - open - 2))};
}

} // namespace lodestone
