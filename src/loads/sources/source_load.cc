#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/loads/source_load.h>

#include <cmath>

namespace lodestone
{

namespace
{

dealii::Patterns::Anything anything()
{
  return {};
}

/// Marks the owned cells whose bounding boxes come within `distance` of the point.
template <int dim>
void mark_near(const Mesh<dim> &mesh, const dealii::Point<dim> &point, const double distance, CellField &cells)
{
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = CellShape<dim>(cell).bounding_box();
      dealii::Tensor<1, dim> gap;
      for (int d = 0; d < dim; ++d)
        gap[d] = std::max({0., box.lower_bound(d) - point[d], point[d] - box.upper_bound(d)});
      if (gap.norm() <= distance + 1e-9 * cell->diameter())
        cells(cell->global_active_cell_index()) = 1;
    }
}

} // namespace

template <int dim>
void PointForce<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  position_.add_parameters(handler, "the force");
  handler.add_parameter("Force", force_text_, dim == 2 ? "fx, fz (N per m of thickness)." : "fx, fy, fz (N).",
                        anything());
}

template <int dim>
void PointForce<dim>::validate_own(const LoadContext &context)
{
  point_ = position_.read(*this, context);
  const auto components =
      read_values<dim>(force_text_, dim, dim == 2 ? "fx, fz" : "fx, fy, fz", Quantity::force, this->where("Force"));
  force_ = vector_at<dim>(components, point_);
}

template <int dim>
void PointForce<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  assembler.template add_points<dealii::Tensor<1, dim>>({point_}, {force_}, this->where("Position"));
}

template <int dim>
void SourceLoad<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter(
      "Hold stiffness near source", hold_stiffness_,
      "Keep the background stiffness in the cells that hold the source and in one ring of cells around: it can "
      "hardly be told from the source's strength.",
      dealii::Patterns::Selection("yes|no|true|false"));
}

template <int dim>
void PointSource<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SourceLoad<dim>::add_own_parameters(handler);
  position_.add_parameters(handler, "the centre");
  handler.add_parameter("Volume change", volume_text_,
                        std::string("Mogi's volume change, positive inflates (") +
                            (dim == 2 ? "m^3 per m of thickness" : "m^3") +
                            ", /yr where the data are rates); the moment is (lambda + 2 mu) dV.",
                        anything());
  handler.add_parameter(
      "Radius", radius_text_,
      "Of the ball over which the source is spread evenly (m). Empty: 2 local cell sizes, at most 0.3 of the "
      "depth. 0: a bare point, wrong by 10 to 50 % in a mesh.",
      anything());
}

template <int dim>
void PointSource<dim>::validate_own(const LoadContext &context)
{
  centre_ = position_.read(*this, context);
  const double depth = -centre_[dim - 1];
  if (depth <= 0)
    throw InputError(this->where("Position"), "the source lies at the surface (depth 0)", "Give a depth below it.");
  volume_change_ =
      parse_quantity(volume_text_, dim == 2 ? Quantity::number : Quantity::volume, this->where("Volume change"));
  given_radius_ = -1;
  if (!trimmed(radius_text_).empty())
  {
    given_radius_ = parse_quantity(radius_text_, Quantity::length, this->where("Radius"));
    if (given_radius_ < 0 || given_radius_ >= depth)
      throw InputError(this->where("Radius"),
                       "found " + radius_text_ + " for a source at a depth of " + number_text(depth) + " m",
                       "The ball must lie below the surface; at most 0.3 of the depth (" + number_text(0.3 * depth) +
                           " m) keeps it like a point.");
  }
}

template <int dim>
double PointSource<dim>::radius(const Mesh<dim> &mesh) const
{
  const double size = local_cell_size(mesh, centre_);
  if (size <= 0)
    throw InputError(this->where("Position"), "the source " + point_text<dim>(centre_) + " lies outside the mesh",
                     "The mesh spans " + point_text<dim>(mesh.lower()) + " to " + point_text<dim>(mesh.upper()) +
                         ": move the source or enlarge the mesh.");
  return given_radius_ >= 0 ? given_radius_ : std::min(2 * size, -0.3 * centre_[dim - 1]);
}

template <int dim>
void PointSource<dim>::mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const
{
  mark_near(mesh, centre_, radius(mesh), cells);
}

template <int dim>
void PointSource<dim>::report(const Mesh<dim> &mesh, Log &log) const
{
  const double r = radius(mesh), size = local_cell_size(mesh, centre_), depth = -centre_[dim - 1];
  const std::string reason = given_radius_ >= 0 ? "as given" : r < 2 * size ? "0.3 of its depth" : "2 local cell sizes";
  log.line("    spread over a ball of radius " + number_text(r) + " m (" + reason + "; cells of " + number_text(size) +
           " m)");
  if (r == 0)
    log.warning(this->where("Radius") + " = 0: a bare point source in a mesh is wrong by 10 to 50 %");
  else if (r > 0.3001 * depth)
    log.warning(this->where("Radius") + " is " + number_text(r / depth) +
                " of the source's depth: near the surface it no longer acts like a point");
  else if (r < 0.999 * size)
    log.warning(this->where() + ": the source's ball is smaller than a cell (radius " + number_text(r) + " m, cells " +
                number_text(size) + " m); refine the mesh near the source for an accuracy of a few per cent");
}

