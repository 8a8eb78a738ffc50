#pragma once

#include <lodestone/base/table.h>
#include <lodestone/loads/surface_load.h>

#include <array>
#include <memory>

namespace lodestone
{

/// A surface load whose values stand in a table on a grid in x, y or lon, lat (see GridTable); it is zero off the grid.
/// Values are linear between the nodes, so faces are divided as finely as the grid. Longitudes may be whole turns away
/// from the model's.
template <int dim>
class SurfaceTable : public SurfaceLoad<dim>
{
public:
  using SurfaceLoad<dim>::SurfaceLoad;

protected:
  /// Reads `file_`, whose last n_values columns are values. Collective. @param quantity, advice as unit_factor has them
  /// @throws InputError
  void read_table(const LoadContext &context, unsigned int n_values, Quantity quantity, const std::string &advice = "");
  unsigned int divisions(const std::vector<dealii::Point<dim>> &corners) const override;
  /// A place in the coordinates of the table.
  std::array<double, 2> table_coordinates(const dealii::Point<dim> &p) const;
  typename Load<dim>::Nothing describe_nothing(const Mesh<dim> &mesh) const override;

  std::string file_;
  std::shared_ptr<const GridTable> table_;

private:
  const GeographicProjection *projection_ = nullptr; ///< where the table is in lon, lat
  double centre_ = 0;                                ///< the longitude (degrees) about which longitudes are folded
  std::array<double, 2> spacing_{}; ///< the smallest distance of grid lines, in the table's coordinates
};

/// `pressure table`: a pressure (Pa), or the height of water, snow or ice (m) whose weight presses.
template <int dim>
class PressureTable : public SurfaceTable<dim>
{
public:
  using SurfaceTable<dim>::SurfaceTable;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Gravity", Quantity::number, &gravity_text_, true}};
  }

private:
  std::string density_text_, gravity_text_ = "9.81";
  double factor_ = 1; ///< a value of the table times this is a pressure (Pa)
};

/// `traction table`: a force per area (Pa), given by components.
template <int dim>
class TractionTable : public SurfaceTable<dim>
{
public:
  using SurfaceTable<dim>::SurfaceTable;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  dealii::Tensor<1, dim> traction(const dealii::Point<dim> &p, const dealii::Tensor<1, dim> &normal) const override;
};

} // namespace lodestone
