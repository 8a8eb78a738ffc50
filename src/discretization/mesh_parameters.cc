#include <lodestone/base/deck_path.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/mesh.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone
{

namespace
{

template <int dim>
constexpr const char *axis_names = dim == 2 ? "x, z" : "x, y, z";

const Choice<MeshSource> sources = {{MeshSource::box, "box"}, {MeshSource::gmsh, "gmsh"}};

/// The remedy for a list that has not one item per axis.
template <int dim>
std::string one_per_axis()
{
  return "Give " + std::to_string(dim) + ", one for each of " + axis_names<dim> + ".";
}

/// Reads one value per axis.
template <int dim>
std::vector<double> read_axes(const std::string &text, Quantity quantity, const std::string &where)
{
  const std::vector<std::string> items = split_list(text);
  if (items.size() != dim)
    throw InputError(where, "'" + text + "' has " + counted(items.size(), "value"),
                     decimal_comma_advice(text) + one_per_axis<dim>());
  std::vector<double> values;
  for (const std::string &item : items)
    values.push_back(parse_quantity(item, quantity, where));
  return values;
}

template <int dim>
dealii::Point<dim> read_point(const std::string &text, const std::string &where)
{
  const std::vector<double> values = read_axes<dim>(text, Quantity::length, where);
  dealii::Point<dim> point;
  for (unsigned int d = 0; d < dim; ++d)
    point[d] = values[d];
  return point;
}

/// "-5000 m to 8000 m"
std::string range_text(const double lower, const double upper)
{
  return significant(lower) + " m to " + significant(upper) + " m";
}

/// @throws InputError
template <int dim>
void check_layers(const typename Mesh<dim>::Parameters &p)
{
  const std::string where = "Mesh/Layers";
  for (std::size_t i = 0; i < p.layers.size(); ++i)
  {
    if (!(p.lower[dim - 1] < p.layers[i] && p.layers[i] < p.upper[dim - 1]))
      throw InputError(where, "a face is wanted at z = " + significant(p.layers[i]) + " m",
                       "Give values of z inside the box, " + range_text(p.lower[dim - 1], p.upper[dim - 1]) +
                           "; below the surface they are negative.");
    if (i > 0 && !(p.layers[i - 1] < p.layers[i]))
      throw InputError(where, "z = " + significant(p.layers[i]) + " m is given twice", "Give each value once.");
  }
  if (p.layers.size() >= p.cells[dim - 1])
    throw InputError(where,
                     "faces are wanted at " + counted(p.layers.size(), "value") + " of z, and the box has " +
                         counted(p.cells[dim - 1], "cell") + " along z",
                     "Give more cells along z (Mesh/Cells): at least one between two faces.");
}

/// @throws InputError
template <int dim>
void check_box(const typename Mesh<dim>::Parameters &p)
{
  const std::string axes = dim == 2 ? "xz" : "xyz";
  if (p.cells.size() != dim)
    throw InputError("Mesh/Cells", "found " + counted(p.cells.size(), "count"), one_per_axis<dim>());
  if (p.grading.size() != dim)
    throw InputError("Mesh/Grading", "found " + counted(p.grading.size(), "ratio"), one_per_axis<dim>());
  for (unsigned int d = 0; d < dim; ++d)
  {
    const std::string axis(1, axes[d]);
    if (!(p.lower[d] < p.upper[d]) || !std::isfinite(p.upper[d] - p.lower[d]))
      throw InputError("Mesh/Upper corner",
                       "the box reaches from " + range_text(p.lower[d], p.upper[d]) + " in " + axis,
                       "Each value must be above that of Mesh/Lower corner.");
    if (p.cells[d] < 1)
      throw InputError("Mesh/Cells", "found 0 cells in " + axis, "Give at least 1.");
    if (!(p.grading[d] >= 1) || !std::isfinite(p.grading[d]))
      throw InputError("Mesh/Grading", "found " + significant(p.grading[d]) + " in " + axis,
                       "The ratio of the largest to the smallest cell size is 1 (uniform) or more.");
    if (p.has_focus &&
        !(p.lower[d] <= p.focus_lower[d] && p.focus_lower[d] <= p.focus_upper[d] && p.focus_upper[d] <= p.upper[d]))
      throw InputError("Mesh/Focus lower corner",
                       "the focus reaches from " + range_text(p.focus_lower[d], p.focus_upper[d]) + " in " + axis,
                       "It must lie inside the box, " + range_text(p.lower[d], p.upper[d]) +
                           ", with its lower corner below its upper one.");
  }
  check_layers<dim>(p);
  std::set<std::string> names;
  for (const auto &zone : p.zones)
  {
    if (!names.insert(zone.name).second)
      throw InputError("Mesh/Zones", "the name '" + zone.name + "' is used twice", "Give each zone a name of its own.");
    if (is_blank(zone.region))
      throw InputError("Mesh/" + zone.name + "/Region", "it is not given",
                       "Say where the zone is, for example z > -2 km; 1 takes what no other zone takes.");
    (void)Formula<dim>(zone.region, "Mesh/" + zone.name + "/Region");
  }
}

} // namespace

template <int dim>
Mesh<dim>::Parameters::Parameters()
    : cells(dim, 8), grading(dim, 1.), lower_text_(dim == 2 ? "-10 km, -8 km" : "-10 km, -10 km, -8 km"),
      upper_text_(dim == 2 ? "10 km, 0" : "10 km, 10 km, 0"), cells_text_(dim == 2 ? "16, 8" : "16, 16, 8"),
      grading_text_(dim == 2 ? "1, 1" : "1, 1, 1")
{
}

template <int dim>
void Mesh<dim>::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  using dealii::Patterns::Bool;
  using dealii::Patterns::Double;
  using dealii::Patterns::Integer;
  const std::string names = axis_names<dim>;
  const std::string axes = " (m, or with a unit; " + names + ")";
  add_choice(handler, "Source", source, sources, "box: the mesh is built here; gmsh: it is read from File.");
  add_text(
      handler, "File", file,
      "The gmsh mesh (.msh, format 2.2 or 4.1, ASCII or binary) of quadrilaterals or hexahedra. Its physical groups "
      "name boundaries and zones. A relative name counts from the folder of the parameter file.");
  add_text(handler, "Scale", scale_text_,
           "The length that 1 stands for in the gmsh mesh: 1 km for a mesh in kilometres (m, or with a unit).");
  add_text(handler, "Lower corner", lower_text_, "Lower corner of the box" + axes + ".");
  add_text(handler, "Upper corner", upper_text_, "Upper corner of the box; the surface is z = 0" + axes + ".");
  add_text(handler, "Cells", cells_text_,
           "Numbers of cells of the box along " + names +
               " (1 or more). Counts with many common factors 2 make the fastest solver.");
  add_text(handler, "Grading", grading_text_,
           "Ratios of the largest to the smallest cell size along " + names +
               " (1 or more). 1: all cells have one size; above 1: sizes grow geometrically away from the region of "
               "smallest cells, see Focus lower corner.");
  add_text(handler, "Focus lower corner", focus_lower_text_,
           "Lower corner of the region of smallest cells" + axes +
               ". Used with Grading above 1. Empty: cells are smallest at the surface, in the middle of the box.");
  add_text(handler, "Focus upper corner", focus_upper_text_,
           "Upper corner of the region of smallest cells" + axes + "; see Focus lower corner.");
  add_text(handler, "Layers", layers_text_,
           "Values of z at which faces of the box's cells lie (m, or with a unit; a list, negative below the surface): "
           "where the material jumps. The cells between are stretched so that sizes change smoothly. Empty: cells are "
           "as Cells and Grading make them.");
  add_text(handler, "Zones", zone_list,
           "Names of zones of the box, for backgrounds, unknowns, fixed zones and loads. Each name opens a subsection "
           "with its Region. Meshes of gmsh have their physical groups as zones.");
  handler.add_parameter("Refinements", refinements, "How often every cell is split in half along each axis (0 to 10).",
                        Integer(0, 10));
  handler.add_parameter("Surface refinements", surface_refinements,
                        "Levels of local refinement at the surface (0 to 10).", Integer(0, 10));
  add_text(handler, "Surface distance", surface_distance_text_,
           "Depth below the surface within which cells are refined (m, or with a unit). 0: only cells at the surface.");
  handler.add_parameter("Observation refinements", observation_refinements,
                        "Levels of local refinement around observation points (0 to 10).", Integer(0, 10));
  add_text(handler, "Observation distance", observation_distance_text_,
           "Distance from observation points within which cells are refined (m, or with a unit). 0: only cells that "
           "hold a point.");
  handler.add_parameter("Source refinements", source_refinements,
                        "Levels of local refinement around point sources and dislocations (0 to 10).", Integer(0, 10));
  add_text(handler, "Source distance", source_distance_text_,
           "Distance from point sources and dislocations within which cells are refined (m, or with a unit). 0: only "
           "cells that hold a part of a source.");
  handler.add_parameter(
      "Estimate error", estimate_error,
      "Whether to estimate the discretization error of the predicted data: how far they are from those "
      "of a mesh of very small cells. It costs about as much as an eighth of the set-up.",
      Bool());
  handler.add_parameter(
      "Adapt", adapt,
      "Whether to split cells until the estimated discretization error of every data set has fallen "
      "to the Target: those that matter for the data, and no others. Parameter cells stay as they are.",
      Bool());
  handler.add_parameter("Target", target,
                        "Used with Adapt = yes: the discretization error of each data set to aim at, root mean square "
                        "in standard deviations of the data (above 0).",
                        Double(0));
  handler.add_parameter(
      "Maximum cells", maximum_cells,
      "Used with Adapt = yes: the largest number of cells that the mesh may get (1 or more). A million "
      "linear cells need about 3 GB.",
      Integer(1));
}