template <int dim>
void PointSource<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  const Potency<dim> total = {volume_change_ * dealii::unit_symmetric_tensor<dim>(), volume_change_};
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
    if (ball.volume() > 0.5 * exact || r > 0.3 * local_cell_size(assembler.space().mesh(), centre_))
    {
      if (ball.volume() < 0.97 * exact)
        throw InputError(this->where("Radius"),
                         "the source's ball of radius " + number_text(r) + " m about " + point_text<dim>(centre_) +
                             " reaches out of the mesh",
                         "Reduce Radius, or enlarge the mesh.");
      const Potency<dim> density = total * (1 / ball.volume());
      assembler.template add_region<Potency<dim>>(ball, [&](const dealii::Point<dim> &) { return density; });
      assembler.load().region_volume = 0; // the ball is ours, not a region of the user's
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

template <int dim>
std::vector<typename LoadVector<dim>::Amount> PotencyPoints<dim>::amounts() const
{
  // Scalar potency as of a fault with slip D on an area A, P = D A (b n + n b)/2: sqrt(2) |P| = D A, for the deviator.
  Potency<dim> total;
  for (const auto &potency : potencies_)
  {
    total.strain += potency.strain;
    total.dilatation += potency.dilatation;
  }
  const double volume = total.dilatation, out_of_plane = volume - trace(total.strain); // in 3-D zero
  const double square = total.strain * total.strain + out_of_plane * out_of_plane - volume * volume / 3;
  const double shear = std::sqrt(2 * std::max(square, 0.));
  const std::string unit = dim == 2 ? "m^2" : "m^3";
  std::vector<typename LoadVector<dim>::Amount> result;
  if (shear > 1e-7 * std::abs(volume))
    result.push_back({"potency", shear, unit});
  if (std::abs(volume) > 1e-7 * shear)
    result.push_back({"volume change", volume, unit});
  return result;
}

template <int dim>
typename Load<dim>::Nothing PotencyPoints<dim>::describe_nothing(const Mesh<dim> &) const
{
  return {"File", "every potency in " + file_ + " is 0: the load has no effect",
          "Correct the columns of potencies, or leave the load out of Loads."};
}

template <int dim>
void PotencyPoints<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SourceLoad<dim>::add_own_parameters(handler);
  handler.add_parameter(
      "File", file_,
      std::string("CSV of points: ") + (dim == 2 ? "x,z or x,depth" : "x,y,z or x,y,depth or lon,lat,depth") +
          " (m, degrees) and the potency (" + (dim == 2 ? "m^2): pxx,pzz,pxz." : "m^3): pxx,pyy,pzz,pyz,pxz,pxy."),
      anything());
}

template <int dim>
void PotencyPoints<dim>::validate_own(const LoadContext &context)
{
  if (trimmed(file_).empty())
    throw InputError(this->where("File"), "no file is given", "Name a CSV file of potency points.");
  const CsvTable csv(resolved_file(file_, context), context.comm);
  if (csv.size() == 0)
    throw InputError(csv.file(), "the file holds no points");
  const bool geographic = dim == 3 && csv.has("lon");
  if (geographic && context.projection == nullptr)
    throw InputError(csv.file(), "the points are in longitude and latitude, but the model has no geographic origin",
                     "Set Geographic origin = longitude, latitude (degrees), or write the points in x, y.");
  const bool by_depth = csv.has("depth");
  const auto value = [&](const std::size_t row, const std::string &name) {
    const unsigned int column = csv.column(name);
    return csv.finite_number(row, column) * unit_factor(csv.units[column], csv.file());
  };
  for (unsigned int column = 0; column < csv.columns.size(); ++column)
    if (csv.columns[column].rfind("p", 0) == 0)
      check_rate(csv, column, context.rates);
  points_.clear();
  potencies_.clear();
  for (std::size_t row = 0; row < csv.size(); ++row)
  {
    dealii::Point<dim> p;
    p[0] = value(row, geographic ? "lon" : "x");
    if (dim == 3)
      p[1] = value(row, geographic ? "lat" : "y");
    if constexpr (dim == 3)
      if (geographic)
      {
        const dealii::Point<2> xy = context.projection->to_model(p[0], p[1]);
        p[0] = xy[0];
        p[1] = xy[1];
      }
    p[dim - 1] = by_depth ? -value(row, "depth") : value(row, "z");
    if (p[dim - 1] > 0)
      throw InputError(csv.where(row), "the point lies above the surface (z = " + number_text(p[dim - 1]) + " m)",
                       "z is positive upward and 0 at the surface, depth positive downward.");
    dealii::SymmetricTensor<2, dim> strain;
    if constexpr (dim == 2)
    {
      strain[0][0] = value(row, "pxx"), strain[1][1] = value(row, "pzz"), strain[0][1] = value(row, "pxz");
    }
    else
    {
      strain[0][0] = value(row, "pxx"), strain[1][1] = value(row, "pyy"), strain[2][2] = value(row, "pzz");
      strain[1][2] = value(row, "pyz"), strain[0][2] = value(row, "pxz"), strain[0][1] = value(row, "pxy");
    }
    points_.push_back(p);
    potencies_.push_back({strain, dealii::trace(strain)});
  }
}

template <int dim>
void PotencyPoints<dim>::mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const
{
  for (const auto &p : points_)
    mark_near(mesh, p, 0., cells);
}

template <int dim>
void PotencyPoints<dim>::report(const Mesh<dim> &, Log &log) const
{
  log.line("    " + std::to_string(points_.size()) + " points from " + file_);
}

template <int dim>
void PotencyPoints<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  assembler.template add_points<Potency<dim>>(points_, potencies_, this->where("File"));
}

template class PointForce<2>;
template class PointForce<3>;
template class SourceLoad<2>;
template class SourceLoad<3>;
template class PointSource<2>;
template class PointSource<3>;
template class PotencyPoints<2>;
template class PotencyPoints<3>;

} // namespace lodestone
