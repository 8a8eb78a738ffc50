#pragma once

#include <lodestone/loads/sources/rectangle.h>
#include <lodestone/loads/sources/source_load.h>
#include <lodestone/loads/sources/source_position.h>

#include <array>
#include <string>
#include <vector>

namespace lodestone
{

/// Which point of the rectangle `Position` is.
enum class RectangleReference
{
  centroid,
  top_edge, ///< the middle of the upper edge
  corner    ///< the lower corner from which strike points along the lower edge
};

/// `dislocation`: slip and opening on a Rectangle. In the mesh they are integrated with at least four points per
/// shortest cell edge in both directions.
template <int dim>
class Dislocation : public SourceLoad<dim>
{
public:
  using SourceLoad<dim>::SourceLoad;
  std::vector<dealii::Point<dim>> source_points(double spacing) const override;
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  void report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const override;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  std::vector<typename Load<dim>::AmountEntry> amount_entries() const override
  {
    return {{"Slip", Quantity::length, &slip_text_}, {"Opening", Quantity::length, &opening_text_}};
  }
  using typename SourceLoad<dim>::Sources;
  void add_to_mesh(LoadAssembler<dim> &assembler) const override;
  std::vector<dealii::Point<dim>> body_points() const override { return {rectangle_.centre}; }
  std::vector<dealii::Point<dim>> potency_points() const override;
  std::vector<Potency<dim>> potencies() const override;
  std::vector<dealii::Point<dim>> outline() const override;
  Sources half_space_sources(const std::vector<BodyModuli> &moduli, double surface) const override;
  bool has_integrable_strain() const override { return true; }
  void report_in_mesh(const Mesh<dim> &mesh, Log &log) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  SourcePosition<dim> position_;
  RectangleReference reference_ = RectangleReference::centroid;
  std::string strike_text_ = "0", dip_text_, rake_text_ = dim == 2 ? "90" : "0", slip_text_ = "0", opening_text_ = "0",
              length_text_, width_text_;
  Rectangle<dim> rectangle_;
  double slip_ = 0, rake_ = 0, opening_ = 0;

  /// The numbers of patches along length and width for this mesh. Collective. @throws InputError where the rectangle
  /// lies outside it
  std::array<unsigned int, 2> patches(const Mesh<dim> &mesh) const;
};

} // namespace lodestone
