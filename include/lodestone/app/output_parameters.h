#pragma once

#include <deal.II/base/parameter_handler.h>

#include <array>
#include <string>

namespace lodestone
{

/// A regular grid on the free surface: x, y in metres, or longitude, latitude in degrees. A section has one point in
/// the second direction.
struct SurfaceGrid
{
  bool geographic = false;
  std::array<double, 2> low = {{0, 0}}, high = {{0, 0}};
  std::array<unsigned int, 2> n = {{0, 1}}; ///< points; 0: no grid

  double coordinate(const unsigned int direction, const unsigned int i) const
  {
    return n[direction] == 1 ? low[direction]
                             : low[direction] + (high[direction] - low[direction]) * i / (n[direction] - 1);
  }
};

/// Entries of subsection `Output`: what is written beside the results that every run writes.
struct OutputParameters
{
  unsigned int vtu_every = 1; ///< iterations between two VTU files (the first and the last always)
  std::string
      surface_grid; ///< "x0, x1, nx, y0, y1, ny" (or longitudes and latitudes): displacement of the surface as CSV
  std::string grid_coordinates = "x,y";  ///< x,y | lon,lat
  unsigned int sensitivity_samples = 16; ///< random combinations of data for the sensitivity; 0: none
  double noise = 0;                      ///< forward: noise in units of each datum's sigma
  unsigned int seed = 1;

  void add_parameters(dealii::ParameterHandler &handler);
  /// What `surface_grid` asks for. @throws InputError when it cannot be understood, or asks for lon,lat in a model
  /// without origin
  template <int dim>
  SurfaceGrid read_surface_grid(bool has_origin) const;
};

} // namespace lodestone
