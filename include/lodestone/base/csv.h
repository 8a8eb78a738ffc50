#pragma once

#include <lodestone/base/text.h>

#include <deal.II/base/mpi.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The columns of a file without header line, as an entry of the parameter file names them.
struct GivenColumns
{
  std::string entry;              ///< path of that entry, for errors; empty: there is no such entry
  std::vector<std::string> names; ///< "-" skips a column; none: the file has a header line
};

/// A small table of text: a header line of named columns, then rows.
///
/// The header line decides what separates fields: semicolons, commas, tabs, or else blanks. `#` starts a comment that
/// runs to the end of the line, and a line that begins with `%` is one; lines without text are skipped; blanks around a field
/// are dropped, and so are double quotes around it; so are empty columns at the end. Names of columns are read in lower
/// case. A text after the name in brackets, "east [mm]" or "east(mm)", is the unit of the column; names are compared
/// without it. Where commas do not separate fields, numbers may have a decimal comma if none has a point; they are kept
/// with a point.
///
/// Columns: `columns` has one name each, `units` the text in brackets ("" when there is none). Rows: `rows[r][c]`, with
/// the line of the file in `lines[r]`. Every row has as many fields as there are columns.
class CsvTable
{
public:
  /// Reads the file on rank 0 and broadcasts it. Collective. @throws InputError on all ranks (file missing or no text,
  /// no header, column named twice, row with a wrong number of fields, decimal commas that may mean something else)
  CsvTable(const std::string &file, MPI_Comm comm, const GivenColumns &given = {});
  /// The table that a file with this text would give; `file` is what errors name.
  static CsvTable from_text(const std::string &text, const std::string &file = "text.csv",
                            const GivenColumns &given = {});

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
  /// A line of the file without its comment.
  struct Line
  {
    unsigned int number;
    std::string text;
    bool is_open; ///< no line end follows: the file ends here
  };

  CsvTable() = default;
  void parse(const std::string &text, const GivenColumns &given);
  void name_columns(const std::vector<std::string> &fields, const std::string &where, const std::string &advice);
  void add_row(const Line &line, const std::vector<unsigned int> &skipped);
  void replace_decimal_commas();

  std::string file_;
  char separator_ = ',';
};

/// @throws InputError in one line without any of those bytes, if the text has bytes that no text has
void check_is_text(const std::string &text, const std::string &file);

/// For a column that is not known: @throws InputError naming `where` if its name looks like one of `missing`, the known
/// names that the table has no column of
void refuse_misspelt_column(const std::string &where, const std::string &column,
                            const std::vector<std::string> &missing, const std::string &advice = "");

/// "columns ignored: vp, rho", for the log. @param names one or more
std::string ignored_columns_text(const std::vector<std::string> &names);

/// The whole text of a file, read on rank 0 and broadcast. Collective.
/// @param entry the entry of the parameter file that names the file, for the error; empty: the file itself is named
/// @throws InputError on all ranks
std::string read_text_file(const std::string &file, MPI_Comm comm, const std::string &entry = "");

/// Reads the whole text as a number; accepts nan and inf in upper and lower case, and Fortran's exponents (1.5D-3).
/// @return false when the text is no number
bool read_number(const std::string &text, double &value);

} // namespace lodestone
