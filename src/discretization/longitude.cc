#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/table.h>
#include <lodestone/discretization/longitude.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace lodestone
{

namespace
{

// In degrees; 0.1 m on the ground. This is far above the rounding of a turn and far below any spacing of a grid.
constexpr double same = 1e-6;

std::vector<double> longitudes_of(const CsvTable &table, const unsigned int column)
{
  const double factor = column_factor(table, column, Quantity::angle);
  std::vector<double> values(table.size());
  for (std::size_t row = 0; row < table.size(); ++row)
  {
    values[row] = factor * table.finite_number(row, column);
    if (std::abs(values[row]) > 360)
      throw InputError(table.where(row), "the longitude " + table.rows[row][column] + " is no place on Earth",
                       "Longitudes are between -360 and 360 degrees.");
  }
  return values;
}

/// Where to cut the circle so that the grid stays in one piece. @param nodes folded about the origin
double centre_of_grid(std::vector<double> nodes, const double origin)
{
  std::sort(nodes.begin(), nodes.end());
  double widest = nodes.front() + 360 - nodes.back(), centre = origin; // cut across from the origin, unless ...
  for (std::size_t i = 1; i < nodes.size(); ++i)
    if (const double gap = nodes[i] - nodes[i - 1]; gap > widest + same)
    {
      widest = gap;
      centre = longitude_near(nodes[i - 1] + gap / 2 + 180, origin);
    }
  return centre;
}

bool same_values(const CsvTable &table, const std::size_t a, const std::size_t b)
{
  for (unsigned int column = 0; column < table.columns.size(); ++column)
    if (table.columns[column] != "lon" && table.number(a, column) != table.number(b, column))
      return false;
  return true;
}

/// Keeps one of several rows whose longitudes are whole turns apart and so are one meridian.
/// @throws InputError where the rows differ in anything else
void merge_meridians(CsvTable &table, const std::vector<double> &given)
{
  const unsigned int lon = table.column("lon"), lat = table.column("lat");
  struct Kept
  {
    std::size_t before, now; // its row in the file and where it stands now
  };
  std::map<std::pair<long long, double>, Kept> rows;
  std::size_t n_kept = 0;
  for (std::size_t row = 0; row < table.size(); ++row)
  {
    const std::pair<long long, double> place(std::llround(table.number(row, lon) / same), table.number(row, lat));
    const auto [found, is_new] = rows.emplace(place, Kept{row, n_kept});
    const Kept &first = found->second;
    if (!is_new && std::abs(given[row] - given[first.before]) > same)
    {
      if (same_values(table, row, first.now))
        continue;
      throw InputError(table.where(row),
                       "the longitude " + exact(given[row]) + " is that of line " +
                           std::to_string(table.lines[first.now]) + ", " + exact(given[first.before]) +
                           ", a whole turn away, but its values differ",
                       "Leave one of the two out, or give both the same values.");
    }
    table.rows[n_kept] = table.rows[row]; // its own place or an earlier one
    table.lines[n_kept] = table.lines[row];
    ++n_kept;
  }
  table.rows.resize(n_kept);
  table.lines.resize(n_kept);
}

} // namespace

double longitude_near(const double longitude, const double centre)
{
  return longitude - 360 * std::ceil((longitude - centre - 180) / 360);
}

void fold_longitudes(CsvTable &table, const double centre)
{
  if (!table.has("lon"))
    return;
  const unsigned int column = table.column("lon");
  const std::vector<double> given = longitudes_of(table, column);
  const bool in_degrees = table.units[column].empty();
  for (std::size_t row = 0; row < table.size(); ++row)
    if (const double folded = longitude_near(given[row], centre); folded != given[row] || !in_degrees)
      table.rows[row][column] = exact(folded);
  table.units[column] = "";
}

double fold_longitude_grid(CsvTable &table, const double origin)
{
  if (table.size() == 0)
    return origin;
  const std::vector<double> given = longitudes_of(table, table.column("lon"));
  const auto [lowest, highest] = std::minmax_element(given.begin(), given.end());
  double centre = origin;
  if (*highest - *lowest < 360 - same) // else it goes round the world, and every gap is one between its nodes
  {
    std::vector<double> nodes;
    for (const double longitude : given)
      nodes.push_back(longitude_near(longitude, origin));
    centre = centre_of_grid(std::move(nodes), origin);
  }
  fold_longitudes(table, centre);
  merge_meridians(table, given);
  return centre;
}

void check_not_exchanged(const CsvTable &table, const unsigned int lon, const unsigned int lat,
                         const GeographicProjection &projection)
{
  constexpr double far = 1, much_nearer = 5;
  if (table.units[lon] == "rad" || table.units[lat] == "rad")
    return;
  const std::array<double, 2> origin = {{projection.origin_longitude(), projection.origin_latitude()}};
  std::array<double, 2> given = {{0, 0}}, exchanged = {{0, 0}}; // mean offsets from the origin
  std::size_t n = 0;
  for (std::size_t row = 0; row < table.size(); ++row)
  {
    const double longitude = table.number(row, lon), latitude = table.number(row, lat);
    if (!std::isfinite(longitude) || !std::isfinite(latitude))
      continue;
    if (std::abs(latitude) > 90)
      throw InputError(table.where(row), "the latitude " + table.rows[row][lat] + " is no place on Earth",
                       std::abs(longitude) <= 90 ? "The columns lon and lat look exchanged: exchange their names."
                                                 : "Latitudes are between -90 and 90 degrees.");
    given[0] += longitude_near(longitude, origin[0]) - origin[0], given[1] += latitude - origin[1];
    exchanged[0] += longitude_near(latitude, origin[0]) - origin[0], exchanged[1] += longitude - origin[1];
    ++n;
  }
  const auto distance = [n](const std::array<double, 2> &sum) { return std::hypot(sum[0], sum[1]) / n; };
  if (n > 0 && distance(given) > far && much_nearer * distance(exchanged) < distance(given))
    throw InputError(table.where(0),
                     "the columns lon and lat look exchanged: this is longitude " + table.rows[0][lon] + ", latitude " +
                         table.rows[0][lat] + ", and Geographic origin is " + significant(origin[0]) + ", " +
                         significant(origin[1]),
                     "Exchange the names of the two columns, or correct Geographic origin (longitude, latitude).");
}

} // namespace lodestone
