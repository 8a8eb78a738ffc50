#include <lodestone/base/error.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/observation/data_columns.h>
#include <lodestone/observation/data_set.h>

#include <cmath>
#include <limits>
#include <map>
#include <sstream>

namespace lodestone
{

namespace
{

std::string text_of(const double value)
{
  std::ostringstream text;
  text.precision(12);
  text << value;
  return text.str();
}

double position(const CsvTable &table, const unsigned int r, const int column)
{
  const double value = table.number(r, column);
  if (!std::isfinite(value))
    throw InputError(table.where(r), "position: " + table.columns[column] + " is " + table.rows[r][column],
                     "Every row needs a finite position: remove the row or correct it.");
  return value;
}

/// Model coordinates of one row; fills the set's per-row entries.
void read_position(const CsvTable &table, const unsigned int r, const DataColumns &columns,
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
    set.ignored_heights += 1;
  set.row_points.push_back(point);
}

/// Unit vector from the ground to the satellite.
dealii::Tensor<1, 3> line_of_sight(const CsvTable &table, const unsigned int r, const DataColumns &columns,
                                   const bool left)
{
  dealii::Tensor<1, 3> e;
  if (columns.e[0] >= 0)
  {
    for (unsigned int c = 0; c < 3; ++c)
      e[c] = table.finite_number(r, columns.e[c]);
    const double length = e.norm();
    if (!(std::abs(length - 1) <= 0.01))
      throw InputError(
          table.where(r),
          "the direction (" + text_of(e[0]) + ", " + text_of(e[1]) + ", " + text_of(e[2]) + ") has length " +
              text_of(length),
          "e_east, e_north, e_up is the unit vector from the ground to the satellite, within 1 % of length 1.");
    return e / length;
  }
  const double incidence = table.finite_number(r, columns.incidence), heading = table.finite_number(r, columns.heading);
  if (!(incidence >= 0 && incidence < 90))
    throw InputError(table.where(r), "incidence is " + text_of(incidence),
                     "The incidence angle is counted from the vertical at the target: 0 to 90 degrees.");
  if (!(std::abs(heading) <= 360))
    throw InputError(table.where(r), "heading is " + text_of(heading),
                     "The heading is the flight direction clockwise from north: -360 to 360 degrees.");
  const double i = incidence * dealii::numbers::PI / 180, h = heading * dealii::numbers::PI / 180;
  const double side = left ? -1 : 1;
  e[0] = -side * std::sin(i) * std::cos(h);
  e[1] = side * std::sin(i) * std::sin(h);
  e[2] = std::cos(i);
  return e;
}

/// Standard deviation (m) of a value, without relative error and floor.
double standard_deviation(const CsvTable &table, const unsigned int r, const DataColumns &columns, const unsigned int c,
                          const DataSet::Parameters &parameters)
{
  double sigma = parameters.sigma_value;
  if (sigma == 0)
  {
    const double in_file = table.number(r, columns.sigma[c]);
    if (!(in_file > 0 && std::isfinite(in_file)))
      throw InputError(
          table.where(r), table.columns[columns.sigma[c]] + " is " + table.rows[r][columns.sigma[c]],
          "A standard deviation is positive. Correct it, set the value to nan to leave it out, or set Sigma in the "
          "data set's section of the deck.");
    sigma = in_file * parameters.unit;
  }
  return sigma;
}

/// The data of one row. Returns their number.
unsigned int read_values(const CsvTable &table, const unsigned int r, const DataColumns &columns,
                         const DataSet::Parameters &parameters, DataSet &set)
{
  unsigned int found = 0;
  for (unsigned int c = 0; c < 4; ++c)
  {
    if (columns.value[c] < 0)
      continue;
    const double in_file = table.number(r, columns.value[c]);
    if (std::isnan(in_file))
      continue;
    if (std::isinf(in_file))
      throw InputError(table.where(r), table.columns[columns.value[c]] + " is " + table.rows[r][columns.value[c]],
                       "Give a number, or nan for a value that was not measured.");
    dealii::Tensor<1, 3> direction;
    if (c < 3)
      direction[c] = 1;
    else
      direction = line_of_sight(table, r, columns, parameters.look == "left");
    const double value = in_file * parameters.unit;
    set.row.push_back(set.row_points.size() - 1);
    set.component.push_back(c);
    set.direction.push_back(direction);
    set.value.push_back(value);
    set.own_sigma.push_back(standard_deviation(table, r, columns, c, parameters));
    set.sigma.push_back(set.sigma_at(set.n_data() - 1, value));
    ++found;
  }
  return found;
}

/// @param origin longitude near which all of them are compared: 243.5 and -116.5 are one meridian
void refuse_duplicates(const CsvTable &table, const DataColumns &columns, const double origin)
{
  std::map<std::array<double, 3>, unsigned int> seen;
  for (unsigned int r = 0; r < table.size(); ++r)
  {
    std::array<double, 3> key = {{0, 0, 0}};
    key[0] =
        columns.geographic() ? longitude_near(position(table, r, columns.lon), origin) : position(table, r, columns.x);
    if (columns.geographic() || columns.y >= 0)
      key[1] = position(table, r, columns.geographic() ? columns.lat : columns.y);
    if (columns.z >= 0)
      if (const double z = table.number(r, columns.z); !std::isnan(z))
        key[2] = z;
    const auto [before, added] = seen.emplace(key, r);
    if (!added)
      throw InputError(table.where(r),
                       "the point (" + text_of(key[0]) + ", " + text_of(key[1]) + ") stands in line " +
                           std::to_string(table.lines[before->second]) + " already",
                       "Every point may occur once in a file: merge the two rows, or put one into another data set.");
  }
}

void drop_last_row(DataSet &set)
{
  set.row_points.pop_back();
  if (set.geographic)
    set.row_lonlat.pop_back();
  ++set.ignored_rows;
}

} // namespace

double DataSet::sigma_at(const unsigned int i, const double d) const
{
  return std::max(std::hypot(own_sigma[i], relative_error * d), component[i] == 2 ? vertical_floor : floor);
}

DataSet read_data_set(const DataSet::Parameters &given, const std::string &deck_directory,
                      const GeographicProjection *projection, MPI_Comm comm)
{
  DataSet::Parameters parameters = given;
  parameters.validate();
  const bool relative = !deck_directory.empty() && parameters.file[0] != '/';
  const CsvTable table(relative ? deck_directory + "/" + parameters.file : parameters.file, comm);
  return read_data_set(parameters, table, projection);
}

DataSet read_data_set(const DataSet::Parameters &given, const CsvTable &table, const GeographicProjection *projection)
{
  DataSet::Parameters parameters = given;
  parameters.validate();
  const DataColumns columns(table, parameters);
  if (columns.geographic() && projection == nullptr)
    throw InputError(table.file(), "positions are longitude and latitude, but the model has no geographic origin",
                     "Set Geographic origin = longitude, latitude (degrees) in the deck, or give x and y in metres.");
  refuse_duplicates(table, columns, projection == nullptr ? 0. : projection->origin_longitude());

  DataSet set;
  set.name = parameters.name;
  set.where = parameters.where.empty() ? parameters.name : parameters.where;
  set.file = table.file();
  set.station_grid = parameters.station_grid;
  set.rate = parameters.rate;
  set.line_of_sight = columns.line_of_sight();
  set.geographic = columns.geographic();
  set.section = !columns.geographic() && columns.y < 0;
  set.unit = parameters.unit;
  set.unit_name = parameters.units;
  set.columns = table.columns;
  set.value_column = columns.value;
  set.sigma_column = columns.sigma;
  set.relative_error = parameters.relative_error;
  set.floor = parameters.floor_value;
  set.vertical_floor = parameters.vertical_floor_value;
  set.weight = parameters.weight;
  set.nuisance = parameters.nuisance;
  set.shared_nuisance = parameters.shared_nuisance;
  set.drop_outside = parameters.outside_points == "drop";

  for (unsigned int r = 0; r < table.size(); ++r)
  {
    read_position(table, r, columns, projection, set);
    if (read_values(table, r, columns, parameters, set) == 0)
    {
      drop_last_row(set);
      continue;
    }
    set.row_line.push_back(table.lines[r]);
    set.row_text.push_back(table.rows[r]);
    if (columns.name >= 0)
      set.row_name.push_back(table.rows[r][columns.name]);
  }
  if (set.n_data() == 0)
    throw InputError(table.file(), table.size() == 0 ? "the file has no rows" : "no row of the file has a value",
                     "Give at least one observation, or take the data set from the list Data sets.");
  return set;
}

void remove_rows(DataSet &set, const std::vector<unsigned int> &rows)
{
  std::vector<bool> gone(set.n_rows(), false);
  for (const unsigned int r : rows)
    gone[r] = true;
  std::vector<unsigned int> new_row(set.n_rows());
  for (unsigned int r = 0, kept = 0; r < set.n_rows(); ++r)
    new_row[r] = gone[r] ? kept : kept++;

  const auto filter = [](auto &entries, const auto &is_gone) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!is_gone(i))
      {
        if (kept != i)
          entries[kept] = std::move(entries[i]);
        ++kept;
      }
    entries.resize(kept);
  };
  const std::vector<unsigned int> old_row = set.row;
  const auto datum_gone = [&](const std::size_t i) { return gone[old_row[i]]; };
  filter(set.row, datum_gone);
  filter(set.component, datum_gone);
  filter(set.direction, datum_gone);
  filter(set.value, datum_gone);
  filter(set.sigma, datum_gone);
  filter(set.own_sigma, datum_gone);
  for (auto &r : set.row)
    r = new_row[r];

  const auto row_gone = [&](const std::size_t r) { return bool(gone[r]); };
  filter(set.row_points, row_gone);
  filter(set.row_lonlat, row_gone);
  filter(set.row_line, row_gone);
  filter(set.row_text, row_gone);
  filter(set.row_name, row_gone);
}

std::vector<unsigned int> first_data(const std::vector<DataSet> &sets)
{
  std::vector<unsigned int> first = {0};
  for (const auto &set : sets)
    first.push_back(first.back() + set.n_data());
  return first;
}

} // namespace lodestone
