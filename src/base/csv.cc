#include <lodestone/base/csv.h>
#include <lodestone/base/csv_fields.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
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

/// Whether a text at the end of a file without a last line end looks like the start of a number, such as "-", "-0.",
/// "1e" or "1e-". "12" may be cut off too, but nobody can tell.
bool may_be_cut(const std::string &field)
{
  return field.empty() || (field.find_first_not_of("0123456789.,+-eEdD") == std::string::npos &&
                           std::isdigit((unsigned char)field.back()) == 0);
}

bool has_number(const std::vector<std::string> &fields)
{
  return std::any_of(fields.begin(), fields.end(), [](const std::string &field) {
    double value;
    return has_decimal_comma(field) || read_number(field, value);
  });
}

/// "Line 1, '# lon lat up', looks like the header: remove its #": what to do where the header is missing.
std::string advice_without_header(const std::vector<std::pair<unsigned int, std::string>> &comments,
                                  const std::string &entry)
{
  constexpr std::size_t longest = 60;
  const std::string or_entry = entry.empty() ? "" : ", or name the columns in " + entry;
  for (const auto &[number, comment] : comments)
  {
    const std::string text = trimmed(comment.substr(1));
    const auto fields = split_header(text, separator_of(text, ""));
    const bool has_position = std::any_of(fields.begin(), fields.end(), [](const std::string &field) {
      const std::string name = lower_case(split_unit(field).first);
      return name == "lon" || name == "lat" || name == "x" || name == "depth" || name == "longitude";
    });
    if (fields.size() > 1 && has_position)
      return "Line " + std::to_string(number) + " '" + comment.substr(0, longest) +
             (comment.size() > longest ? "..." : "") + "' looks like the header: remove its " + comment[0] + or_entry +
             ".";
  }
  return "The first line that is not a comment names the columns" + (or_entry.empty() ? "" : or_entry) + ".";
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
  if (const auto exponent = number.find_first_of("dD"); exponent != std::string::npos && exponent > 0)
    number[exponent] = 'e'; // Fortran's
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc() && end == number.data() + number.size();
}

