#pragma once

#include <lodestone/observation/data_format.h>

#include <array>
#include <string>

namespace lodestone
{

/// A regular grid of stations on the free surface: "x0, x1, nx, y0, y1, ny"; in 2-D "x0, x1, nx".
///
/// Positions are x and y (m), or longitude and latitude (degrees). Serial.
struct StationGrid
{
  enum class Coordinates
  {
    cartesian,
    geographic
  };

  Coordinates coordinates = Coordinates::cartesian;
  unsigned int dim = 3;
  std::array<double, 2> low = {{0, 0}}, high = {{0, 0}};
  std::array<unsigned int, 2> n = {{1, 1}}; ///< stations along each axis; a section has one along the second

  /// Reads the text of an entry: lengths in m or with a unit, or degrees. A range of longitudes that ends in the west
  /// of its start, as 359, 1 or 179, -179, goes across 0 or the date line. @throws InputError naming `where`, the path
  /// of the entry
  static StationGrid parse(const std::string &text, const std::string &where, unsigned int dim,
                           Coordinates coordinates = Coordinates::cartesian);
};

/// A data set of places to predict at: stations with the components east, north, up (in 2-D east, up), whose values are
/// zeros and whose standard deviation is `sigma` (m). The first coordinate runs fastest. Predictions are written as
/// CSV.
/// @param projection needed for geographic coordinates only
/// @param set without rows; `set.file` is the path of the entry, for errors
void add_stations(const StationGrid &grid, const GeographicProjection *projection, double sigma, DataSet &set);

/// Whether a data set is given by its entry `Station grid`.
bool is_station_grid(const DataSet::Parameters &parameters);
/// The data set of that entry. @throws InputError
DataSet read_station_grid(const DataSet::Parameters &parameters, const DataContext &context);

} // namespace lodestone
