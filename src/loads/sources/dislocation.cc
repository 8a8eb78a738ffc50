#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/units.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/loads/half_space/rectangular_dislocation.h>
#include <lodestone/loads/sources/dislocation.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr double degree = dealii::numbers::PI / 180;
constexpr double points_per_cell = 4;
/// Enough for a fault of hundreds of cells in both directions; more points would add nothing to its field at the
/// surface.
constexpr double most_points = 4e6;

const Choice<RectangleReference> references = {{RectangleReference::centroid, "centroid"},
                                               {RectangleReference::top_edge, "top edge"},
                                               {RectangleReference::corner, "corner"}};

/// Calls visit(cell) for the owned cells that reach the rectangle.
template <int dim, typename Visit>
void for_cells_at(const Rectangle<dim> &rectangle, const Mesh<dim> &mesh, const Visit &visit)
{
  std::vector<dealii::Point<dim>> vertices;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      vertices.clear();
      for (const unsigned int v : cell->vertex_indices())
        vertices.push_back(cell->vertex(v));
      if (rectangle.reached_by(vertices))
        visit(cell);
    }
}

} // namespace

template <int dim>
void Dislocation<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SourceLoad<dim>::add_own_parameters(handler);
  position_.add_parameters(handler, "the point of the rectangle that Reference names");
  add_choice(
      handler, "Reference", reference_, references,
      "The point of the rectangle that Position is: the centroid, the middle of the upper edge (top edge), or the "
      "lower corner from which strike points along the lower edge (corner: the origin of Okada 1985).");
  add_text(handler, "Strike", strike_text_,
           dim == 2 ? "Strike (degrees). 0: the line dips toward +x; 180: toward -x."
                    : "Strike, clockwise from north (degrees); the rectangle dips to the right of it.");
  add_text(handler, "Dip", dip_text_, "Dip, from 0 (sill) to 90 (vertical) (degrees). Required.");
  add_text(
      handler, "Rake", rake_text_,
      "Direction in which the hanging wall slips (degrees): 0 along strike (left-lateral), 90 up-dip (thrust), -90 "
      "down-dip (normal).");
  add_text(handler, "Slip", slip_text_, "Slip in the plane (m; m/yr where the data are rates).");
  add_text(handler, "Opening", opening_text_,
           "Opening across the plane (m; m/yr where the data are rates), for dikes and sills; a negative one closes.");
  if (dim == 3)
    add_text(handler, "Length", length_text_, "Length of the rectangle along strike (m). Required.");
  add_text(handler, "Width", width_text_, "Width of the rectangle along dip (m). Required.");
}

template <int dim>
void Dislocation<dim>::validate_own(const LoadContext &context)
{
  const auto read = [&](const std::string &text, const Quantity quantity, const char *entry) {
    return parse_quantity(text, quantity, this->where(entry));
  };
  const double strike = read(strike_text_, Quantity::angle, "Strike"), dip = read(dip_text_, Quantity::angle, "Dip");
  const double length = dim == 3 ? read(length_text_, Quantity::length, "Length") : 1;
  const double width = read(width_text_, Quantity::length, "Width");
  rake_ = read(rake_text_, Quantity::angle, "Rake");
  slip_ = read(slip_text_, Quantity::length, "Slip");
  opening_ = read(opening_text_, Quantity::length, "Opening");
  if (!(dip >= 0 && dip <= 90))
    throw InputError(this->where("Dip"), "found " + dip_text_,
                     "It lies between 0 and 90 degrees; for a dip to the other side turn the strike by 180 degrees.");
  if (!(length > 0) || !(width > 0))
    throw InputError(this->where(length > 0 ? "Width" : "Length"), "found " + (length > 0 ? width_text_ : length_text_),
                     "It is positive.");
  if (slip_ == 0 && opening_ == 0)
    throw InputError(this->where("Slip"), "Slip and Opening are both 0", "Give one of them, or both.");
  if (dim == 2 && std::abs(std::sin(strike * degree)) > 1e-9)
    throw InputError(this->where("Strike"), "found " + strike_text_,
                     "In 2-D strike is 0 (dips toward +x) or 180 (toward -x).");
  if (dim == 2 && std::abs(slip_ * std::cos(rake_ * degree)) > 1e-9 * std::abs(slip_))
    throw InputError(this->where("Rake"), "found " + rake_text_, "In 2-D slip stays in the plane: rake is 90 or -90.");

  const dealii::Point<dim> reference =
      position_.read([this](const std::string &entry) { return this->where(entry); }, context);
  rectangle_ = Rectangle<dim>::at(reference, strike, dip, length, width);
  if (reference_ == RectangleReference::top_edge)
    rectangle_.centre -= 0.5 * width * rectangle_.up_dip;
  else if (reference_ == RectangleReference::corner)
    rectangle_.centre += 0.5 * width * rectangle_.up_dip + 0.5 * length * rectangle_.along_strike;
  const double top = rectangle_.centre[dim - 1] + 0.5 * width * rectangle_.up_dip[dim - 1];
  if (top > 1e-9 * width)
    throw InputError(this->where("Position"),
                     "the upper edge of the rectangle lies " + significant(top) +
                         " m above the surface (centroid at a depth of " + significant(-rectangle_.centre[dim - 1]) +
                         " m)",
                     "Place it deeper, or reduce Width or Dip; Reference says which point Position is.");
  if (rectangle_.centre[dim - 1] > -1e-9 * width)
    throw InputError(this->where("Position"), "the rectangle lies in the surface (depth 0)", "Give a depth below it.");
}