std::string read_text_file(const std::string &file, MPI_Comm comm, const std::string &entry)
{
  std::string text, failure;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
  {
    // A pipe or a device may never end, and waits for ever when it is opened.
    std::error_code unknown;
    const auto status = std::filesystem::status(file, unknown);
    const bool is_special = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
                            !std::filesystem::is_directory(status);
    std::ifstream in;
    errno = 0;
    if (!is_special)
      in.open(file, std::ios::binary);
    std::ostringstream all;
    if (in.is_open() && in.peek() != std::ifstream::traits_type::eof())
      all << in.rdbuf();
    if (is_special)
      failure = "it is a pipe or a device, not a file";
    else if (!in.is_open())
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

void check_is_text(const std::string &text, const std::string &file)
{
  const auto is_strange = [](const char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 9 || (byte > 13 && byte < 32) || byte == 127;
  };
  const auto strange = std::find_if(text.begin(), text.end(), is_strange);
  if (strange == text.end())
    return;
  const std::pair<const char *, const char *> kinds[] = {
      {"PK", "It seems to be a spreadsheet or an archive: save it as CSV."},
      {"\x89HDF", "It seems to be an HDF5 or netCDF file: write it as CSV."},
      {"CDF", "It seems to be a netCDF file: write it as CSV."},
      {"\xFF\xFE", "It seems to be in UTF-16: save it in UTF-8."},
      {"\xFE\xFF", "It seems to be in UTF-16: save it in UTF-8."}};
  std::string advice = "Give a text file.";
  for (const auto &[start, what] : kinds)
    if (starts_with(text, start))
      advice = what;
  throw InputError(file,
                   "the file is no text: byte " + std::to_string(strange - text.begin() + 1) + " has the value " +
                       std::to_string(static_cast<unsigned char>(*strange)),
                   advice);
}

void refuse_misspelt_column(const std::string &where, const std::string &column,
                            const std::vector<std::string> &missing, const std::string &advice)
{
  if (const std::string meant = misspelt_name(column, missing); !meant.empty())
    throw InputError(where, "the column is not known; did you mean \"" + meant + "\"?", advice);
}

std::string ignored_columns_text(const std::vector<std::string> &names)
{
  return (names.size() > 1 ? "columns ignored: " : "column ignored: ") + join(names);
}

CsvTable::CsvTable(const std::string &file, MPI_Comm comm, const GivenColumns &given) : file_(file)
{
  parse(read_text_file(file, comm), given);
}

CsvTable CsvTable::from_text(const std::string &text, const std::string &file, const GivenColumns &given)
{
  CsvTable table;
  table.file_ = file;
  table.parse(text, given);
  return table;
}

void CsvTable::parse(const std::string &text, const GivenColumns &given)
{
  check_is_text(text, file_);
  const std::string byte_order_mark = "\xEF\xBB\xBF";
  std::vector<Line> content;
  std::vector<std::pair<unsigned int, std::string>> before; // comments before the content
  unsigned int number = 0;
  for (std::size_t start = starts_with(text, byte_order_mark) ? byte_order_mark.size() : 0; start < text.size();)
  {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    const std::string line = text.substr(start, end - start), stripped = trimmed(line);
    start = end + (text.compare(end, 2, "\r\n") == 0 ? 2 : 1);
    ++number;
    const std::size_t comment = starts_with(stripped, "%") ? line.find('%') : line.find('#');
    const std::string rest = line.substr(0, comment);
    if (!is_blank(rest))
      content.push_back({number, rest, end == text.size() && comment == std::string::npos});
    else if (!stripped.empty() && content.empty())
    {
      before.emplace_back(number, stripped);
      comments.push_back(trimmed(stripped.substr(1)));
    }
  }
  const std::string advice = advice_without_header(before, given.entry);
  std::vector<unsigned int> skipped;
  std::size_t first_row = 0;
  if (given.names.empty())
  {
    if (content.empty())
      throw InputError(file_, "the file holds no header line", advice);
    separator_ = separator_of(content[0].text, content.size() > 1 ? content[1].text : "");
    auto fields = split_header(content[0].text, separator_);
    drop_empty_end(fields, 0);
    if (fields.empty())
      throw InputError(file_ + ":" + std::to_string(content[0].number), "no column has a name", advice);
    name_columns(fields, file_ + ":" + std::to_string(content[0].number), advice);
    first_row = 1;
  }
  else
  {
    separator_ = content.empty() ? ',' : separator_of_row(content[0].text, given.names.size());
    std::vector<std::string> names;
    for (unsigned int i = 0; i < given.names.size(); ++i)
      if (given.names[i] == "-")
        skipped.push_back(i);
      else
        names.push_back(given.names[i]);
    name_columns(names, given.entry, "Write the names of the columns, and - for those to be skipped.");
  }
  if (!given.names.empty() && content.size() > 1 && !has_number(split_fields(content[0].text, separator_)))
    first_row = 1; // the given names stand in its place
  for (std::size_t i = first_row; i < content.size(); ++i)
    add_row(content[i], skipped);
  if (separator_ != ',')
    replace_decimal_commas();
}

void CsvTable::name_columns(const std::vector<std::string> &fields, const std::string &where, const std::string &advice)
{
  for (const auto &field : fields)
  {
    const auto [name, unit] = split_unit(field);
    double value;
    if (name.empty())
      throw InputError(where, "there is a column without a name", advice);
    if (read_number(name, value) && !std::isnan(value))
      throw InputError(where, "found the number " + name + " where the names of the columns should stand", advice);
    if (has(name))
      throw InputError(where, "the column " + name + " appears twice");
    columns.push_back(lower_case(name));
    units.push_back(unit);
  }
}

void CsvTable::add_row(const Line &line, const std::vector<unsigned int> &skipped)
{
  const std::string place = file_ + ":" + std::to_string(line.number);
  const std::size_t n = columns.size() + skipped.size();
  auto fields = split_fields(line.text, separator_);
  drop_empty_end(fields, n);
  if (n > 1 && std::all_of(fields.begin(), fields.end(), [](const std::string &field) { return field.empty(); }))
    return; // a spreadsheet's empty row, ",,,"
  if (fields.size() != n)
  {
    const bool decimal_commas = separator_ == ',' && fields.size() > n;
    throw InputError(place,
                     counted(fields.size(), "field") + ", separated by " + words_for(separator_) + ", where " +
                         (skipped.empty() ? "the header names " : "there should be ") + counted(n, "column") + " (" +
                         join(columns) + (skipped.empty() ? "" : " and those skipped") + ")" +
                         (line.is_open ? ", and the file ends in this line, without a line end" : ""),
                     line.is_open ? "The file seems to be cut off: write it again."
                                  : "Write nan where a value is missing." +
                                        std::string(decimal_commas ? " Write decimals with a point." : ""));
  }
  if (line.is_open && may_be_cut(fields.back()))
    throw InputError(place,
                     "the file ends in the middle of a number: '" + fields.back() + "' in column " + columns.back() +
                         ", without a line end",
                     "The file seems to be cut off: write it again, or add a line end if the number is complete.");
  for (auto i = skipped.rbegin(); i != skipped.rend(); ++i)
    fields.erase(fields.begin() + *i);
  rows.push_back(std::move(fields));
  lines.push_back(line.number);
}

void CsvTable::replace_decimal_commas()
{
  std::string with_comma, with_point, where_comma, where_point;
  bool is_clear = false;
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (const auto &field : rows[row])
    {
      double value;
      if (has_decimal_comma(field))
      {
        is_clear = is_clear || !may_be_thousands(field);
        if (with_comma.empty())
          with_comma = field, where_comma = where(row);
      }
      else if (with_point.empty() && field.find('.') != std::string::npos && read_number(field, value))
        with_point = field, where_point = where(row);
    }
  if (with_comma.empty())
    return;
  const std::string remedy = "Write decimals with a point, and no sign between thousands.";
  if (!with_point.empty())
    throw InputError(where_comma,
                     "'" + with_comma + "' has a comma and '" + with_point + "' in " + where_point +
                         " a point, so it is not clear which of them marks decimals",
                     remedy);
  if (!is_clear)
    throw InputError(where_comma, "it is not clear whether the comma of '" + with_comma + "' marks decimals", remedy);
  for (auto &row : rows)
    for (auto &field : row)
      if (has_decimal_comma(field))
        field[field.find(',')] = '.';
}

bool CsvTable::has(const std::string &column) const
{
  return std::find(columns.begin(), columns.end(), lower_case(column)) != columns.end();
}

unsigned int CsvTable::column(const std::string &name) const
{
  const auto found = std::find(columns.begin(), columns.end(), lower_case(name));
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
