#pragma once

#include <lodestone/loads/components.h>
#include <lodestone/loads/load.h>

#include <optional>
#include <set>

namespace lodestone
{

/// A traction t(x, n) on named boundaries: f(v) = int t . v dA (t in Pa; in 2-D per metre of thickness).
///
/// The space's own face quadrature serves all faces except those that the boundary of `Region` or a jump of a formula
/// ("if(x^2+y^2 < 4e6, p, 0)") crosses. They get sub-face quadrature, so that the resultant of a disc is right to 0.5
/// %.
template <int dim>
class SurfaceLoad : public Load<dim>
{
public:
  using Load<dim>::Load;

protected:
  void check_names(const MeshNames &names) const override;
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  void add_to(LoadAssembler<dim> &assembler) const override;

  /// The traction (Pa) at a point of the boundary. @param normal the unit normal, outward
  virtual dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const = 0;
  /// The formulas that may jump inside a face.
  virtual std::vector<const Formula<dim> *> formulas() const { return {}; }
  /// The ids of the boundaries that the load acts on. @throws InputError
  std::set<dealii::types::boundary_id> boundary_ids(const Mesh<dim> &mesh) const;
  /// The names of these boundaries as the parameter file gives them.
  const std::string &boundary_text() const { return boundary_text_; }
  /// Into how many parts per direction a face with these corners is divided, for values that are given on a fine grid.
  virtual unsigned int divisions(const std::vector<dealii::Point<dim>> & /*corners*/) const { return 1; }

private:
  class FaceIntegral;

  std::string boundary_text_, region_text_;
  std::vector<std::string> boundary_names_;
  std::optional<Formula<dim>> region_;
};

/// `traction`: a force per area (Pa), given by components.
template <int dim>
class Traction : public SurfaceLoad<dim>
{
public:
  using SurfaceLoad<dim>::SurfaceLoad;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Value", Quantity::pressure, &value_text_}};
  }
  std::vector<const Formula<dim> *> formulas() const override;

private:
  std::string value_text_;
  std::vector<Formula<dim>> value_;
};

/// `pressure`: a pressure (Pa) normal to the boundary; a positive one pushes into the body.
template <int dim>
class Pressure : public SurfaceLoad<dim>
{
public:
  using SurfaceLoad<dim>::SurfaceLoad;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Value", Quantity::pressure, &value_text_}};
  }
  std::vector<const Formula<dim> *> formulas() const override { return {&value_}; }

private:
  std::string value_text_;
  Formula<dim> value_;
};

} // namespace lodestone
