#pragma once

#include <lodestone/base/table.h>
#include <lodestone/loads/load_entries.h>

#include <memory>
#include <optional>

namespace lodestone
{

/// A density over the part of the mesh where `Region` holds, in the cells of `Zone` (both optional): sub-cell
/// quadrature in cut cells.
template <int dim>
class RegionLoad : public Load<dim>
{
protected:
  using Load<dim>::Load;

  void check_names(const MeshNames &names) const override;
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  bool has_region() const { return !region_text_.empty() || !zone_text_.empty(); }
  /// Collective. @throws InputError for an unknown zone or an empty region
  RegionQuadrature<dim> make_region(const LoadAssembler<dim> &assembler) const;

private:
  std::string region_text_, zone_text_;
  std::optional<Formula<dim>> region_;
};

/// `body force`: f(v) = int b . v, b by components (N/m^3) or from density and gravity (downward).
template <int dim>
class BodyForce : public RegionLoad<dim>
{
public:
  BodyForce(const std::string &name, const std::string &path) : RegionLoad<dim>("body force", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Value", Quantity::force_density}, {"Density", Quantity::density}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string value_text_, density_text_, gravity_text_ = "9.81";
  std::vector<Formula<dim>> value_;
  std::optional<Formula<dim>> density_;
  double gravity_ = 0; ///< m/s^2
};

/// `pore pressure`: f(v) = int alpha dp div v; a positive change dp expands the rock. By formula or on points (a
/// table).
template <int dim>
class PorePressure : public RegionLoad<dim>
{
public:
  PorePressure(const std::string &name, const std::string &path) : RegionLoad<dim>("pore pressure", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Value", Quantity::pressure}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string value_text_, biot_text_ = "1";
  Formula<dim> value_, biot_;
  std::shared_ptr<const PointTable> table_;
};

/// `eigenstrain`: f(v) = int (C(m) : eps*) : eps(v); given by components, as an isotropic strain (extension positive),
/// or as a temperature change times a linear expansion coefficient. Isotropic ones act in the third direction of
/// plane-strain models too.
template <int dim>
class Eigenstrain : public RegionLoad<dim>
{
public:
  Eigenstrain(const std::string &name, const std::string &path) : RegionLoad<dim>("eigenstrain", name, path) {}
  bool kinematic() const override { return true; }

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {
        {"Strain", Quantity::number}, {"Isotropic strain", Quantity::number}, {"Temperature change", Quantity::number}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string strain_text_, isotropic_text_, temperature_text_, expansion_text_;
  std::vector<Formula<dim>> strain_;
  std::vector<Formula<dim>> isotropic_; ///< factors of an isotropic strain
};

/// `eigenstress`: f(v) = int sigma* : eps(v), with sigma = C : (eps - eps*) - sigma*; independent of the stiffness.
template <int dim>
class Eigenstress : public RegionLoad<dim>
{
public:
  Eigenstress(const std::string &name, const std::string &path) : RegionLoad<dim>("eigenstress", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Stress", Quantity::pressure}, {"Isotropic stress", Quantity::pressure}};
  }
  void add_to(LoadAssembler<dim> &assembler) const override;

private:
  std::string stress_text_, isotropic_text_;
  std::vector<Formula<dim>> stress_;
  std::optional<Formula<dim>> isotropic_;
};

} // namespace lodestone
