#include <lodestone/app/output_parameters.h>

namespace lodestone
{

void OutputParameters::add_parameters(dealii::ParameterHandler &handler)
{
  using namespace dealii;
  handler.add_parameter("Every", every, "Iterations between two VTU files; the first and the last are always written.",
                        Patterns::Integer(1));
  handler.add_parameter("Surface grid", surface_grid,
                        "Displacement of the free surface on a regular grid, as CSV: x0, x1, nx, y0, y1, ny (in 2-D x0, x1, nx), lengths "
                        "in m or degrees as 'Grid coordinates' says; empty: none.",
                        Patterns::Anything());
  handler.add_parameter("Grid coordinates", grid_coordinates, "x,y (m) or lon,lat (degrees; needs a geographic origin).",
                        Patterns::Selection("x,y|lon,lat"));
  handler.add_parameter("Sensitivity samples", sensitivity_samples,
                        "invert: random combinations of data from which the sensitivity of each cell is estimated, one adjoint solve each; "
                        "its relative error is about 1/sqrt(2 n). 0: none.",
                        Patterns::Integer(0));
  handler.add_parameter("Noise", noise,
                        "forward: Gaussian noise added to predicted data, in units of each datum's sigma (0: none, 1: as the sigma says).",
                        Patterns::Double(0));
  handler.add_parameter("Seed", seed, "forward: seed of the noise; the same seed gives the same noise on any number of ranks.",
                        Patterns::Integer(0));
}

} // namespace lodestone
