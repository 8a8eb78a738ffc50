#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/loads/rates.h>
#include <lodestone/loads/surface_table.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

/// The smallest distance between different coordinates of a column.
double smallest_spacing(const CsvTable &csv, const unsigned int column)
{
  std::vector<double> x;
  for (std::size_t row = 0; row < csv.size(); ++row)
    x.push_back(csv.finite_number(row, column));
  std::sort(x.begin(), x.end());
  double spacing = std::numeric_limits<double>::max();
  for (std::size_t i = 1; i < x.size(); ++i)
    if (x[i] - x[i - 1] > 1e-7 * (x.back() - x.front()))
      spacing = std::min(spacing, x[i] - x[i - 1]);
  return spacing;
}

constexpr unsigned int most_divisions = 16;

using Extent = std::array<std::array<double, 2>, 2>; // the lowest and the highest coordinate, in each direction

/// "longitude -117 to -116 and latitude 32 to 33 (degrees)", "x -5000 to 5000 (m)".
std::string extent_text(const Extent &extent, const bool geographic, const bool profile)
{
  const char *const names[2][2] = {{"x", "y"}, {"longitude", "latitude"}};
  std::string text;
  for (unsigned int d = 0; d < (profile ? 1u : 2u); ++d)
    text += std::string(d > 0 ? " and " : "") + names[geographic][d] + " " + significant(extent[d][0]) + " to " +
            significant(extent[d][1]);
  return text + (geographic ? " (degrees)" : " (m)");
}

} // namespace

template <int dim>
void SurfaceTable<dim>::read_table(const LoadContext &context, const unsigned int n_values, const Quantity quantity,
                                   const std::string &advice)
{
  if (is_blank(file_))
    throw InputError(this->where("File"), "no file is given", "Name a CSV file with values on a grid.");
  CsvTable csv(context.path_of(file_), context.comm);
  if (csv.has("lon") && csv.has("lat") && context.projection != nullptr)
  {
    check_not_exchanged(csv, csv.column("lon"), csv.column("lat"), *context.projection);
    centre_ = fold_longitude_grid(csv, context.projection->origin_longitude());
  }
  auto table = std::make_shared<const GridTable>(csv, OutsideGrid::zero, n_values, quantity, advice);
  for (unsigned int column = csv.columns.size() - n_values; column < csv.columns.size(); ++column)
    check_rate(csv, column, context.rates);
  if (dim == 2 && !table->is_profile())
    throw InputError(csv.file(), "a grid in two coordinates is given for a two-dimensional model",
                     "Give x and the value" + std::string(n_values > 1 ? "s." : "."));
  const std::array<std::string, 2> &names = table->coordinate_names();
  const bool geographic = names[0] == "lon" && names[1] == "lat";
  if (!geographic && !(names[0] == "x" && (names[1] == "y" || table->is_profile())))
    throw InputError(csv.file(),
                     "the coordinates are \"" + names[0] + "\"" +
                         (table->is_profile() ? "" : " and \"" + names[1] + "\""),
                     "The first columns are x,y (m), lon,lat (degrees), or x alone for a profile.");
  if (geographic)
    projection_ = &context.need_projection(csv.file(), "the table is", "write the table in x, y");
  for (unsigned int direction = 0; direction < 2; ++direction)
    spacing_[direction] = direction == 1 && table->is_profile()
                              ? std::numeric_limits<double>::max()
                              : smallest_spacing(csv, direction) * column_factor(csv, direction);
  table_ = table;
}

template <int dim>
std::array<double, 2> SurfaceTable<dim>::table_coordinates(const dealii::Point<dim> &p) const
{
  if constexpr (dim == 2)
    return {{p[0], 0.}};
  else
  {
    if (projection_ == nullptr)
      return {{p[0], p[1]}};
    const dealii::Point<2> geographic = projection_->to_geographic(dealii::Point<2>(p[0], p[1]));
    return {{longitude_near(geographic[0], centre_), geographic[1]}};
  }
}

template <int dim>
typename Load<dim>::Nothing SurfaceTable<dim>::describe_nothing(const Mesh<dim> &mesh) const
{
  const double infinity = std::numeric_limits<double>::infinity();
  Extent faces = {{{{infinity, -infinity}}, {{infinity, -infinity}}}};
  const auto ids = this->boundary_ids(mesh);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->at_boundary())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary() && ids.count(cell->face(f)->boundary_id()) > 0)
          for (const unsigned int v : cell->face(f)->vertex_indices())
          {
            const std::array<double, 2> c = table_coordinates(cell->face(f)->vertex(v));
            for (unsigned int d = 0; d < 2; ++d)
              faces[d] = {{std::min(faces[d][0], c[d]), std::max(faces[d][1], c[d])}};
          }
  const Extent grid = table_->extent();
  bool apart = false;
  for (unsigned int d = 0; d < 2; ++d)
  {
    faces[d] = {{dealii::Utilities::MPI::min(faces[d][0], mesh.communicator()),
                 dealii::Utilities::MPI::max(faces[d][1], mesh.communicator())}};
    apart = apart || faces[d][1] < grid[d][0] || faces[d][0] > grid[d][1];
  }
  const bool geographic = projection_ != nullptr, profile = table_->is_profile();
  const std::string boundary = "the boundary " + this->boundary_text();
  return {"File",
          "the table " + file_ + (apart ? " does not reach " : " is zero on all of ") + boundary + ": its grid holds " +
              extent_text(grid, geographic, profile) + ", " + boundary + " " +
              extent_text(faces, geographic, profile || dim == 2),
          "Correct the coordinates or the values of the table, or" +
              std::string(geographic ? " Geographic origin, or" : "") +
              " name another Boundary; leave out of Loads what is not to act."};
}

