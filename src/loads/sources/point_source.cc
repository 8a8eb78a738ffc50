#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/discretization/region_quadrature.h>
#include <lodestone/loads/half_space/nuclei.h>
#include <lodestone/loads/sources/point_source.h>

#include <algorithm>

namespace lodestone
{

namespace
{

/// The longest edge (m) of the largest cell that holds or touches the point, as bounding boxes decide; 0 where there is
/// none. Collective.
template <int dim>
double local_cell_size(const Mesh<dim> &mesh, const dealii::Point<dim> &point)
{
  double largest = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = CellShape<dim>(cell).bounding_box();
      bool holds = true;
      for (int d = 0; d < dim && holds; ++d)
      {
        const double slack = 1e-9 * box.side_length(d);
        holds = point[d] >= box.lower_bound(d) - slack && point[d] <= box.upper_bound(d) + slack;
      }
      if (holds)
        for (const unsigned int line : cell->line_indices())
          largest = std::max(largest, cell->line(line)->vertex(0).distance(cell->line(line)->vertex(1)));
    }
  return dealii::Utilities::MPI::max(largest, mesh.communicator());
}

} // namespace

template <int dim>
void PointSource<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SourceLoad<dim>::add_own_parameters(handler);
  position_.add_parameters(handler, "the centre");
  add_text(handler, "Volume change", volume_text_,
           std::string("Mogi's volume change; a positive one inflates (") +
               (dim == 2 ? "m^3 per m of thickness" : "m^3") +
               ", /yr where the data are rates); the moment is (lambda + 2 mu) dV.");
  add_text(handler, "Radius", radius_text_,
           "Radius of a ball (m). The cells that it touches count as those that hold the source; with Formulation = "
           "mesh the source is spread evenly over it. Empty: 2 local cell sizes, at most 0.3 of the depth. 0: a bare "
           "point, which is wrong by 10 to 50 % in a mesh.");
}

template <int dim>
void PointSource<dim>::validate_own(const LoadContext &context)
{
  centre_ = position_.read([this](const std::string &entry) { return this->where(entry); }, context);
  const double depth = -centre_[dim - 1];
  if (depth <= 0)
    throw InputError(this->where("Position"), "the source lies at the surface (depth 0)", "Give a depth below it.");
  volume_change_ =
      parse_quantity(volume_text_, dim == 2 ? Quantity::area : Quantity::volume, this->where("Volume change"));
  given_radius_ = -1;
  if (!is_blank(radius_text_))
  {
    given_radius_ = parse_quantity(radius_text_, Quantity::length, this->where("Radius"));
    if (given_radius_ < 0 || given_radius_ >= depth)
      throw InputError(this->where("Radius"),
                       "found " + radius_text_ + " for a source at a depth of " + significant(depth) + " m",
                       "The ball must lie below the surface; at most 0.3 of the depth (" + significant(0.3 * depth) +
                           " m) keeps it like a point.");
  }
}

template <int dim>
double PointSource<dim>::radius(const Mesh<dim> &mesh) const
{
  const double size = local_cell_size(mesh, centre_);
  if (size <= 0)
    throw InputError(this->where("Position"), "the source " + point_text(centre_) + " lies outside the mesh",
                     mesh_extent_text(mesh) + ": move the source or enlarge the mesh.");
  return given_radius_ >= 0 ? given_radius_ : std::min(2 * size, -0.3 * centre_[dim - 1]);
}

template <int dim>
void PointSource<dim>::mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const
{
  mark_cells_near<dim>({centre_}, radius(mesh), mesh, cells);
}

template <int dim>
void PointSource<dim>::report_in_mesh(const Mesh<dim> &mesh, Log &log) const
{
  const double r = radius(mesh), size = local_cell_size(mesh, centre_), depth = -centre_[dim - 1];
  const std::string reason = given_radius_ >= 0 ? "as given" : r < 2 * size ? "0.3 of its depth" : "2 local cell sizes";
  log.line("    spread over a ball of radius " + significant(r) + " m (" + reason + "; cells of " + significant(size) +
           " m)");
  if (r == 0)
    log.warning(this->where("Radius") + " = 0: a bare point source in a mesh is wrong by 10 to 50 %");
  else if (r > 0.3001 * depth)
    log.warning(this->where("Radius") + " is " + significant(r / depth) +
                " of the source's depth: near the surface it no longer acts like a point");
  else if (r < 0.999 * size)
    log.warning(this->where() + ": the source's ball is smaller than a cell (radius " + significant(r) + " m, cells " +
                significant(size) + " m); refine the mesh near the source for an accuracy of a few per cent");
}

template <int dim>
Potency<dim> PointSource<dim>::potency() const
{
  return {volume_change_ * dealii::unit_symmetric_tensor<dim>(), volume_change_};
}

template <int dim>
auto PointSource<dim>::half_space_sources(const std::vector<BodyModuli> &moduli, const double surface) const -> Sources
{
  dealii::Point<dim> place = centre_;
  place[dim - 1] -= surface;
  Sources sources;
  sources.push_back(std::make_unique<Nuclei<dim>>(std::vector<dealii::Point<dim>>{place},
                                                  std::vector<Potency<dim>>{potency()}, moduli[0]));
  return sources;
}

template <int dim>
void PointSource<dim>::add_to_mesh(LoadAssembler<dim> &assembler) const
{
  const Potency<dim> total = potency();
  const double r = radius(assembler.space().mesh());
  if (r > 0)
  {
    typename RegionQuadrature<dim>::Extent extent;
    extent.inside = [&](const dealii::Point<dim> &p) { return p.distance(centre_) < r; };
    extent.box = dealii::BoundingBox<dim>(std::make_pair(centre_, centre_));
    extent.box->extend(r);
    const RegionQuadrature<dim> ball(assembler.space(), extent);
    const double exact = dim == 2 ? dealii::numbers::PI * r * r : 4. / 3 * dealii::numbers::PI * r * r * r;
    // A ball much smaller than its cell can fall between the samples; then it is a point.
    const bool is_whole = ball.volume() >= 0.97 * exact;
    if (is_whole || r > 0.3 * local_cell_size(assembler.space().mesh(), centre_))
    {
      if (!is_whole)
        throw InputError(this->where(given_radius_ >= 0 ? "Radius" : "Position"),
                         "the source's ball of radius " + significant(r) + " m about " + point_text(centre_) +
                             " reaches out of the mesh",
                         given_radius_ >= 0 ? "Reduce Radius, or enlarge the mesh."
                                            : "Move the source away from the side of the mesh, or enlarge the mesh; "
                                              "Radius gives the ball another size (0: a bare point).");
      const Potency<dim> density = total * (1 / ball.volume());
      assembler.template add_region<Potency<dim>>(ball, [&](const dealii::Point<dim> &) { return density; });
      assembler.load().region_volume = 0; // the ball is no region of the user's
      return;
    }
  }
  assembler.template add_points<Potency<dim>>({centre_}, {total}, this->where("Position"));
}

template <int dim>
std::vector<typename LoadVector<dim>::Amount> PointSource<dim>::amounts() const
{
  return {{"volume change", volume_change_, dim == 2 ? "m^2" : "m^3"}};
}

template class PointSource<2>;
template class PointSource<3>;

} // namespace lodestone
