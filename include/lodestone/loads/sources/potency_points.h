#pragma once

#include <lodestone/loads/sources/source_load.h>

#include <string>
#include <vector>

namespace lodestone
{

/// `potency points`: a table of points with the components of their potencies (m^3; in 2-D m^2), one row per point.
template <int dim>
class PotencyPoints : public SourceLoad<dim>
{
public:
  using SourceLoad<dim>::SourceLoad;
  std::vector<dealii::Point<dim>> source_points(double) const override { return points_; }
  void mark_source_cells(const Mesh<dim> &mesh, CellField &cells) const override;
  void report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const override;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;
  void validate_own(const LoadContext &context) override;
  using typename SourceLoad<dim>::Sources;
  void add_to_mesh(LoadAssembler<dim> &assembler) const override;
  std::vector<dealii::Point<dim>> body_points() const override { return points_; }
  std::vector<Potency<dim>> potencies() const override { return potencies_; }
  Sources half_space_sources(const std::vector<BodyModuli> &moduli, double surface) const override;
  std::string position_entry() const override { return "File"; }
  typename Load<dim>::Nothing describe_nothing(const Mesh<dim> &mesh) const override;
  std::vector<typename LoadVector<dim>::Amount> amounts() const override;

private:
  std::string file_;
  std::vector<std::string> ignored_columns_; ///< of the file
  std::vector<dealii::Point<dim>> points_;
  std::vector<Potency<dim>> potencies_;
};

} // namespace lodestone
