#pragma once

#include <lodestone/observation/covariance_file.h>
#include <lodestone/observation/data_file.h>
#include <lodestone/observation/data_vector.h>
#include <lodestone/observation/loss.h>
#include <lodestone/observation/noise_model.h>

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

/// Terms that are fitted to a data set together with the model (NuisanceTerms).
struct Nuisance
{
  /// Polynomials of the position: none, a constant, a plane, a surface of second degree.
  enum class Surface
  {
    none,
    offset,
    ramp,
    quadratic
  };
  Surface surface = Surface::none;
  bool rotation = false;  ///< of a network about the vertical
  bool elevation = false; ///< proportional to the height of the points

  bool any() const { return surface != Surface::none; }
  bool operator==(const Nuisance &other) const
  {
    return surface == other.surface && rotation == other.rotation && elevation == other.elevation;
  }
  /// "offset, rotation"
  std::string text() const;
};

/// The side to which a radar looks, seen along its flight.
enum class Look
{
  right,
  left
};

/// Observations that belong together: for every datum a point, a direction, a value and its standard deviation.
///
/// d_i = e_i . u(x_i), with a unit vector e_i: east, north, up for components, ground to satellite for a line of sight.
/// Values are positive along e_i. A row is a point with one or several data.
///
/// sigma_i is the standard deviation of datum i: max(floor, sqrt(s_i^2 + (relative error * d_i)^2)), s_i being the file's
/// or the deck's own sigma, and where errors are correlated between points what sill and nugget make of that
/// (NoiseModel).
///
/// The set knows nothing of the format it was given in: that is the business of `source`. Readers of all formats fill a
/// set by `add_row` and `add_datum`. The same on all ranks.
struct DataSet
{
  struct Parameters; ///< entries of the deck, in data_set_parameters.h

  DataSet() = default;
  /// A set without data yet, with all that the deck says of it. @param parameters validated
  explicit DataSet(const Parameters &parameters);

  std::string name;
  std::string where; ///< path of the deck's subsection
  std::string file;  ///< for messages: the file as it was opened, or the deck's entry that stands for one
  std::shared_ptr<const DataFile> source; ///< null: the set was made in memory
  bool observed = true;                   ///< false: places to predict at, whose values are zeros
  bool rate = false;                      ///< values are per year
  bool line_of_sight = false;
  bool geographic = false; ///< positions were given as longitude and latitude
  bool section = false;    ///< positions have x without y: a 2-D model
  double unit = 1;         ///< metres per unit of the file
  std::string unit_name = "m";
  double relative_error = 0, floor = 0, vertical_floor = 0; ///< as the deck has them (-, m, m)
  NoiseModel noise;
  std::shared_ptr<const CovarianceFile> covariance; ///< null unless Noise = matrix
  Loss loss;
  double weight = 1; ///< factor on the misfit
  Nuisance nuisance;
  std::string shared_nuisance; ///< sets with the same name share their nuisance terms; empty: the set has its own
  bool drop_outside = false;   ///< points outside the mesh are dropped; otherwise they are an error
  unsigned int ignored_heights = 0;
  unsigned int ignored_rows = 0;            ///< rows without any value
  unsigned int no_data = 0;                 ///< values that stand for no data and were left out
  std::vector<std::string> ignored_columns; ///< names of columns that are not known

  // One entry per row.
  std::vector<dealii::Point<3>> row_points; ///< model x, y, z (m); z = NaN: on the free surface
  std::vector<dealii::Point<2>> row_lonlat; ///< degrees; empty unless `geographic`
  std::vector<double> row_height;           ///< of the ground (m); empty where the file has no heights
  std::vector<std::string> row_name;        ///< such as the station's; empty where the file has no names
  std::vector<unsigned int> row_record;     ///< number of the row's record in `source`
  /// Correlations of the errors of east and north, east and up, north and up; empty where the file has none.
  std::vector<std::array<double, 3>> row_correlation;

  // One entry per datum.
  std::vector<unsigned int> row;       ///< row of the datum
  std::vector<unsigned int> component; ///< 0 east, 1 north, 2 up, 3 line of sight
  std::vector<dealii::Tensor<1, 3>> direction;
  std::vector<double> value, sigma;         ///< m
  std::vector<unsigned int> covariance_row; ///< of the datum in `covariance`; empty without
  std::vector<double> own_sigma;            ///< m; s_i: before relative error, floor, sill and nugget

  /// @param record number of the row's record in `source`
  void add_row(const dealii::Point<3> &point, unsigned int record);
  /// Adds a datum to the last row. Value and own sigma in m.
  void add_datum(unsigned int component, const dealii::Tensor<1, 3> &direction, double value, double own_sigma);

  /// Takes another noise, and the standard deviations that follow from it.
  void change_noise(const NoiseModel &other);

  unsigned int n_data() const { return value.size(); }
  unsigned int n_rows() const { return row_points.size(); }
  /// Standard deviation that datum i has when its value is `d` (m).
  double sigma_at(unsigned int i, double d) const;
  /// The same without sill and nugget.
  double uncorrelated_sigma(unsigned int i, double d) const;
  /// Correlation of the errors of two components of one row, without what is correlated between rows. Relative error
  /// and floor add independent errors to the file's, and so reduce its correlations.
  double component_correlation(unsigned int i, unsigned int j) const;
  /// The place of a row for errors: "stations.csv:12".
  std::string location(unsigned int row) const;
  /// A datum for messages: "north at FC05", or its position and component.
  std::string datum_name(unsigned int i) const;
};

/// "east", "north", "up", "los": the components of DataSet::component.
const char *component_name(unsigned int component);

/// Unit vector of a component: (1, 0, 0), (0, 1, 0) or (0, 0, 1).
dealii::Tensor<1, 3> axis(unsigned int component);

/// Unit vector from the ground to a satellite that looks right: (-sin i cos h, sin i sin h, cos i); one that looks left
/// has the horizontal part with the other sign.
/// @param incidence angle from the vertical at the target, 0 to 90 degrees
/// @param heading direction of the flight, clockwise from north, -360 to 360 degrees
/// @throws InputError naming `where` for angles beyond these
dealii::Tensor<1, 3> line_of_sight(double incidence, double heading, Look look, const std::string &where);

/// The same vector from its components. Their length may differ from 1 by 1 % and is made 1.
/// @throws InputError naming `where`
dealii::Tensor<1, 3> line_of_sight(const dealii::Tensor<1, 3> &e, const std::string &where);

/// Whether any of the sets was observed: others are places to predict at.
bool any_observed(const std::vector<DataSet> &sets);

/// What no format may break. @throws InputError when the set has no data, or two rows at one point
void check_data_set(const DataSet &set);

/// Takes rows out, with their data.
void remove_rows(DataSet &set, const std::vector<unsigned int> &rows);

} // namespace lodestone
