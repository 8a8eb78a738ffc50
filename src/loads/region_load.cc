#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/longitude.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/loads/rates.h>
#include <lodestone/loads/region_load.h>

namespace lodestone
{

namespace
{

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
  add_text(handler, "Region", region_text_,
           "Where the load acts: a condition on x, y, z (m), e.g. (x^2+y^2 < 2000^2) && (abs(z+2500) < 150). "
           "Empty: everywhere.");
  add_text(handler, "Zone", zone_text_, "Names of the mesh's zones in which the load acts. Empty: all.");
}

template <int dim>
void RegionLoad<dim>::validate_own(const LoadContext &)
{
  if (!is_blank(region_text_))
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
                     mesh_extent_text(mesh) +
                         "; regions thinner than 1/8 of the cells can be missed: refine the mesh there.");
  return region;
}

template <int dim>
void BodyForce<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  RegionLoad<dim>::add_own_parameters(handler);
  add_text(handler, "Value", value_text_,
           "Force per volume (N/m^3), values or formulas: " + vector_names<dim>("b") + ".");
  add_text(handler, "Density", density_text_,
           "Instead of Value: density (kg/m^3), a value or formula; its weight acts downward.");
  add_text(handler, "Gravity", gravity_text_, "Gravity (m/s^2), which acts on Density.");
}

template <int dim>
void BodyForce<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (is_blank(value_text_) == is_blank(density_text_))
    throw InputError(this->where("Value"),
                     is_blank(value_text_) ? "no force is given" : "Value and Density are both given",
                     "Give either Value or Density.");
  if (!is_blank(value_text_))
    value_ = read_values<dim>(value_text_, dim, vector_names<dim>("b"), Quantity::force_density, this->where("Value"));
  else
    density_ = read_value<dim>(density_text_, Quantity::density, this->where("Density"));
  gravity_ = parse_quantity(gravity_text_, Quantity::number, this->where("Gravity"));
}

template <int dim>
void BodyForce<dim>::report(const Mesh<dim> &, const LoadVector<dim> &, Log &log) const
{
  if (density_ && density_->is_constant() && density_->value({}) < 0)
    log.warning(this->where("Density") + ": '" + density_text_ + "' was read as " + significant(density_->value({})) +
                " kg/m^3. A negative density pushes upward, as mass does that is taken away");
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
  add_text(handler, "Value", value_text_,
           "Change of pore pressure (Pa; a positive one expands the rock): a value, a formula, or \"table FILE\", a "
           "CSV of points "
           "x,y,z,value (in 2-D x,z,value; depth or lon,lat are accepted), continuous between the points.");
  add_text(handler, "Biot coefficient", biot_text_, "Biot's alpha (0 to 1), a value or formula.");
}

template <int dim>
void PorePressure<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  biot_ = read_value<dim>(biot_text_, Quantity::number, this->where("Biot coefficient"));
  if (biot_.is_constant())
    if (const double alpha = biot_.value({}); !(alpha >= 0 && alpha <= 1))
      throw InputError(this->where("Biot coefficient"), "found " + biot_text_, "It lies between 0 and 1.");
  const auto file = table_file(value_text_);
  if (!file)
  {
    value_ = read_value<dim>(value_text_, Quantity::pressure, this->where("Value"));
    return;
  }
  if (!this->has_region())
    throw InputError(this->where("Value"),
                     "a table on points gives a value everywhere, but neither Region nor Zone is set",
                     "Say where the pressure changes.");
  CsvTable csv(context.path_of(*file), context.comm);
  if (context.projection != nullptr) // folded first, since the table looks for points that are given twice
  {
    if (csv.has("lon") && csv.has("lat"))
      check_not_exchanged(csv, csv.column("lon"), csv.column("lat"), *context.projection);
    fold_longitudes(csv, context.projection->origin_longitude());
  }
  PointTable table(csv, Scattered::inverse_distance, Quantity::pressure);
  check_rate(csv, csv.column(table.value_name()), context.rates);
  if (table.coordinate_names()[0] == "lon")
  {
    const auto &projection = context.need_projection(this->where("Value"), "the table is", "write the table in x, y");
    table.move_points([&](const dealii::Point<3> &p) {
      const dealii::Point<2> xy = projection.to_model(p[0], p[1]);
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
  add_text(handler, "Strain", strain_text_,
           "Stress-free strain (extension positive), values or formulas: " + tensor_names<dim>("e") +
               (dim == 2 ? ", and as a fourth eyy when it is not 0." : "."));
  add_text(handler, "Isotropic strain", isotropic_text_,
           "Instead of Strain: a strain that is the same in all directions.");
  add_text(handler, "Temperature change", temperature_text_,
           "Instead of Strain: change of temperature (K), a value or formula, which Expansion coefficient multiplies.");
  add_text(handler, "Expansion coefficient", expansion_text_,
           "Linear thermal expansion (1/K), a value or formula; only with Temperature change.");
}

template <int dim>
void Eigenstrain<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (is_blank(strain_text_) + is_blank(isotropic_text_) + is_blank(temperature_text_) != 2)
    throw InputError(this->where("Strain"), "the strain is given in no way or in more than one",
                     "Give one of Strain, Isotropic strain, Temperature change.");
  if (is_blank(temperature_text_) != is_blank(expansion_text_))
    throw InputError(this->where("Expansion coefficient"),
                     "Temperature change and Expansion coefficient belong together", "Give both or none.");
  strain_.clear();
  isotropic_.clear();
  if (!is_blank(strain_text_))
  {
    const bool plane_with_yy = dim == 2 && split_list(strain_text_).size() == 4;
    const unsigned int n = plane_with_yy ? 4 : dealii::SymmetricTensor<2, dim>::n_independent_components;
    strain_ = read_values<dim>(strain_text_, n, tensor_names<dim>("e"), Quantity::number, this->where("Strain"));
  }
  if (!is_blank(isotropic_text_))
    isotropic_.push_back(read_value<dim>(isotropic_text_, Quantity::number, this->where("Isotropic strain")));
  if (!is_blank(temperature_text_))
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
  add_text(handler, "Stress", stress_text_,
           "Eigenstress s* (Pa), with sigma = C:eps - s*: a positive one expands the rock. Values or formulas: " +
               tensor_names<dim>("s") + ".");
  add_text(handler, "Isotropic stress", isotropic_text_,
           "Instead of Stress: an eigenstress that is the same in all directions (Pa).");
}

template <int dim>
void Eigenstress<dim>::validate_own(const LoadContext &context)
{
  RegionLoad<dim>::validate_own(context);
  if (is_blank(stress_text_) == is_blank(isotropic_text_))
    throw InputError(this->where("Stress"), "the stress is given in no way or in two",
                     "Give either Stress or Isotropic stress.");
  if (!is_blank(stress_text_))
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
