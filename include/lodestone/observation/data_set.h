#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/observation/data_vector.h>

#include <deal.II/base/parameter_handler.h>
#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <string>
#include <vector>

namespace lodestone
{

/// One file of observations: for every datum a point, a direction, a value and its standard deviation.
///
/// d_i = e_i . u(x_i), e_i a unit vector: east, north, up for components, ground to satellite for line of sight.
/// Right looking: e = (-sin i cos h, sin i sin h, cos i), incidence i from the vertical at the target, heading h
/// clockwise from north; left looking: the horizontal part has the other sign. Values are positive along e.
///
/// The file is CSV with a header line. Columns, in any order:
///   position   lon, lat [, height] (degrees WGS84; heights are ignored) or x, y [, z] (m); in 2-D x [, z]
///   values     any of east, north, up with sigma_east, sigma_north, sigma_up; nan: not measured
///          or  los with sigma, and e_east, e_north, e_up or incidence, heading (degrees)
///   name       a text, such as a station's name
/// A column may carry its unit, `east [mm/yr]` or `east_mm`, and a comment before the header may name the unit of all
/// values,
/// `# units: mm/yr`; a unit that contradicts the deck's `Units` is an error.
///
/// sigma_i = max(floor, sqrt(s_i^2 + (relative error * d_i)^2)), s_i from the file or the deck. Direction vectors
/// within 1 % of unit length are normalised.
struct DataSet
{
  struct Parameters
  {
    std::string name;  ///< of the subsection
    std::string where; ///< path of the subsection, for errors: "Load cases/drawdown/gnss"; empty: name
    std::string file;
    std::string station_grid;      ///< instead of a file, for predictions: x0, x1, nx, y0, y1, ny
    std::string units = "m";       ///< m | cm | mm, with optional /yr
    std::string nuisance = "none"; ///< none | offset | ramp   (offset: one a component; ramp: offset + planar ramp)
    std::string shared_nuisance;   ///< name: sets with the same name share their terms
    std::string look = "right";    ///< right | left, for incidence and heading
    double relative_error = 0;     ///< added in quadrature: |d| * this
    std::string floor = "0 m";     ///< sigma is at least this: horizontal (or line of sight) ...
    std::string vertical_floor;    ///< ... and vertical; empty: same
    std::string sigma;             ///< replaces the file's sigma when given
    double weight = 1;             ///< multiplies this set's misfit
    std::string outside_points = "error"; ///< error | drop

    void add_parameters(dealii::ParameterHandler &handler);
    /// Reads the texts with units. @throws InputError naming the entry
    void validate();

    // set by validate (m)
    double floor_value = 0, vertical_floor_value = 0, sigma_value = 0; ///< sigma 0: the file's
    double unit = 1;                                                   ///< metres per unit of the file
    bool rate = false;
  };

  std::string name;
  std::string where;        ///< path of the deck's subsection
  std::string file;         ///< as opened; of a station grid the entry
  std::string station_grid; ///< as the deck gives it, where points come from it
  bool rate = false;        ///< values are per year
  bool line_of_sight = false;
  bool geographic = false; ///< the file gave lon, lat
  bool section = false;    ///< the file gave x without y: a 2-D model
  double unit = 1;         ///< metres per unit of the file
  std::string unit_name = "m";
  std::vector<std::string> columns;                     ///< header of the file, to write predictions in the same format
  std::array<int, 4> value_column = {{-1, -1, -1, -1}}; ///< of east, north, up, line of sight; -1: not in the file
  std::array<int, 4> sigma_column = {{-1, -1, -1, -1}}; ///< of their standard deviations
  double relative_error = 0, floor = 0, vertical_floor = 0; ///< as the deck has them (-, m, m)
  double weight = 1;
  std::string nuisance = "none", shared_nuisance;
  bool drop_outside = false;

  // one entry a row
  std::vector<dealii::Point<3>> row_points;       ///< model x, y, z (m); z = NaN: on the free surface
  std::vector<dealii::Point<2>> row_lonlat;       ///< geographic files only
  std::vector<unsigned int> row_line;             ///< line in the file
  std::vector<std::vector<std::string>> row_text; ///< the fields as read
  std::vector<std::string> row_name;              ///< column `name`; empty without one
  unsigned int ignored_heights = 0;
  unsigned int ignored_rows = 0; ///< rows without any value

  // one entry a datum
  std::vector<unsigned int> row;       ///< row of each datum
  std::vector<unsigned int> component; ///< 0 east, 1 north, 2 up, 3 line of sight
  std::vector<dealii::Tensor<1, 3>> direction;
  std::vector<double> value, sigma; ///< m
  std::vector<double> own_sigma;    ///< m; s_i: of the file or the deck, before relative error and floor

  /// Standard deviation that datum i has when its value is `d` (m).
  double sigma_at(unsigned int i, double d) const;
  unsigned int n_data() const { return value.size(); }
  unsigned int n_rows() const { return row_points.size(); }
};

/// Reads and checks one file; collective. @throws InputError with file, line and value: NaN position, duplicate point,
/// sigma <= 0 or missing, direction that is no unit vector, unknown or missing column, header unit that contradicts
/// `Units`, no data.
/// @param projection null when the deck has no geographic origin
DataSet read_data_set(const DataSet::Parameters &parameters, const std::string &deck_directory,
                      const GeographicProjection *projection, MPI_Comm comm);
/// The same from a table that was read before.
DataSet read_data_set(const DataSet::Parameters &parameters, const CsvTable &table,
                      const GeographicProjection *projection);

/// Takes rows out, with their data.
void remove_rows(DataSet &set, const std::vector<unsigned int> &rows);

/// First datum of each set in the data vector of a load case; one more entry: their number.
std::vector<unsigned int> first_data(const std::vector<DataSet> &sets);

} // namespace lodestone
