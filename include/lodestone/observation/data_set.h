#pragma once

#include <lodestone/base/log.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/observation/data_vector.h>

#include <deal.II/base/parameter_handler.h>
#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <string>
#include <vector>

namespace lodestone
{

/// One file of observations: for every datum a point, a direction, a value and its standard deviation.
///
/// d_i = e_i . u(x_i), e_i a unit vector (east, north, up for components, ground to satellite for line of sight). Three-component
/// files give up to three data a row, in the order east, north, up; NaN components are left out. Format: doc/manual, "Observations".
struct DataSet
{
  struct Parameters
  {
    std::string name;
    std::string file;
    std::string units = "m";        ///< m | cm | mm, with optional /yr
    std::string nuisance = "none";  ///< none | offset | ramp   (offset: one a component; ramp: offset + planar ramp)
    std::string shared_nuisance;    ///< name: sets with the same name share their terms
    std::string look = "right";     ///< right | left, for incidence and heading
    double relative_error = 0;      ///< added in quadrature: |d| * this
    std::string floor = "0 m";      ///< sigma is at least this: horizontal (or line of sight) ...
    std::string vertical_floor;     ///< ... and vertical; empty: same
    std::string sigma;              ///< replaces the file's sigma when given
    double weight = 1;              ///< multiplies this set's misfit
    void add_parameters(dealii::ParameterHandler &handler);
  };

  std::string name;
  bool rate = false;                 ///< values are per year
  bool line_of_sight = false;
  bool geographic = false;           ///< the file gave lon, lat
  double unit = 1;                   ///< metres per unit of the file
  std::string unit_name = "m";
  std::vector<std::string> columns;  ///< header of the file, to write predictions in the same format
  double weight = 1;
  std::string nuisance, shared_nuisance;

  // one entry a row
  std::vector<dealii::Point<3>> row_points; ///< model x, y, z (m); z = NaN: on the free surface
  std::vector<dealii::Point<2>> row_lonlat;
  std::vector<unsigned int> row_line;       ///< line in the file
  std::vector<double> row_incidence, row_heading;
  unsigned int ignored_heights = 0;

  // one entry a datum
  std::vector<unsigned int> row;         ///< row of each datum
  std::vector<unsigned int> component;   ///< 0 east, 1 north, 2 up, 3 line of sight
  std::vector<dealii::Tensor<1, 3>> direction;
  std::vector<double> value, sigma;      ///< m

  unsigned int n_data() const { return value.size(); }
};

/// Reads and checks one file. @throws InputError with file, line and value: NaN position, duplicate point, sigma <= 0, unknown or
/// missing column, header unit that contradicts `Units`.
/// @param projection null when the deck has no geographic origin
DataSet read_data_set(const DataSet::Parameters &parameters, const std::string &deck_directory, const GeographicProjection *projection, MPI_Comm comm);

} // namespace lodestone
