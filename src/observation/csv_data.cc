#include <lodestone/base/deck_path.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/observation/csv_data.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

double position(const CsvTable &table, const unsigned int r, const int column)
{
  const double value = table.number(r, column);
  if (!std::isfinite(value))
    throw InputError(table.where(r), "position: " + table.columns[column] + " is " + table.rows[r][column],
                     "Every row needs a finite position: remove the row or correct it.");
  return value;
}

/// Adds a row at the position of record r.
void read_position(const CsvTable &table, const unsigned int r, const CsvColumns &columns,
                   const GeographicProjection *projection, DataSet &set)
{
  dealii::Point<3> point;
  if (columns.geographic())
  {
    const double lon = position(table, r, columns.lon), lat = position(table, r, columns.lat);
    dealii::Point<2> xy;
    try
    {
      xy = projection->to_model(lon, lat);
    }
    catch (const InputError &error)
    {
      throw InputError(table.where(r), error.what());
    }
    point[0] = xy[0];
    point[1] = xy[1];
    set.row_lonlat.emplace_back(lon, lat);
  }
  else
  {
    point[0] = position(table, r, columns.x);
    point[1] = columns.y >= 0 ? position(table, r, columns.y) : 0.;
  }
  point[2] = std::numeric_limits<double>::quiet_NaN();
  if (columns.z >= 0)
  {
    point[2] = table.number(r, columns.z);
    if (std::isinf(point[2]))
      throw InputError(table.where(r), "position: z is " + table.rows[r][columns.z],
                       "Give a number, or nan for a point on the free surface.");
  }
  if (columns.height >= 0)
  {
    set.ignored_heights += 1;
    if (set.nuisance.elevation)
      set.row_height.push_back(table.number(r, columns.height));
  }
  set.add_row(point, r);
}

dealii::Tensor<1, 3> direction(const CsvTable &table, const unsigned int r, const CsvColumns &columns,
                               const unsigned int component, const Look look)
{
  if (component < 3)
    return axis(component);
  if (columns.e[0] < 0)
    return line_of_sight(table.finite_number(r, columns.incidence), table.finite_number(r, columns.heading), look,
                         table.where(r));
  dealii::Tensor<1, 3> e;
  for (unsigned int c = 0; c < 3; ++c)
    e[c] = table.finite_number(r, columns.e[c]);
  return line_of_sight(e, table.where(r));
}

/// Standard deviation (m) of a value, without relative error and floor.
double own_sigma(const CsvTable &table, const unsigned int r, const CsvColumns &columns, const unsigned int c,
                 const DataSet::Parameters &parameters)
{
  if (parameters.sigma_value > 0)
    return parameters.sigma_value;
  if (columns.sigma[c] < 0)
    return 0; // Sill and Nugget have units
  const double in_file = table.number(r, columns.sigma[c]);
  if (!(in_file > 0 && std::isfinite(in_file)))
    throw InputError(
        table.where(r), table.columns[columns.sigma[c]] + " is " + table.rows[r][columns.sigma[c]],
        "A standard deviation is positive. Correct it, set the value to nan to leave it out, or set Sigma in the "
        "data set's section of the deck.");
  return in_file * parameters.unit;
}

/// Whether a number is one of those given; it may have gone through single precision.
bool stands_for_no_data(const double in_file, const std::vector<double> &no_data)
{
  constexpr double single_precision = 1e-7;
  return std::any_of(no_data.begin(), no_data.end(), [&](const double given) {
    return in_file == given || (std::isfinite(given) && std::abs(in_file - given) < single_precision * std::abs(given));
  });
}

/// Adds the data of record r to the last row: zeros at places to predict at. Returns their number.
unsigned int read_values(const CsvTable &table, const unsigned int r, const CsvColumns &columns,
                         const DataSet::Parameters &parameters, DataSet &set)
{
  unsigned int found = 0;
  for (unsigned int c = 0; c < 4; ++c)
  {
    if (!columns.components[c])
      continue;
    if (!columns.observed())
    {
      set.add_datum(c, direction(table, r, columns, c, parameters.look_side), 0.,
                    own_sigma(table, r, columns, c, parameters));
      ++found;
      continue;
    }
    const double in_file = table.number(r, columns.value[c]);
    if (stands_for_no_data(in_file, parameters.no_data))
    {
      ++set.no_data;
      continue;
    }
    if (std::isnan(in_file))
      continue;
    if (std::isinf(in_file))
      throw InputError(table.where(r), table.columns[columns.value[c]] + " is " + table.rows[r][columns.value[c]],
                       "Give a number, or nan for a value that was not measured.");
    set.add_datum(c, direction(table, r, columns, c, parameters.look_side), in_file * parameters.unit,
                  own_sigma(table, r, columns, c, parameters));
    ++found;
  }
  return found;
}

/// Adds the correlations of the components of the last row, which is record r.
void read_correlations(const CsvTable &table, const unsigned int r, const CsvColumns &columns, const double unit,
                       DataSet &set)
{
  std::array<double, 3> own{{0, 0, 0}}, result{{0, 0, 0}};
  for (unsigned int i = set.n_data(); i-- > 0 && set.row[i] + 1 == set.n_rows();)
    own[set.component[i]] = set.own_sigma[i];
  for (unsigned int k = 0; k < 3; ++k)
  {
    const double a = own[k == 2 ? 1 : 0], b = own[k == 0 ? 1 : 2];
    const int column = columns.correlation[k] >= 0 ? columns.correlation[k] : columns.covariance[k];
    if (column < 0 || a == 0 || b == 0)
      continue; // not in the file, or not measured
    result[k] = table.finite_number(r, column);
    if (columns.covariance[k] >= 0)
      result[k] *= (unit / a) * (unit / b);
    if (!(std::abs(result[k]) < 1))
      throw InputError(table.where(r), table.columns[column] + " is " + table.rows[r][column],
                       columns.covariance[k] >= 0
                           ? "A covariance is smaller than the product of the two standard deviations."
                           : "A correlation lies between -1 and 1.");
  }
  set.row_correlation.push_back(result);
}

