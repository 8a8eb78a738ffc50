#include <lodestone/app/output_parameters.h>
#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/parameter_entries.h>

namespace lodestone
{

namespace
{
const Choice<OutputParameters::StandardErrors> standard_errors_words = {
    {OutputParameters::StandardErrors::automatic, "auto"},
    {OutputParameters::StandardErrors::yes, "yes"},
    {OutputParameters::StandardErrors::no, "no"}};
}

void OutputParameters::add_parameters(dealii::ParameterHandler &handler)
{
  using namespace dealii;
  handler.add_parameter(
      "VTU every", vtu_every,
      "invert: iterations between two VTU files for ParaView; those of the first and the last iteration are always "
      "written.",
      Patterns::Integer(1));
  handler.add_parameter(
      "Surface grid", surface_grid,
      "Displacement of the free surface on a regular grid, as CSV: x0, x1, nx, y0, y1, ny (in 2-D x0, x1, nx), lengths "
      "in m or degrees as 'Grid coordinates' says; empty: none.",
      Patterns::Anything());
  handler.add_parameter("Grid coordinates", grid_coordinates,
                        "Coordinates that 'Surface grid' is given in: x,y (m) or lon,lat (degrees; they need "
                        "'Geographic origin'; a range "
                        "such as 359, 1 goes across 0).",
                        Patterns::Selection("x,y|lon,lat"));
  handler.add_parameter("Sensitivity samples", sensitivity_samples,
                        "invert: random combinations of data from which the sensitivity of each cell is estimated, one "
                        "adjoint solve each; "
                        "its relative error is about 1/sqrt(2 n). 0: none.",
                        Patterns::Integer(0));
  add_choice(
      handler, "Standard errors", standard_errors, standard_errors_words,
      "invert: standard errors and correlations of the unknowns, one solve for each of them. yes: for up to 1,000 "
      "unknowns; auto: with 'Parameter cells = zones' and up to 100 unknowns.");
  handler.add_parameter("Noise", noise,
                        "forward: Gaussian noise added to predicted data, in units of each datum's sigma (0: none, 1: "
                        "as the sigma says).",
                        Patterns::Double(0));
  handler.add_parameter("Seed", seed,
                        "forward: seed of the noise; the same seed gives the same noise on any number of ranks.",
                        Patterns::Integer(0));
}

std::optional<StationGrid> OutputParameters::read_surface_grid(const unsigned int dim, const bool has_origin) const
{
  if (trimmed(surface_grid).empty())
    return {};
  const bool geographic = grid_coordinates == "lon,lat";
  if (geographic && (dim == 2 || !has_origin))
    throw InputError("Output/Grid coordinates",
                     dim == 2 ? "a section has no longitudes and latitudes" : "lon,lat needs a geographic origin",
                     dim == 2 ? "Choose x,y." : "Set 'Geographic origin'.");
  return StationGrid::parse(surface_grid, "Output/Surface grid", dim,
                            geographic ? StationGrid::Coordinates::geographic : StationGrid::Coordinates::cartesian);
}

} // namespace lodestone
