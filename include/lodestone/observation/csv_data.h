#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/observation/csv_columns.h>
#include <lodestone/observation/data_format.h>

namespace lodestone
{

/// Observations as CSV with a header line.
///
/// Columns, in any order:
///
///     position        lon, lat, perhaps height (degrees WGS84; heights are ignored),
///                     or x, y, perhaps z (m); in 2-D x, perhaps z
///     components      any of east, north, up with sigma_east, sigma_north, sigma_up; nan: not measured
///     line of sight   instead of components: los with sigma, and e_east, e_north, e_up
///                     or incidence, heading (degrees)
///     correlations    corr_en, corr_eu, corr_nu of the errors of two components of a row, or covariances cov_en,
///                     cov_eu, cov_nu (square of the unit of the values)
///     name            a text, such as the station's name
///
/// Other columns are ignored, but for names that are slips of these. Without any column of values the rows are places
/// to predict at (CsvColumns::components).
///
/// A column may carry its unit, `east [mm/yr]` or `east_mm`, and a comment before the header may name the unit of all
/// values, `# units: mm/yr`. A unit that contradicts the deck's `Units` is an error.
class CsvDataFile : public DataFile
{
public:
  CsvDataFile(CsvTable table, const CsvColumns &columns);

  std::string location(unsigned int record) const override;
  /// Predicted values and standard deviations stand in columns that are added where the file had none.
  std::string contents(const DataSet &set, DataView values) const override;
  std::string ending() const override { return ".csv"; }

  const std::vector<std::string> &columns() const { return table_.columns; }

private:
  CsvTable table_;
  CsvColumns columns_;
};

/// CSV is what every file is taken for that no other format recognizes.
bool is_csv(const DataSet::Parameters &parameters);
/// Collective. @throws InputError with file, line and value
DataSet read_csv(const DataSet::Parameters &parameters, const DataContext &context);
/// The same from a table that was read before. @param projection null when the deck has no geographic origin
DataSet read_csv_table(const DataSet::Parameters &parameters, CsvTable table, const GeographicProjection *projection);

/// Fields of a CSV file of observations, and the columns in which east, north, up, los and their standard deviations
/// stand; -1: in none.
struct CsvFields
{
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows; ///< one per row of the data set
  std::array<int, 4> value, sigma;

  /// Text of the file with these fields, with `values` (m) and the set's standard deviations put in, in columns that
  /// are added where there are none.
  std::string text(const DataSet &set, DataView values) &&;
};

/// A field, in quotes when it holds a comma or a blank.
std::string csv_field(const std::string &text);

} // namespace lodestone