void drop_last_row(DataSet &set)
{
  set.row_points.pop_back();
  set.row_record.pop_back();
  if (!set.row_height.empty())
    set.row_height.pop_back();
  if (set.geographic)
    set.row_lonlat.pop_back();
  ++set.ignored_rows;
}

std::string joined(const std::vector<std::string> &fields)
{
  std::string line;
  for (unsigned int i = 0; i < fields.size(); ++i)
    line += (i > 0 ? "," : "") + csv_field(fields[i]);
  return line + "\n";
}

} // namespace

bool is_csv(const DataSet::Parameters & /*parameters*/)
{
  return true;
}

DataSet read_csv(const DataSet::Parameters &parameters, const DataContext &context)
{
  const CsvTable table(path_from_deck(parameters.file, context.deck_directory), context.comm,
                       {parameters.where + "/Columns", split_list(parameters.columns)});
  return read_csv_table(parameters, table, context.projection);
}

DataSet read_csv_table(const DataSet::Parameters &parameters, CsvTable table, const GeographicProjection *projection)
{
  const CsvColumns columns(table, parameters);
  if (columns.geographic() && projection == nullptr)
    throw InputError(table.file(), "positions are longitude and latitude, but the model has no geographic origin",
                     "Set Geographic origin = longitude, latitude (degrees) in the deck, or give x and y in metres.");

  if (columns.geographic())
    check_not_exchanged(table, columns.lon, columns.lat, *projection);

  DataSet set(parameters);
  set.file = table.file();
  set.observed = columns.observed();
  set.ignored_columns = columns.ignored;
  set.line_of_sight = columns.line_of_sight();
  set.geographic = columns.geographic();
  set.section = !columns.geographic() && columns.y < 0;
  for (unsigned int r = 0; r < table.size(); ++r)
  {
    read_position(table, r, columns, projection, set);
    if (read_values(table, r, columns, parameters, set) == 0)
      drop_last_row(set);
    else
    {
      if (columns.name >= 0)
        set.row_name.push_back(table.rows[r][columns.name]);
      if (columns.correlated())
        read_correlations(table, r, columns, parameters.unit, set);
    }
  }
  set.source = std::make_shared<CsvDataFile>(std::move(table), columns);
  return set;
}

CsvDataFile::CsvDataFile(CsvTable table, const CsvColumns &columns) : table_(std::move(table)), columns_(columns)
{
}

std::string CsvDataFile::location(const unsigned int record) const
{
  return table_.where(record);
}

std::string CsvDataFile::contents(const DataSet &set, const DataView values) const
{
  CsvFields fields{table_.columns, {}, columns_.value, columns_.sigma};
  for (const unsigned int record : set.row_record)
    fields.rows.push_back(table_.rows[record]);
  // Standard deviations are written with relative error and floor in them: the correlations go with them.
  for (unsigned int i = 0; i < set.n_data() && (set.relative_error > 0 || set.floor > 0 || set.vertical_floor > 0); ++i)
    for (unsigned int j = i; j-- > 0 && set.row[j] == set.row[i];)
      if (const int column = columns_.correlation[set.component[i] + set.component[j] - 1]; column >= 0)
        fields.rows[set.row[i]][column] = exact(set.component_correlation(i, j));
  return std::move(fields).text(set, values);
}

std::string CsvFields::text(const DataSet &set, const DataView values) &&
{
  AssertDimension(values.size(), set.n_data());
  for (unsigned int c = 0; c < 4; ++c)
    if (value[c] < 0 && std::count(set.component.begin(), set.component.end(), c) > 0)
    {
      value[c] = columns.size();
      columns.emplace_back(component_name(c));
    }
  for (unsigned int c = 0; c < 4; ++c)
    if (value[c] >= 0 && sigma[c] < 0 && set.noise.needs_sigma())
    {
      sigma[c] = columns.size();
      columns.push_back(c == 3 ? std::string("sigma") : std::string("sigma_") + component_name(c));
    }
  for (auto &row : rows)
  {
    row.resize(columns.size(), "nan");
    for (const int column : value)
      if (column >= 0)
        row[column] = "nan";
  }
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    auto &row = rows[set.row[i]];
    row[value[set.component[i]]] = exact(values[i] / set.unit);
    if (!set.noise.needs_sigma())
      continue;
    // The field stays as it was where it says the same: division by the unit and back may round.
    std::string &field = row[sigma[set.component[i]]];
    const double own = set.uncorrelated_sigma(i, set.value[i]);
    double written = 0;
    if (!read_number(field, written) || written * set.unit != own)
      field = exact(own / set.unit);
  }

  std::string result = "# units: " + set.unit_name + "\n";
  if (set.relative_error > 0 || set.floor > 0 || set.vertical_floor > 0)
    result += "# standard deviations include Relative error and Floor of the deck that predicted these data\n";
  result += joined(columns);
  for (const auto &row : rows)
    result += joined(row);
  return result;
}

std::string csv_field(const std::string &text)
{
  return text.find_first_of(", \t") == std::string::npos ? text : "\"" + text + "\"";
}

} // namespace lodestone