template <int dim>
std::array<unsigned int, 2> Dislocation<dim>::patches(const Mesh<dim> &mesh) const
{
  double shortest = std::numeric_limits<double>::max();
  for_cells_at(rectangle_, mesh, [&](const auto &cell) {
    for (const unsigned int line : cell->line_indices())
      shortest = std::min(shortest, cell->line(line)->vertex(0).distance(cell->line(line)->vertex(1)));
  });
  shortest = dealii::Utilities::MPI::min(shortest, mesh.communicator());
  if (shortest == std::numeric_limits<double>::max())
    throw InputError(this->where("Position"),
                     "the rectangle about " + point_text(rectangle_.centre) + " lies outside the mesh",
                     mesh_extent_text(mesh) + ".");
  double n_length = dim == 3 ? points_per_cell * rectangle_.length / shortest : 1;
  double n_width = points_per_cell * rectangle_.width / shortest;
  const double excess = std::sqrt(std::max(1., n_length * n_width / most_points));
  n_length = dim == 3 ? std::max(2., std::ceil(n_length / excess)) : 1;
  return {{unsigned(n_length), unsigned(std::max(2., std::ceil(n_width / excess)))}};
}

template <int dim>
std::vector<dealii::Point<dim>> Dislocation<dim>::source_points(const double spacing) const
{
  const auto count = [&](const double extent) { return unsigned(std::clamp(std::ceil(extent / spacing), 1., 64.)); };
  return rectangle_.patch_centres(dim == 3 ? count(rectangle_.length) : 1, count(rectangle_.width));
}

template <int dim>
void Dislocation<dim>::mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const
{
  for_cells_at(rectangle_, mesh, [&](const auto &cell) { cells(cell->global_active_cell_index()) = 1; });
}

template <int dim>
void Dislocation<dim>::report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const
{
  const auto depth = [&](const double up) { // 0 is not -1e-13
    const double z = rectangle_.centre[dim - 1] + up * rectangle_.width * rectangle_.up_dip[dim - 1];
    return significant(std::abs(z) < 1e-9 * rectangle_.width ? 0 : -z);
  };
  log.line("    rectangle of " + (dim == 3 ? significant(rectangle_.length) + " x " : std::string()) +
           significant(rectangle_.width) + " m about " + point_text(rectangle_.centre) + ", depth " + depth(0.5) +
           " to " + depth(-0.5) + " m");
  SourceLoad<dim>::report(mesh, load, log);
}

template <int dim>
void Dislocation<dim>::report_in_mesh(const Mesh<dim> &mesh, Log &log) const
{
  const auto n = patches(mesh);
  log.line("    at " + (dim == 3 ? std::to_string(n[0]) + " x " : std::string()) + std::to_string(n[1]) + " points");
}

template <int dim>
std::vector<dealii::Point<dim>> Dislocation<dim>::potency_points() const
{
  constexpr unsigned int n = 32; // enough for the share of each layer to a few per cent
  return rectangle_.patch_centres(dim == 3 ? n : 1, n);
}

template <int dim>
std::vector<Potency<dim>> Dislocation<dim>::potencies() const
{
  const std::size_t n = potency_points().size();
  return std::vector<Potency<dim>>(n, rectangle_.potency_density(rectangle_.jump(slip_, rake_, opening_)) *
                                          (rectangle_.length * rectangle_.width / n));
}

template <int dim>
std::vector<dealii::Point<dim>> Dislocation<dim>::outline() const
{
  // A corner that the input puts on the surface must not lie above it by rounding.
  constexpr double inside = 1 - 1e-12;
  std::vector<dealii::Point<dim>> corners;
  for (const double along : dim == 3 ? std::vector<double>{-0.5, 0.5} : std::vector<double>{0.})
    for (const double up : {-0.5, 0.5})
      corners.push_back(rectangle_.centre + inside * (along * rectangle_.length * rectangle_.along_strike +
                                                      up * rectangle_.width * rectangle_.up_dip));
  return corners;
}

template <int dim>
auto Dislocation<dim>::half_space_sources(const std::vector<BodyModuli> &moduli, const double surface) const -> Sources
{
  Rectangle<dim> rectangle = rectangle_;
  rectangle.centre[dim - 1] -= surface;
  Sources sources;
  sources.push_back(
      std::make_unique<RectangularDislocation<dim>>(rectangle, rectangle.jump(slip_, rake_, opening_), moduli[0]));
  return sources;
}

template <int dim>
void Dislocation<dim>::add_to_mesh(LoadAssembler<dim> &assembler) const
{
  const auto n = patches(assembler.space().mesh());
  const std::vector<dealii::Point<dim>> points = rectangle_.patch_centres(n[0], n[1]);
  const Potency<dim> potency = rectangle_.potency_density(rectangle_.jump(slip_, rake_, opening_)) *
                               (rectangle_.length * rectangle_.width / points.size());
  assembler.template add_points<Potency<dim>>(points, std::vector<Potency<dim>>(points.size(), potency),
                                              this->where("Position"));
}

template <int dim>
std::vector<typename LoadVector<dim>::Amount> Dislocation<dim>::amounts() const
{
  const double area = rectangle_.length * rectangle_.width;
  const std::string unit = dim == 2 ? "m^2" : "m^3";
  std::vector<typename LoadVector<dim>::Amount> result;
  if (slip_ != 0)
  {
    result.push_back({"slip", slip_, "m"});
    result.push_back({"potency", slip_ * area, unit});
  }
  if (opening_ != 0)
  {
    result.push_back({"opening", opening_, "m"});
    result.push_back({"volume change", opening_ * area, unit});
  }
  return result;
}

template class Dislocation<2>;
template class Dislocation<3>;

} // namespace lodestone
