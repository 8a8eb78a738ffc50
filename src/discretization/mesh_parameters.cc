#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/mesh.h>

#include <cmath>
#include <sstream>

namespace lodestone
{

namespace
{

template <int dim>
constexpr const char *axis_names = dim == 2 ? "x, z" : "x, y, z";

/// One value per axis.
template <int dim>
std::vector<double> read_axes(const std::string &text, Quantity quantity, const std::string &where)
{
  const std::vector<std::string> items = split_list(text);
  if (items.size() != dim)
    throw InputError(where, "\"" + text + "\" has " + std::to_string(items.size()) + " values",
                     "give " + std::to_string(dim) + ", one for each of " + axis_names<dim>);
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

bool is_blank(const std::string &text)
{
  return text.find_first_not_of(" \t") == std::string::npos;
}

std::string number_text(double value)
{
  std::ostringstream out;
  out << value;
  return out.str();
}

template <int dim>
void check_box(const typename Mesh<dim>::Parameters &p)
{
  const std::string axes = dim == 2 ? "xz" : "xyz";
  if (p.cells.size() != dim)
    throw InputError("Mesh/Cells", std::to_string(p.cells.size()) + " counts",
                     "give " + std::to_string(dim) + ", one for each of " + axis_names<dim>);
  if (p.grading.size() != dim)
    throw InputError("Mesh/Grading", std::to_string(p.grading.size()) + " ratios",
                     "give " + std::to_string(dim) + ", one for each of " + axis_names<dim>);
  for (unsigned int d = 0; d < dim; ++d)
  {
    const std::string axis(1, axes[d]);
    if (!(p.lower[d] < p.upper[d]) || !std::isfinite(p.upper[d] - p.lower[d]))
      throw InputError("Mesh/Upper corner",
                       "the box reaches from " + number_text(p.lower[d]) + " m to " + number_text(p.upper[d]) +
                           " m in " + axis,
                       "each value must be above that of Mesh/Lower corner");
    if (p.cells[d] < 1)
      throw InputError("Mesh/Cells", "0 cells in " + axis, "give at least 1");
    if (!(p.grading[d] >= 1) || !std::isfinite(p.grading[d]))
      throw InputError("Mesh/Grading", number_text(p.grading[d]) + " in " + axis,
                       "the ratio of the largest to the smallest cell size is 1 (uniform) or more");
    if (p.has_focus &&
        !(p.lower[d] <= p.focus_lower[d] && p.focus_lower[d] <= p.focus_upper[d] && p.focus_upper[d] <= p.upper[d]))
      throw InputError("Mesh/Focus lower corner",
                       "the focus reaches from " + number_text(p.focus_lower[d]) + " m to " +
                           number_text(p.focus_upper[d]) + " m in " + axis,
                       "it must lie inside the box, " + number_text(p.lower[d]) + " m to " + number_text(p.upper[d]) +
                           " m, with its lower corner below its upper one");
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
  using namespace dealii::Patterns;
  const std::string axes = std::string(" (m, or with a unit; ") + axis_names<dim> + ")";
  handler.add_parameter("Source", source, "box: built here; gmsh: read from `File`.", Selection("box|gmsh"));
  handler.add_parameter(
      "File", file,
      "gmsh mesh (.msh, format 2.2 or 4.1, ASCII) of quadrilaterals or hexahedra, in metres. Its physical "
      "groups name boundaries and zones. Relative to the parameter file.",
      Anything());
  handler.add_parameter("Lower corner", lower_text_, "Lower corner of the box" + axes + ".", Anything());
  handler.add_parameter("Upper corner", upper_text_, "Upper corner of the box; the surface is z = 0" + axes + ".",
                        Anything());
  handler.add_parameter("Cells", cells_text_,
                        std::string("Number of cells of the box along ") + axis_names<dim> +
                            " (1 or more). Counts with many common factors 2 make the fastest solver.",
                        Anything());
  handler.add_parameter("Grading", grading_text_,
                        std::string("Largest over smallest cell size along ") + axis_names<dim> +
                            " (1 or more; 1: all the same). Sizes grow geometrically away from the focus.",
                        Anything());
  handler.add_parameter("Focus lower corner", focus_lower_text_,
                        "Lower corner of the part of the box with the smallest cells" + axes +
                            ". Empty: the surface in z, the middle of the box otherwise.",
                        Anything());
  handler.add_parameter("Focus upper corner", focus_upper_text_, "Upper corner of that part" + axes + ".", Anything());
  handler.add_parameter("Refinements", refinements, "How often every cell is split in half along each axis (0 to 10).",
                        Integer(0, 10));
  const std::string distance = " (m, or with a unit). 0: the cells that touch.";
  handler.add_parameter("Surface refinements", surface_refinements,
                        "Levels of local refinement at the surface (0 to 10).", Integer(0, 10));
  handler.add_parameter("Surface distance", surface_distance_text_, "Depth down to which they reach" + distance,
                        Anything());
  handler.add_parameter("Observation refinements", observation_refinements,
                        "Levels of local refinement around observation points (0 to 10).", Integer(0, 10));
  handler.add_parameter("Observation distance", observation_distance_text_,
                        "Distance up to which they reach" + distance, Anything());
  handler.add_parameter("Source refinements", source_refinements,
                        "Levels of local refinement around point sources and dislocations (0 to 10).", Integer(0, 10));
  handler.add_parameter("Source distance", source_distance_text_, "Distance up to which they reach" + distance,
                        Anything());
}

template <int dim>
void Mesh<dim>::Parameters::validate(const std::string &deck_directory)
{
  if (source == "box")
  {
    lower = read_point<dim>(lower_text_, "Mesh/Lower corner");
    upper = read_point<dim>(upper_text_, "Mesh/Upper corner");
    cells.clear();
    for (const double count : read_axes<dim>(cells_text_, Quantity::number, "Mesh/Cells"))
    {
      if (!(count >= 1 && count <= 1e6 && count == std::floor(count)))
        throw InputError("Mesh/Cells", "\"" + cells_text_ + "\"", "give whole numbers from 1 to 1000000");
      cells.push_back(static_cast<unsigned int>(count));
    }
    grading = read_axes<dim>(grading_text_, Quantity::number, "Mesh/Grading");
    if (is_blank(focus_lower_text_) != is_blank(focus_upper_text_))
      throw InputError(is_blank(focus_lower_text_) ? "Mesh/Focus lower corner" : "Mesh/Focus upper corner",
                       "only one corner of the focus is given", "give both, or none");
    has_focus = !is_blank(focus_lower_text_);
    if (has_focus)
    {
      focus_lower = read_point<dim>(focus_lower_text_, "Mesh/Focus lower corner");
      focus_upper = read_point<dim>(focus_upper_text_, "Mesh/Focus upper corner");
    }
  }
  else if (!file.empty() && file[0] != '/' && !deck_directory.empty())
    file = deck_directory + "/" + file;
  surface_distance = parse_quantity(surface_distance_text_, Quantity::length, "Mesh/Surface distance");
  observation_distance = parse_quantity(observation_distance_text_, Quantity::length, "Mesh/Observation distance");
  source_distance = parse_quantity(source_distance_text_, Quantity::length, "Mesh/Source distance");
  check();
}

template <int dim>
void Mesh<dim>::Parameters::check() const
{
  if (source == "box")
    check_box<dim>(*this);
  else if (source != "gmsh")
    throw InputError("Mesh/Source", "\"" + source + "\"", "known: box, gmsh");
  else if (file.empty())
    throw InputError("Mesh/File", "no file is given", "name the .msh file that Source = gmsh reads");
  const std::pair<const char *, double> distances[] = {{"Mesh/Surface distance", surface_distance},
                                                       {"Mesh/Observation distance", observation_distance},
                                                       {"Mesh/Source distance", source_distance}};
  for (const auto &[where, distance] : distances)
    if (!(distance >= 0) || !std::isfinite(distance))
      throw InputError(where, number_text(distance) + " m", "give 0 or more");
}

template struct Mesh<2>::Parameters;
template struct Mesh<3>::Parameters;

} // namespace lodestone
