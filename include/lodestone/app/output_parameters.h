#pragma once

#include <lodestone/observation/station_grid.h>

#include <deal.II/base/parameter_handler.h>

#include <optional>
#include <string>

namespace lodestone
{

/// Entries of subsection `Output`: what is written beside the results that every run writes.
struct OutputParameters
{
  unsigned int vtu_every = 1; ///< iterations between two VTU files (the first and the last always)
  std::string
      surface_grid; ///< "x0, x1, nx, y0, y1, ny" (or longitudes and latitudes): displacement of the surface as CSV
  std::string grid_coordinates = "x,y";  ///< x,y | lon,lat
  unsigned int sensitivity_samples = 16; ///< random combinations of data for the sensitivity; 0: none
  /// Standard errors of the unknowns: automatic computes them for zones.
  enum class StandardErrors
  {
    automatic,
    yes,
    no
  };
  StandardErrors standard_errors = StandardErrors::automatic;
  double noise = 0; ///< forward: noise in units of each datum's sigma
  unsigned int seed = 1;

  void add_parameters(dealii::ParameterHandler &handler);
  /// The grid that `surface_grid` asks for, if it asks for one. @throws InputError when it cannot be understood, or
  /// asks for lon,lat in a model without origin
  std::optional<StationGrid> read_surface_grid(unsigned int dim, bool has_origin) const;
};

} // namespace lodestone
