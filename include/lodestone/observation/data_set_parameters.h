#pragma once

#include <lodestone/observation/data_set.h>

#include <deal.II/base/parameter_handler.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Entries of a data set's subsection in the deck.
struct DataSet::Parameters
{
  std::string name;  ///< of the subsection
  std::string where; ///< path of the subsection, for errors: "Load cases/drawdown/gnss"; empty: name

  // Entries as they are written.
  std::string file;
  std::string columns;           ///< names for a file without header line: "name, lon, lat, -, up, sigma_up"
  std::string station_grid;      ///< instead of a file, for predictions: x0, x1, nx, y0, y1, ny
  std::string units = "m";       ///< m | cm | mm, with optional /yr
  std::string nuisance = "none"; ///< none, or a list of offset | ramp | quadratic, rotation, elevation
  std::string shared_nuisance;   ///< sets with the same name here share their terms
  std::string look = "right";    ///< right | left, for incidence and heading
  double relative_error = 0;     ///< added to sigma in quadrature: |d| * this
  std::string floor = "0";       ///< sigma is at least this; without a unit it is in `units`, as the next two are
  std::string vertical_floor;    ///< the same for the up component; empty: as floor
  std::string sigma;             ///< replaces the file's sigma when given
  NoiseModel::Parameters noise;  ///< Noise, Sill, Range, Nugget
  Loss::Parameters loss;         ///< Misfit, Huber threshold, Degrees of freedom
  std::string no_data_value;     ///< numbers of the file that stand for no data
  double weight = 1;             ///< multiplies this set's misfit
  std::string outside_points = "error"; ///< error | drop

  void add_parameters(dealii::ParameterHandler &handler);
  /// Reads the texts into the members below. @throws InputError naming the entry
  void validate();

  bool must_be_observed = false; ///< places to predict at are refused: set by commands that compare with data

  // Set by validate.
  double floor_value = 0, vertical_floor_value = 0; ///< m
  double sigma_value = 0;                           ///< m; 0: the file's
  double unit = 1;                                  ///< metres per unit of the file
  bool rate = false;
  NoiseModel noise_model;
  Loss loss_function;
  std::vector<double> no_data;
  Nuisance nuisance_kind;
  Look look_side = Look::right;
  bool drop_outside = false;
};

} // namespace lodestone
