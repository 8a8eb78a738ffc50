#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

// What the lines of a CSV file consist of, for CsvTable. A separator is ';', ',', a tab, or ' ' for any number of
// blanks and tabs.

/// The fields of one line, trimmed and without quotes; separators in quotes are text.
std::vector<std::string> split_fields(const std::string &line, char separator);
/// The fields of a header line: separators in brackets, which hold units, are no separators, and "[m]" behind a blank
/// belongs to the name before it.
std::vector<std::string> split_header(const std::string &line, char separator);
/// Takes empty fields off the end as long as there are more than `n`.
void drop_empty_end(std::vector<std::string> &fields, std::size_t n);

/// What separates the fields of a table with this header; where tabs may, the first row decides.
char separator_of(const std::string &header, const std::string &first_row);
/// What separates the fields of a table without header whose rows have `n` fields.
char separator_of_row(const std::string &row, std::size_t n);
/// "commas"
const char *words_for(char separator);

/// "east [mm]" or "east(mm)" to "east" and "mm".
std::pair<std::string, std::string> split_unit(const std::string &name);

/// Whether a field is a number with one decimal comma and no point: "-0,5", "1,5e3".
bool has_decimal_comma(const std::string &field);
/// Whether the comma of such a number may stand between thousands: "1,234".
bool may_be_thousands(const std::string &field);

} // namespace lodestone
