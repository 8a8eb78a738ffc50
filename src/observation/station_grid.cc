#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/text.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/observation/csv_data.h>
#include <lodestone/observation/station_grid.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace lodestone
{

namespace
{

/// What stands for the file of a station grid: errors name the entry, and predictions are written as CSV.
class StationGridFile : public DataFile
{
public:
  explicit StationGridFile(std::string entry) : entry_(std::move(entry)) {}

  std::string location(unsigned int /*record*/) const override { return entry_; }
  std::string contents(const DataSet &set, const DataView values) const override
  {
    CsvFields fields;
    fields.columns = set.geographic ? std::vector<std::string>{"lon", "lat"} : std::vector<std::string>{"x"};
    if (!set.geographic && !set.section)
      fields.columns.emplace_back("y");
    fields.sigma = fields.value = {{-1, -1, -1, -1}};
    const std::size_t n_coordinates = fields.columns.size();
    for (unsigned int r = 0; r < set.n_rows(); ++r)
    {
      fields.rows.emplace_back();
      for (unsigned int d = 0; d < n_coordinates; ++d)
        fields.rows.back().push_back(exact(set.geographic ? set.row_lonlat[r][d] : set.row_points[r][d]));
    }
    return std::move(fields).text(set, values);
  }
  std::string ending() const override { return ".csv"; }

private:
  std::string entry_;
};

/// Reads "low, high, n" at `parts[3 * axis]` into the grid.
void read_axis(const std::vector<std::string> &parts, const unsigned int axis, const std::string &where,
               StationGrid &grid)
{
  const bool geographic = grid.coordinates == StationGrid::Coordinates::geographic;
  const Quantity quantity = geographic ? Quantity::angle : Quantity::length;
  const std::string &low = parts[3 * axis], &high = parts[3 * axis + 1], &number = parts[3 * axis + 2];
  const double n = parse_quantity(number, Quantity::number, where);
  if (!(n >= 1) || n > 100000 || n != std::floor(n))
    throw InputError(where, "'" + number + "' is no number of stations", "Give a whole number from 1 to 100000.");
  grid.low[axis] = parse_quantity(low, quantity, where);
  grid.high[axis] = parse_quantity(high, quantity, where);
  grid.n[axis] = static_cast<unsigned int>(n);
  const bool may_go_round = geographic && axis == 0;
  if (n > 1 && !(grid.low[axis] < grid.high[axis]) && !may_go_round)
    throw InputError(where, "the grid of " + number + " stations goes from " + low + " to " + high,
                     "Give an increasing range, or 1 station.");
}

std::vector<dealii::Point<2>> positions(const StationGrid &grid)
{
  const auto at = [&](const unsigned int axis, const unsigned int i) {
    return grid.n[axis] == 1 ? grid.low[axis]
                             : grid.low[axis] + (grid.high[axis] - grid.low[axis]) * i / (grid.n[axis] - 1);
  };
  std::vector<dealii::Point<2>> result;
  for (unsigned int j = 0; j < grid.n[1]; ++j)
    for (unsigned int i = 0; i < grid.n[0]; ++i)
      result.emplace_back(at(0, i), at(1, j));
  return result;
}

} // namespace

StationGrid StationGrid::parse(const std::string &text, const std::string &where, const unsigned int dim,
                               const Coordinates coordinates)
{
  const auto parts = split_list(text);
  const bool section = dim == 2;
  if (parts.size() != (section ? 3 : 6))
    throw InputError(where, "'" + text + "' has " + std::to_string(parts.size()) + " values",
                     section ? "Give three in a two-dimensional model: x0, x1, nx, as in -4 km, 4 km, 9."
                             : "Give six: x0, x1, nx, y0, y1, ny, as in -4 km, 4 km, 9, -3 km, 3 km, 7.");
  StationGrid grid;
  grid.coordinates = coordinates;
  grid.dim = dim;
  for (unsigned int axis = 0; axis + 1 < dim; ++axis)
    read_axis(parts, axis, where, grid);
  constexpr double most_stations = 1e7; // every rank holds all data
  if (const double n = double(grid.n[0]) * grid.n[1]; n > most_stations)
    throw InputError(where, "the grid has " + roughly(n) + " stations, and every rank holds all of them",
                     "Give at most " + roughly(most_stations) + ".");
  return grid;
}

void add_stations(const StationGrid &grid, const GeographicProjection *projection, const double sigma, DataSet &set)
{
  set.observed = false;
  set.geographic = grid.coordinates == StationGrid::Coordinates::geographic;
  set.section = grid.dim == 2;
  set.source = std::make_shared<StationGridFile>(set.file);
  StationGrid near = grid;
  if (set.geographic && grid.low[0] > grid.high[0])
    for (double *const longitude : {&near.low[0], &near.high[0]})
      *longitude = longitude_near(*longitude, projection->origin_longitude());
  for (const auto &position : positions(near))
  {
    const auto xy = set.geographic ? projection->to_model(position[0], position[1]) : position;
    set.add_row({xy[0], xy[1], std::numeric_limits<double>::quiet_NaN()}, set.n_rows());
    if (set.geographic)
      set.row_lonlat.push_back(position);
    for (const unsigned int component : {0u, 1u, 2u})
      if (component != 1 || !set.section)
        set.add_datum(component, axis(component), 0., sigma);
  }
}

bool is_station_grid(const DataSet::Parameters &parameters)
{
  return !trimmed(parameters.station_grid).empty();
}

DataSet read_station_grid(const DataSet::Parameters &parameters, const DataContext &context)
{
  DataSet set(parameters);
  set.file = set.where + "/Station grid";
  add_stations(StationGrid::parse(parameters.station_grid, set.file, context.dim), context.projection,
               parameters.sigma_value, set);
  return set;
}

} // namespace lodestone