template <int dim>
unsigned int SurfaceTable<dim>::divisions(const std::vector<dealii::Point<dim>> &corners) const
{
  std::array<double, 2> lower = table_coordinates(corners[0]), upper = lower;
  bool some_inside = false, some_outside = false;
  for (const auto &corner : corners)
  {
    const std::array<double, 2> c = table_coordinates(corner);
    (table_->inside(c[0], c[1]) ? some_inside : some_outside) = true;
    for (unsigned int k = 0; k < 2; ++k)
    {
      lower[k] = std::min(lower[k], c[k]);
      upper[k] = std::max(upper[k], c[k]);
    }
  }
  if (some_inside && some_outside) // the load may end within the face
    return most_divisions;
  double wanted = 1;
  for (unsigned int k = 0; k < 2; ++k)
    wanted = std::max(wanted, std::ceil((upper[k] - lower[k]) / spacing_[k] * (1 - 1e-9)));
  return std::min<double>(wanted, most_divisions);
}

template <int dim>
void PressureTable<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SurfaceLoad<dim>::add_own_parameters(handler);
  add_text(handler, "File", this->file_,
           "CSV of a grid: x,y,value or lon,lat,value (in 2-D x,value); bilinear between the nodes, zero off the "
           "grid. The value is a pressure (Pa, or the unit in brackets behind its name); a positive one pushes into "
           "the body.");
  add_text(handler, "Density", density_text_,
           "Where the table gives heights (m) of water, snow or ice: its density (kg/m^3). Empty: the table gives "
           "pressures.");
  add_text(handler, "Gravity", gravity_text_, "Gravity (m/s^2), which makes pressures of heights.");
}

template <int dim>
void PressureTable<dim>::validate_own(const LoadContext &context)
{
  SurfaceLoad<dim>::validate_own(context);
  factor_ = 1;
  if (is_blank(density_text_))
  {
    this->read_table(context, 1, Quantity::pressure,
                     "Where the values are heights of water, snow or ice, give Density.");
    return;
  }
  const double density = parse_quantity(density_text_, Quantity::density, this->where("Density"));
  if (!(density > 0))
    throw InputError(this->where("Density"), "'" + density_text_ + "' was read as " + significant(density) + " kg/m^3",
                     "A density is positive; heights that were lost are negative.");
  factor_ = density * parse_quantity(gravity_text_, Quantity::number, this->where("Gravity"));
  this->read_table(context, 1, Quantity::length, "Where the values are pressures, leave out Density.");
}

template <int dim>
dealii::Tensor<1, dim> PressureTable<dim>::traction(const dealii::Point<dim> &p,
                                                    const dealii::Tensor<1, dim> &normal) const
{
  const auto [a, b] = this->table_coordinates(p);
  return -factor_ * this->table_->value(a, b) * normal;
}

template <int dim>
void TractionTable<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SurfaceLoad<dim>::add_own_parameters(handler);
  const std::string names = dim == 2 ? "tx,tz" : "tx,ty,tz";
  add_text(handler, "File", this->file_,
           "CSV of a grid: " + (dim == 2 ? "x," + names : "x,y," + names + " or lon,lat," + names) +
               "; bilinear between the nodes, zero off the grid. Force per area (Pa, or the unit in brackets behind "
               "each name) along the model's axes: x east, y north, z up.");
}

template <int dim>
void TractionTable<dim>::validate_own(const LoadContext &context)
{
  SurfaceLoad<dim>::validate_own(context);
  this->read_table(context, dim, Quantity::pressure);
  const char *const names[] = {"tx", dim == 2 ? "tz" : "ty", "tz"};
  for (unsigned int d = 0; d < dim; ++d)
    if (this->table_->value_name(d) != names[d])
      throw InputError(this->where("File"),
                       "the column of values number " + std::to_string(d + 1) + " is \"" + this->table_->value_name(d) +
                           "\"",
                       std::string("Name the components of the traction ") + (dim == 2 ? "tx,tz" : "tx,ty,tz") +
                           ", in this order, after the coordinates.");
}

template <int dim>
dealii::Tensor<1, dim> TractionTable<dim>::traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &) const
{
  const auto [a, b] = this->table_coordinates(p);
  dealii::Tensor<1, dim> t;
  for (unsigned int d = 0; d < dim; ++d)
    t[d] = this->table_->value(a, b, d);
  return t;
}

template class SurfaceTable<2>;
template class SurfaceTable<3>;
template class PressureTable<2>;
template class PressureTable<3>;
template class TractionTable<2>;
template class TractionTable<3>;

} // namespace lodestone
