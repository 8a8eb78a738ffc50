#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/forward/surface_load.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

/// Smallest distance between different coordinates of a column.
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

} // namespace

template <int dim>
void PressureTable<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  SurfaceLoad<dim>::add_own_parameters(handler);
  handler.add_parameter(
      "File", file_,
      "CSV of a grid: x,y,value or lon,lat,value (in 2-D x,value); bilinear between the nodes, zero off the "
      "grid. The value is a pressure (Pa, or the unit in brackets behind its name), positive into the body.",
      dealii::Patterns::Anything());
  handler.add_parameter(
      "Density", density_text_,
      "When the table gives heights (m) of water, snow or ice: its density (kg/m^3). Empty: pressures.",
      dealii::Patterns::Anything());
  handler.add_parameter("Gravity", gravity_text_, "Gravity that turns heights into pressures (m/s^2).",
                        dealii::Patterns::Anything());
}

template <int dim>
void PressureTable<dim>::validate_own(const LoadContext &context)
{
  SurfaceLoad<dim>::validate_own(context);
  if (trimmed(file_).empty())
    throw InputError(this->where("File"), "no file is given", "Name a CSV file with a grid of pressures or heights.");
  factor_ = 1;
  if (!trimmed(density_text_).empty())
    factor_ = parse_quantity(density_text_, Quantity::density, this->where("Density")) *
              parse_quantity(gravity_text_, Quantity::number, this->where("Gravity"));

  const CsvTable csv(resolved_file(file_, context), context.comm);
  auto table = std::make_shared<const GridTable>(csv, OutsideGrid::zero);
  if (dim == 2 && !table->is_profile())
    throw InputError(csv.file(), "a grid in two coordinates is given for a two-dimensional model",
                     "Give columns x,value.");
  if (table->coordinate_names()[0] == "lon")
  {
    if (context.projection == nullptr)
      throw InputError(csv.file(), "the table is in longitude and latitude, but the model has no geographic origin",
                       "Set the origin of the model, or write the table in x, y.");
    projection_ = context.projection;
  }
  for (unsigned int direction = 0; direction < 2; ++direction)
    spacing_[direction] = direction == 1 && table->is_profile()
                              ? std::numeric_limits<double>::max()
                              : smallest_spacing(csv, direction) *
                                    unit_factor(projection_ == nullptr ? csv.units[direction] : "", csv.file());
  table_ = table;
}

template <int dim>
std::array<double, 2> PressureTable<dim>::table_coordinates(const dealii::Point<dim> &p) const
{
  if constexpr (dim == 2)
    return {{p[0], 0.}};
  else
  {
    if (projection_ == nullptr)
      return {{p[0], p[1]}};
    const dealii::Point<2> geographic = projection_->to_geographic(dealii::Point<2>(p[0], p[1]));
    return {{geographic[0], geographic[1]}};
  }
}

template <int dim>
dealii::Tensor<1, dim> PressureTable<dim>::traction(const dealii::Point<dim> &p,
                                                    const dealii::Tensor<1, dim> &normal) const
{
  const auto [a, b] = table_coordinates(p);
  return -factor_ * table_->value(a, b) * normal;
}

template <int dim>
unsigned int PressureTable<dim>::divisions(const std::vector<dealii::Point<dim>> &corners) const
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

template class PressureTable<2>;
template class PressureTable<3>;

} // namespace lodestone
