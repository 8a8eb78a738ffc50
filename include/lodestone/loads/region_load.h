#pragma once

#include <lodestone/base/table.h>
#include <lodestone/loads/components.h>
#include <lodestone/loads/load.h>

#include <memory>
#include <optional>

namespace lodestone
{

/// A density that is integrated over the part of the mesh where `Region` holds, in the cells of the zones `Zone` (both
/// are optional). Cells that the region cuts get sub-cell quadrature.
template <int dim>
class RegionLoad : public Load<dim>
{
public:
  using Load<dim>::Load;

protected:
  void check_names(const MeshNames &names) const override;
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  /// Whether the load acts on a part of the mesh only.
  bool has_region() const { return !region_text_.empty() || !zone_text_.empty(); }
  /// The region as quadrature on the mesh. Collective. @throws InputError for an unknown zone or an empty region
  RegionQuadrature<dim> make_region(const LoadAssembler<dim> &assembler) const;

private:
  std::string region_text_, zone_text_;
  std::optional<Formula<dim>> region_;
};

/// `body force`: f(v) = int b . v, with b (N/m^3) given by components, or as the weight of a density (downward).
template <int dim>
class BodyForce : public RegionLoad<dim>
{
public:
  using RegionLoad<dim>::RegionLoad;
  /// Warns of a negative density.
  void report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const override;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Value", Quantity::force_density, &value_text_},
            {"Density", Quantity::density, &density_text_},
            {"Gravity", Quantity::number, &gravity_text_, true}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string value_text_, density_text_, gravity_text_ = "9.81";
  std::vector<Formula<dim>> value_;
  std::optional<Formula<dim>> density_;
  double gravity_ = 0; ///< m/s^2
};

/// `pore pressure`: f(v) = int alpha dp div v; a positive change dp (Pa) expands the rock. It is a formula or a table
/// of points.
template <int dim>
class PorePressure : public RegionLoad<dim>
{
public:
  using RegionLoad<dim>::RegionLoad;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Value", Quantity::pressure, &value_text_}, {"Biot coefficient", Quantity::number, &biot_text_, true}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string value_text_, biot_text_ = "1";
  Formula<dim> value_, biot_;
  std::shared_ptr<const PointTable> table_;
};

/// `eigenstrain`: f(v) = int (C(m) : eps*) : eps(v). The strain (extension positive) is given by components, as an
/// isotropic strain, or as a temperature change times a linear expansion coefficient. Isotropic strains act in the
/// third direction of plane-strain models, too.
template <int dim>
class Eigenstrain : public RegionLoad<dim>
{
public:
  using RegionLoad<dim>::RegionLoad;
  bool kinematic() const override { return true; }

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Strain", Quantity::number, &strain_text_},
            {"Isotropic strain", Quantity::number, &isotropic_text_},
            {"Temperature change", Quantity::number, &temperature_text_},
            {"Expansion coefficient", Quantity::number, &expansion_text_, true}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string strain_text_, isotropic_text_, temperature_text_, expansion_text_;
  std::vector<Formula<dim>> strain_;
  std::vector<Formula<dim>> isotropic_; ///< the isotropic strain is the product of these
};

/// `eigenstress`: f(v) = int sigma* : eps(v) (sigma* in Pa), with sigma = C : (eps - eps*) - sigma*. It does not depend
/// on the stiffness.
template <int dim>
class Eigenstress : public RegionLoad<dim>
{
public:
  using RegionLoad<dim>::RegionLoad;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Stress", Quantity::pressure, &stress_text_}, {"Isotropic stress", Quantity::pressure, &isotropic_text_}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string stress_text_, isotropic_text_;
  std::vector<Formula<dim>> stress_;
  std::optional<Formula<dim>> isotropic_;
};

} // namespace lodestone
