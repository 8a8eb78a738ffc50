#pragma once

#include <lodestone/base/table.h>
#include <lodestone/loads/load_entries.h>

#include <memory>
#include <optional>
#include <set>

namespace lodestone
{

/// A traction t(x, n) on named boundaries: f(v) = int t . v dA (Pa, and in 2-D per metre of thickness).
///
/// The space's face quadrature is used as it is, except on faces that the boundary of `Region` or a jump of a formula
/// ("if(x^2+y^2 < 4e6, p, 0)") crosses, which get sub-face quadrature: the resultant of a disc is right to 0.5 %.
template <int dim>
class SurfaceLoad : public Load<dim>
{
protected:
  using Load<dim>::Load;

  void check_names(const MeshNames &names) const override;
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  void add_to(LoadAssembler<dim> &assembler) const override;

  /// @param normal outward
  virtual dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const = 0;
  /// Formulas that may jump inside a face.
  virtual std::vector<const Formula<dim> *> formulas() const { return {}; }
  std::set<dealii::types::boundary_id> boundary_ids(const Mesh<dim> &mesh) const;
  /// As the deck names them.
  const std::string &boundary_text() const { return boundary_text_; }
  /// How often per direction to divide a face with these corners, for values given on a fine grid.
  virtual unsigned int divisions(const std::vector<dealii::Point<dim>> & /*corners*/) const { return 1; }

private:
  class FaceIntegral;

  std::string boundary_text_, region_text_;
  std::vector<std::string> boundary_names_;
  std::optional<Formula<dim>> region_;
};

/// `traction`: force per area by components.
template <int dim>
class Traction : public SurfaceLoad<dim>
{
public:
  Traction(const std::string &name, const std::string &path) : SurfaceLoad<dim>("traction", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Value", Quantity::pressure}};
  }
  std::vector<const Formula<dim> *> formulas() const override;

private:
  std::string value_text_;
  std::vector<Formula<dim>> value_;
};

/// `pressure`: normal to the boundary, positive pushes into the body.
template <int dim>
class Pressure : public SurfaceLoad<dim>
{
public:
  Pressure(const std::string &name, const std::string &path) : SurfaceLoad<dim>("pressure", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
  std::vector<std::pair<std::string, Quantity>> amount_entries() const override
  {
    return {{"Value", Quantity::pressure}};
  }
  std::vector<const Formula<dim> *> formulas() const override { return {&value_}; }

private:
  std::string value_text_;
  Formula<dim> value_;
};

/// What tables on a grid in x, y or lon, lat have in common; zero off the grid. The value is linear between the nodes,
/// so faces are divided as finely as the grid. Longitudes may be whole turns away from the model's.
template <int dim>
class SurfaceTable : public SurfaceLoad<dim>
{
protected:
  using SurfaceLoad<dim>::SurfaceLoad;

  /// Reads `file_`, the last n_values columns being values. @throws InputError
  void read_table(const LoadContext &context, unsigned int n_values);
  unsigned int divisions(const std::vector<dealii::Point<dim>> &corners) const override;
  std::array<double, 2> table_coordinates(const dealii::Point<dim> &p) const;
  typename Load<dim>::Nothing describe_nothing(const Mesh<dim> &mesh) const override;

  std::string file_;
  std::shared_ptr<const GridTable> table_;

private:
  const GeographicProjection *projection_ = nullptr; ///< set when the table is in lon, lat
  double centre_ = 0;                                ///< longitudes are folded about it (degrees)
  std::array<double, 2> spacing_{};                  ///< smallest distance of grid lines, in the table's coordinates
};

/// `pressure table`: pressure, or height of water, snow or ice.
template <int dim>
class PressureTable : public SurfaceTable<dim>
{
public:
  PressureTable(const std::string &name, const std::string &path) : SurfaceTable<dim>("pressure table", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;

private:
  std::string density_text_, gravity_text_ = "9.81";
  double factor_ = 1; ///< Pa per unit of the table
};

/// `traction table`: force per area by components.
template <int dim>
class TractionTable : public SurfaceTable<dim>
{
public:
  TractionTable(const std::string &name, const std::string &path) : SurfaceTable<dim>("traction table", name, path) {}

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
};

} // namespace lodestone