template <int dim>
void Mesh<dim>::Parameters::add_zone_parameters(dealii::ParameterHandler &handler)
{
  zones.clear();
  for (const auto &name : split_list(zone_list))
    zones.push_back({name, ""});
  for (Zone &zone : zones) // after the last push_back: the handler keeps references
  {
    handler.enter_subsection(zone.name);
    add_text(
        handler, "Region", zone.region,
        "A formula of x, y, z (m) and depth (m), like z > -2 km. Cells whose centre fulfils it belong to the zone, "
        "if they belong to no zone that is named before. Every cell must belong to a zone; 1 takes what is left.");
    handler.leave_subsection();
  }
}

template <int dim>
void Mesh<dim>::Parameters::validate(const std::string &deck_directory)
{
  scale = parse_quantity(scale_text_, Quantity::length, "Mesh/Scale");
  if (source == MeshSource::box)
  {
    lower = read_point<dim>(lower_text_, "Mesh/Lower corner");
    upper = read_point<dim>(upper_text_, "Mesh/Upper corner");
    cells.clear();
    for (const double count : read_axes<dim>(cells_text_, Quantity::number, "Mesh/Cells"))
    {
      if (!(count >= 1 && count <= 1e6 && count == std::floor(count)))
        throw InputError("Mesh/Cells", "found '" + cells_text_ + "'", "Give whole numbers from 1 to 1000000.");
      cells.push_back(static_cast<unsigned int>(count));
    }
    grading = read_axes<dim>(grading_text_, Quantity::number, "Mesh/Grading");
    if (is_blank(focus_lower_text_) != is_blank(focus_upper_text_))
      throw InputError(is_blank(focus_lower_text_) ? "Mesh/Focus lower corner" : "Mesh/Focus upper corner",
                       "only one corner of the focus is given", "Give both, or none.");
    if (scale != 1)
      throw InputError("Mesh/Scale", "it is given for a box",
                       "Only a mesh of gmsh is scaled: give the corners of the box with their unit, such as km.");
    layers.clear();
    for (const std::string &item : split_list(layers_text_))
      layers.push_back(parse_quantity(item, Quantity::length, "Mesh/Layers"));
    std::sort(layers.begin(), layers.end());
    has_focus = !is_blank(focus_lower_text_);
    if (has_focus)
    {
      focus_lower = read_point<dim>(focus_lower_text_, "Mesh/Focus lower corner");
      focus_upper = read_point<dim>(focus_upper_text_, "Mesh/Focus upper corner");
    }
  }
  else
  {
    file = path_from_deck(file, deck_directory);
    if (!zones.empty())
      throw InputError("Mesh/Zones", "zones are named for a mesh of gmsh",
                       "There its physical groups are the zones: leave this empty.");
    if (!is_blank(layers_text_))
      throw InputError(
          "Mesh/Layers", "it is given for a mesh of gmsh",
          "Only boxes can have their faces moved: let gmsh put faces at these depths, and leave it empty.");
  }
  surface_distance = parse_quantity(surface_distance_text_, Quantity::length, "Mesh/Surface distance");
  observation_distance = parse_quantity(observation_distance_text_, Quantity::length, "Mesh/Observation distance");
  source_distance = parse_quantity(source_distance_text_, Quantity::length, "Mesh/Source distance");
  check();
}

template <int dim>
void Mesh<dim>::Parameters::check() const
{
  if (source == MeshSource::box)
    check_box<dim>(*this);
  else if (file.empty())
    throw InputError("Mesh/File", "no file is given", "Name the .msh file that Source = gmsh reads.");
  if (!(scale > 0) || !std::isfinite(scale))
    throw InputError("Mesh/Scale", "found " + significant(scale) + " m", "Give a length above 0, such as 1 km.");
  const std::pair<const char *, double> distances[] = {{"Mesh/Surface distance", surface_distance},
                                                       {"Mesh/Observation distance", observation_distance},
                                                       {"Mesh/Source distance", source_distance}};
  if (adapt && !(target > 0))
    throw InputError("Mesh/Target", "found " + significant(target), "Give more than 0, for instance 0.2.");
  for (const auto &[where, distance] : distances)
    if (!(distance >= 0) || !std::isfinite(distance))
      throw InputError(where, "found " + significant(distance) + " m", "Give 0 or more.");
}

template struct Mesh<2>::Parameters;
template struct Mesh<3>::Parameters;

} // namespace lodestone
