#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/loads/region_load.h>

namespace lodestone
{

namespace
{

bool given(const std::string &text)
{
  return !trimmed(text).empty();
}

dealii::Patterns::Anything anything()
{
  return {};
}

/// An isotropic strain acts in all three directions, also in plane strain.
template <int dim>
Potency<dim> isotropic_strain(const double strain)
{
  return {strain * dealii::unit_symmetric_tensor<dim>(), 3 * strain};
}

} // namespace

template <int dim>
void RegionLoad<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter(
      "Region", region_text_,
      "Where the load acts: a condition on x, y, z (m), e.g. (x^2+y^2 < 2000^2) && (abs(z+2500) < 150). "
      "Empty: everywhere.",
      anything());
  handler.add_parameter("Zone", zone_text_, "Names of the mesh's zones in which the load acts. Empty: all.",
                        anything());
}

template <int dim>
void RegionLoad<dim>::validate_own(const LoadContext &)
{
  if (given(region_text_))
    region_ = Formula<dim>(region_text_, this->where("Region"));
}

template <int dim>
void RegionLoad<dim>::check_names(const MeshNames &names) const
{
  for (const auto &zone : split_list(zone_text_))
    names.check_zone(zone, this->where("Zone"));
}

template <int dim>
RegionQuadrature<dim> RegionLoad<dim>::make_region(const LoadAssembler<dim> &assembler) const
{
  typename RegionQuadrature<dim>::Extent extent;
  if (region_)
    extent.inside = [this](const dealii::Point<dim> &p) { return region_->holds(p); };
  for (const auto &zone : split_list(zone_text_))
    extent.zones.insert(assembler.space().mesh().zone_id(zone, this->where("Zone")));
  RegionQuadrature<dim> region(assembler.space(), extent);
  const Mesh<dim> &mesh = assembler.space().mesh();
  if (region.volume() <= 0)
    throw InputError(this->where(region_ ? "Region" : "Zone"), "the region holds no part of the mesh (volume 0)",
                     "The mesh spans " + point_text<dim>(mesh.lower()) + " to " + point_text<dim>(mesh.upper()) +
                         ", z up; regions thinner than 1/8 of the cells can be missed: refine the mesh there.");
  return region;
}

template <int dim>
void BodyForce<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  RegionLoad<dim>::add_own_parameters(handler);
  handler.add_parameter("Value", value_text_,
                        std::string("Force per volume (N/m^3), values or formulas: ") +
                            (dim == 2 ? "bx, bz." : "bx, by, bz."),
                        anything());
  handler.add_parameter("Density", density_text_,
                        "Instead of Value: density (kg/m^3), value or formula; acts downward.", anything());
  handler.add_parameter("Gravity", gravity_text_, "Gravity that acts on Density (m/s^2).", anything());
}

template <int dim>
void BodyForce<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (given(value_text_) == given(density_text_))
    throw InputError(this->where("Value"),
                     given(value_text_) ? "Value and Density are both given" : "no force is given",
                     "Give either Value or Density.");
  if (given(value_text_))
    value_ = read_values<dim>(value_text_, dim, dim == 2 ? "bx, bz" : "bx, by, bz", Quantity::force_density,
                              this->where("Value"));
  else
    density_ = read_value<dim>(density_text_, Quantity::density, this->where("Density"));
  gravity_ = parse_quantity(gravity_text_, Quantity::number, this->where("Gravity"));
}

template <int dim>
void BodyForce<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  assembler.template add_region<dealii::Tensor<1, dim>>(this->make_region(assembler),
                                                        [this](const dealii::Point<dim> &p) {
                                                          if (!density_)
                                                            return vector_at<dim>(value_, p);
                                                          dealii::Tensor<1, dim> force;
                                                          force[dim - 1] = -density_->value(p) * gravity_;
                                                          return force;
                                                        });
}

template <int dim>
void PorePressure<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  RegionLoad<dim>::add_own_parameters(handler);
  handler.add_parameter(
      "Value", value_text_,
      "Change of pore pressure (Pa; positive expands): a value, a formula, or \"table FILE\": CSV of points "
      "x,y,z,value (in 2-D x,z,value; depth or lon,lat are accepted), continuous between the points.",
      anything());
  handler.add_parameter("Biot coefficient", biot_text_, "Biot's alpha (0 to 1): value or formula.", anything());
}

template <int dim>
void PorePressure<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  biot_ = read_value<dim>(biot_text_, Quantity::number, this->where("Biot coefficient"));
  if (biot_.is_constant())
    if (const double alpha = biot_.value({}); !(alpha >= 0 && alpha <= 1))
      throw InputError(this->where("Biot coefficient"), "found " + biot_text_, "It lies between 0 and 1.");
  const std::string text = trimmed(value_text_);
  if (text.rfind("table ", 0) != 0)
  {
    value_ = read_value<dim>(text, Quantity::pressure, this->where("Value"));
    return;
  }
  if (!this->has_region())
    throw InputError(this->where("Value"),
                     "a table on points gives a value everywhere, but neither Region nor Zone is set",
                     "Say where the pressure changes.");
  CsvTable csv(resolved_file(text.substr(6), context), context.comm);
  if (context.projection != nullptr) // before the table looks for points given twice
    fold_longitudes(csv, context.projection->origin_longitude());
  PointTable table(csv);
  check_rate(csv, csv.column(table.value_name()), context.rates);
  if (table.coordinate_names()[0] == "lon")
  {
    if (context.projection == nullptr)
      throw InputError(this->where("Value"),
                       "the table is in longitude and latitude, but the model has no geographic origin",
                       "Set Geographic origin = longitude, latitude (degrees), or write the table in x, y.");
    table.move_points([&](const dealii::Point<3> &p) {
      const dealii::Point<2> xy = context.projection->to_model(p[0], p[1]);
      return dealii::Point<3>(xy[0], xy[1], p[2]);
    });
  }
  table_ = std::make_shared<const PointTable>(std::move(table));
}

