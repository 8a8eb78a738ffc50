#pragma once

#include <lodestone/base/text.h>

#include <deal.II/base/mpi.h>

#include <string>
#include <vector>

namespace lodestone
{

/// A small table of text: a header line of named columns, then rows.
///
/// Fields are separated by commas, or by blanks (spaces, tabs) when the header line holds no comma. `#` starts a
/// comment that runs to the end of the line; empty lines are skipped; blanks around a field are dropped, and so are
/// double quotes around it. A text after the name in brackets, "east [mm]" or "east(mm)", is the unit of the column;
/// names are compared without it.
///
/// Columns: `columns` has one name each, `units` the text in brackets ("" when there is none). Rows: `rows[r][c]`, with
/// the line of the file in `lines[r]`. Every row has as many fields as there are columns.
class CsvTable
{
public:
  /// Reads the file on rank 0 and broadcasts it. Collective. @throws InputError on all ranks (file missing, no header,
  /// column named twice, row with a wrong number of fields)
  CsvTable(const std::string &file, MPI_Comm comm);
  /// The table that a file with this text would give; `file` is what errors name.
  static CsvTable from_text(const std::string &text, const std::string &file = "text.csv");

  const std::string &file() const { return file_; }
  std::size_t size() const { return rows.size(); }

  bool has(const std::string &column) const;
  /// Index of a column. @throws InputError naming the columns that exist
  unsigned int column(const std::string &name) const;

  /// A field as a number; `nan` is one. @throws InputError naming file:line, column and text
  double number(std::size_t row, unsigned int column) const;
  double number(std::size_t row, const std::string &column) const;
  /// A field as a number that is neither nan nor infinite. @throws InputError as number() does
  double finite_number(std::size_t row, unsigned int column) const;

  /// The place of a row in the file, "file.csv:12", for errors.
  std::string where(std::size_t row) const;

  std::vector<std::string> columns, units;
  std::vector<std::vector<std::string>> rows;
  std::vector<unsigned int> lines;
  /// Comments that stand before the header, without '#', trimmed.
  std::vector<std::string> comments;

private:
  CsvTable() = default;
  void parse(const std::string &text);
  void parse_header(const std::string &line, unsigned int line_number);

  std::string file_;
  bool comma_separated_ = true;
};

/// The whole text of a file, read on rank 0 and broadcast. Collective.
/// @param entry the entry of the parameter file that names the file, for the error; empty: the file itself is named
/// @throws InputError on all ranks
std::string read_text_file(const std::string &file, MPI_Comm comm, const std::string &entry = "");

/// Reads the whole text as a number; accepts nan and inf in upper and lower case. @return false when the text is no
/// number
bool read_number(const std::string &text, double &value);

} // namespace lodestone
