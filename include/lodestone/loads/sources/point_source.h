#pragma once

#include <lodestone/loads/sources/source_load.h>
#include <lodestone/loads/sources/source_position.h>

namespace lodestone
{

/// `point source`: a volume change dV in the sense of Mogi (1958), with the moment (lambda + 2 mu) dV I.
///
/// In the mesh it is spread evenly over a ball. Outside the ball the field in a homogeneous body is that of the point; a
/// bare point in a mesh is wrong by 10 to 50 %.
template <int dim>
class PointSource : public SourceLoad<dim>
{
public:
  using SourceLoad<dim>::SourceLoad;
  std::vector<dealii::Point<dim>> source_points(double) const override { return {centre_}; }
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  /// The radius of the ball (m): as given, or 2 local cell sizes but at most 0.3 of the depth. Collective.
  /// @throws InputError where the source lies outside the mesh
  double radius(const Mesh<dim> &mesh) const;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Volume change", dim == 2 ? Quantity::area : Quantity::volume, &volume_text_}};
  }
  using typename SourceLoad<dim>::Sources;
  void add_to_mesh(LoadAssembler<dim> &assembler) const override;
  std::vector<dealii::Point<dim>> body_points() const override { return {centre_}; }
  std::vector<Potency<dim>> potencies() const override { return {potency()}; }
  Sources half_space_sources(const std::vector<BodyModuli> &moduli, double surface) const override;
  void report_in_mesh(const Mesh<dim> &mesh, Log &log) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  SourcePosition<dim> position_;
  std::string volume_text_, radius_text_;
  dealii::Point<dim> centre_;
  double volume_change_ = 0; ///< m^dim
  double given_radius_ = -1; ///< m; negative where none is given

  Potency<dim> potency() const;
};

} // namespace lodestone