template <int dim>
void PorePressure<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  using Moment = dealii::SymmetricTensor<2, dim>;
  assembler.template add_region<Moment>(this->make_region(assembler), [this](const dealii::Point<dim> &p) -> Moment {
    return biot_.value(p) * (table_ ? table_->value(p) : value_.value(p)) * dealii::unit_symmetric_tensor<dim>();
  });
}

template <int dim>
void Eigenstrain<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  RegionLoad<dim>::add_own_parameters(handler);
  handler.add_parameter("Strain", strain_text_,
                        "Stress-free strain (extension positive), values or formulas: " + tensor_names<dim>("e") +
                            (dim == 2 ? ", and as a fourth eyy when it is not 0." : "."),
                        anything());
  handler.add_parameter("Isotropic strain", isotropic_text_, "Instead of Strain: the same in all directions.",
                        anything());
  handler.add_parameter("Temperature change", temperature_text_,
                        "Instead of Strain: temperature change (K), value or formula, times Expansion coefficient.",
                        anything());
  handler.add_parameter("Expansion coefficient", expansion_text_, "Linear thermal expansion (1/K), value or formula.",
                        anything());
}

template <int dim>
void Eigenstrain<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (given(strain_text_) + given(isotropic_text_) + given(temperature_text_) != 1)
    throw InputError(this->where("Strain"), "the strain is given in no way or in more than one",
                     "Give one of Strain, Isotropic strain, Temperature change.");
  if (given(temperature_text_) != given(expansion_text_))
    throw InputError(this->where("Expansion coefficient"),
                     "Temperature change and Expansion coefficient belong together", "Give both or none.");
  strain_.clear();
  isotropic_.clear();
  if (given(strain_text_))
  {
    const bool plane_with_yy = dim == 2 && split_list(strain_text_).size() == 4;
    strain_ = read_values<dim>(strain_text_,
                               dim == 3        ? 6
                               : plane_with_yy ? 4
                                               : 3,
                               tensor_names<dim>("e"), Quantity::number, this->where("Strain"));
  }
  if (given(isotropic_text_))
    isotropic_.push_back(read_value<dim>(isotropic_text_, Quantity::number, this->where("Isotropic strain")));
  if (given(temperature_text_))
  {
    isotropic_.push_back(read_value<dim>(temperature_text_, Quantity::number, this->where("Temperature change")));
    isotropic_.push_back(read_value<dim>(expansion_text_, Quantity::number, this->where("Expansion coefficient")));
  }
}

template <int dim>
void Eigenstrain<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  assembler.template add_region<Potency<dim>>(
      this->make_region(assembler), [this](const dealii::Point<dim> &p) -> Potency<dim> {
        if (strain_.empty())
        {
          double strain = 1;
          for (const auto &factor : isotropic_)
            strain *= factor.value(p);
          return isotropic_strain<dim>(strain);
        }
        const dealii::SymmetricTensor<2, dim> strain = tensor_at<dim>(strain_, p);
        return {strain, dealii::trace(strain) + (dim == 2 && strain_.size() == 4 ? strain_[3].value(p) : 0)};
      });
}

template <int dim>
void Eigenstress<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  RegionLoad<dim>::add_own_parameters(handler);
  handler.add_parameter("Stress", stress_text_,
                        "Eigenstress s* (Pa), sigma = C:eps - s*: a positive one expands. Values or formulas: " +
                            tensor_names<dim>("s") + ".",
                        anything());
  handler.add_parameter("Isotropic stress", isotropic_text_, "Instead of Stress: the same in all directions (Pa).",
                        anything());
}

template <int dim>
void Eigenstress<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (given(stress_text_) == given(isotropic_text_))
    throw InputError(this->where("Stress"), "the stress is given in no way or in two",
                     "Give either Stress or Isotropic stress.");
  if (given(stress_text_))
    stress_ = read_values<dim>(stress_text_, dim == 2 ? 3 : 6, tensor_names<dim>("s"), Quantity::pressure,
                               this->where("Stress"));
  else
    isotropic_ = read_value<dim>(isotropic_text_, Quantity::pressure, this->where("Isotropic stress"));
}

template <int dim>
void Eigenstress<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  using Moment = dealii::SymmetricTensor<2, dim>;
  assembler.template add_region<Moment>(this->make_region(assembler), [this](const dealii::Point<dim> &p) -> Moment {
    return isotropic_ ? isotropic_->value(p) * dealii::unit_symmetric_tensor<dim>() : tensor_at<dim>(stress_, p);
  });
}

template class RegionLoad<2>;
template class RegionLoad<3>;
template class BodyForce<2>;
template class BodyForce<3>;
template class PorePressure<2>;
template class PorePressure<3>;
template class Eigenstrain<2>;
template class Eigenstrain<3>;
template class Eigenstress<2>;
template class Eigenstress<3>;

} // namespace lodestone
