#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

namespace lodestone
{

namespace
{

bool equal_ignoring_case(const std::string &a, const char *b)
{
  return a.size() == std::strlen(b) &&
         std::equal(a.begin(), a.end(), b, [](char p, char q) { return std::tolower((unsigned char)p) == q; });
}

/// The fields of one line, trimmed and without quotes.
std::vector<std::string> split_fields(const std::string &line, const bool comma_separated)
{
  std::vector<std::string> fields;
  if (comma_separated)
  {
    std::string field;
    bool quoted = false;
    for (const char c : line)
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        fields.push_back(trimmed(field)), field.clear();
      else
        field += c;
    fields.push_back(trimmed(field));
  }
  else
  {
    std::istringstream words(line);
    for (std::string word; words >> word;)
      fields.push_back(word);
  }
  return fields;
}

/// "east [mm]" or "east(mm)" to "east" and "mm".
std::pair<std::string, std::string> split_unit(const std::string &name)
{
  const auto open = name.find_first_of("[(");
  if (open == std::string::npos || open == 0 || (name.back() != ']' && name.back() != ')'))
    return {name, ""};
  return {trimmed(name.substr(0, open)), trimmed(name.substr(open + 1, name.size() - open - 2))};
}

/// Whether a text at the end of a file without a last line end looks like the start of a number, such as "-", "-0.",
/// "1e" or "1e-". "12" may be cut off too, but nobody can tell.
bool may_be_cut(const std::string &field)
{
  return field.empty() || (field.find_first_not_of("0123456789.+-eE") == std::string::npos &&
                           std::isdigit((unsigned char)field.back()) == 0);
}

} // namespace

bool read_number(const std::string &text, double &value)
{
  std::string number = trimmed(text);
  if (number.size() > 1 && number[0] == '+' && number[1] != '-')
    number.erase(0, 1);
  for (const auto &[name, special] : {std::pair<const char *, double>{"nan", std::numeric_limits<double>::quiet_NaN()},
                                      {"-nan", std::numeric_limits<double>::quiet_NaN()},
                                      {"inf", std::numeric_limits<double>::infinity()},
                                      {"-inf", -std::numeric_limits<double>::infinity()}})
    if (equal_ignoring_case(number, name))
    {
      value = special;
      return true;
    }
  // from_chars reads "nan(1)" and "infinity" too; neither is wanted
  if (number.empty() || std::isalpha((unsigned char)number[number[0] == '-' ? 1 : 0]))
    return false;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc() && end == number.data() + number.size();
}

std::string read_text_file(const std::string &file, MPI_Comm comm, const std::string &entry)
{
  std::string text, failure;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
  {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    if (in && in.peek() != std::ifstream::traits_type::eof())
      all << in.rdbuf();
    if (!in.is_open())
      failure = errno != 0 ? std::strerror(errno) : "it cannot be opened";
    else if (in.bad() || all.bad() || (in.fail() && errno != 0))
      failure = errno != 0 ? std::strerror(errno) : "it cannot be read";
    text = all.str();
  }
  failure = dealii::Utilities::MPI::broadcast(comm, failure, 0);
  if (!failure.empty())
    throw InputError(entry.empty() ? file : entry,
                     "the file " + (entry.empty() ? "" : file + " ") + "cannot be read (" + failure + ")",
                     "Check the name. A relative name in a parameter file counts from the folder of that file.");
  unsigned long long size = dealii::Utilities::MPI::broadcast(comm, static_cast<unsigned long long>(text.size()), 0);
  text.resize(size);
  if (size > 0) // texts of any size pass here; a broadcast of the object has a limit
    dealii::Utilities::MPI::broadcast(text.data(), size, 0, comm);
  return text;
}

CsvTable::CsvTable(const std::string &file, MPI_Comm comm) : file_(file)
{
  parse(read_text_file(file, comm));
}

CsvTable CsvTable::from_text(const std::string &text, const std::string &file)
{
  CsvTable table;
  table.file_ = file;
  table.parse(text);
  return table;
}

void CsvTable::parse(const std::string &text)
{
  std::istringstream in(text);
  unsigned int line_number = 0;
  for (std::string line; std::getline(in, line);)
  {
    ++line_number;
    if (line_number == 1 && line.compare(0, 3, "\xEF\xBB\xBF") == 0) // byte order mark
      line.erase(0, 3);
    const auto hash = line.find('#');
    if (hash != std::string::npos && columns.empty() && trimmed(line.substr(0, hash)).empty())
      comments.push_back(trimmed(line.substr(hash + 1)));
    line = trimmed(line.substr(0, hash));
    if (line.empty())
      continue;
    if (columns.empty())
    {
      parse_header(line, line_number);
      continue;
    }
    auto fields = split_fields(line, comma_separated_);
    const bool ends_open = in.eof() && hash == std::string::npos; // no line end follows
    if (fields.size() != columns.size())
      throw InputError(file_ + ":" + std::to_string(line_number),
                       std::to_string(fields.size()) + " fields where the header names " +
                           std::to_string(columns.size()) + " columns (" + join(columns) + ")" +
                           (ends_open ? ", and the file ends in this line, without a line end" : ""),
                       ends_open ? "The file seems to be cut off: write it again."
                                 : "Write nan where a value is missing.");
    if (ends_open && may_be_cut(fields.back()))
      throw InputError(file_ + ":" + std::to_string(line_number),
                       "the file ends in the middle of a number: '" + fields.back() + "' in column " + columns.back() +
                           ", without a line end",
                       "The file seems to be cut off: write it again, or add a line end if the number is complete.");
    rows.push_back(std::move(fields));
    lines.push_back(line_number);
  }
  if (columns.empty())
    throw InputError(file_, "the file holds no header line", "The first line that is not a comment names the columns.");
}

void CsvTable::parse_header(const std::string &line, const unsigned int line_number)
{
  comma_separated_ = line.find(',') != std::string::npos;
  const std::string where = file_ + ":" + std::to_string(line_number);
  for (const auto &field : split_fields(line, comma_separated_))
  {
    const auto [name, unit] = split_unit(field);
    double value;
    if (name.empty())
      throw InputError(where, "the header has a column without a name");
    if (read_number(name, value) && !std::isnan(value))
      throw InputError(where, "found the number " + name + " where the names of the columns should stand",
                       "The first line that is not a comment names the columns.");
    if (has(name))
      throw InputError(where, "the column " + name + " appears twice");
    columns.push_back(name);
    units.push_back(unit);
  }
}

bool CsvTable::has(const std::string &column) const
{
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

unsigned int CsvTable::column(const std::string &name) const
{
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw InputError(file_, "there is no column " + name, "The columns are: " + join(columns) + ".");
  return found - columns.begin();
}

double CsvTable::number(const std::size_t row, const unsigned int column) const
{
  double value;
  if (!read_number(rows[row][column], value))
    throw InputError(where(row),
                     "column " + columns[column] + " holds '" + rows[row][column] + "', which is not a number",
                     decimal_comma_advice(rows[row][column]) +
                         "Write a number such as -1.5 or 2e-3, or nan where a value is missing.");
  return value;
}

double CsvTable::number(const std::size_t row, const std::string &name) const
{
  return number(row, column(name));
}

double CsvTable::finite_number(const std::size_t row, const unsigned int column) const
{
  const double value = number(row, column);
  if (!std::isfinite(value))
    throw InputError(where(row), "column " + columns[column] + " holds " + rows[row][column],
                     "A finite number is needed.");
  return value;
}

std::string CsvTable::where(const std::size_t row) const
{
  return file_ + ":" + std::to_string(lines[row]);
}

} // namespace lodestone
