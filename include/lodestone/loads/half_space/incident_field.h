#pragma once

#include <lodestone/discretization/closed_form_field.h>
#include <lodestone/loads/half_space/half_space_source.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// The sum of the fields of sources in half-spaces, each with its own moduli, in the mesh's coordinates.
template <int dim>
class IncidentField : public ClosedFormField<dim>
{
public:
  using Sources = std::vector<std::unique_ptr<HalfSpaceSource<dim>>>;

  /// @param surface z of the surface (m); the sources count from it
  IncidentField(Sources sources, double surface);
  ~IncidentField() override;

  const Sources &sources() const { return sources_; }
  /// How many fields are summed: what an evaluation costs.
  std::size_t n_terms() const;
  std::vector<dealii::Tensor<1, dim>> displacement(const std::vector<dealii::Point<dim>> &points) const override;
  bool jumps_at(const dealii::Point<dim> &point) const override;
  std::vector<dealii::SymmetricTensor<2, dim>> strain(const std::vector<dealii::Point<dim>> &points) const override;

  /// Numbers of the sources, ascending, whose displacement is not smooth somewhere closer than `distance` (m) to a box.
  /// @param box below the surface, as the sources count it
  std::vector<unsigned int> sources_near(const dealii::BoundingBox<dim> &box, double distance) const;

  /// Points as the sources count them: with z = 0 at the surface, and none above it.
  std::vector<dealii::Point<dim>> below_surface(std::vector<dealii::Point<dim>> points) const;
  /// A box as the sources count it.
  dealii::BoundingBox<dim> below_surface(const dealii::BoundingBox<dim> &box) const;

private:
  struct Tree; ///< of the sources' extents
  Sources sources_;
  double surface_;
  std::unique_ptr<Tree> tree_;
};

} // namespace lodestone
