#pragma once

#include <deal.II/base/point.h>
#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/base/tensor.h>

#include <vector>

namespace lodestone
{

/// A displacement field that is known in closed form, in the mesh's coordinates. No function is collective.
template <int dim>
class ClosedFormField
{
public:
  virtual ~ClosedFormField() = default;

  /// The displacement (m) at points (m). It is finite everywhere; where the field jumps, it is the mean of both sides.
  virtual std::vector<dealii::Tensor<1, dim>> displacement(const std::vector<dealii::Point<dim>> &points) const = 0;
  /// Whether the displacement jumps at a point.
  virtual bool jumps_at(const dealii::Point<dim> &point) const = 0;
  /// The strain at points, without that of a jump itself. It is finite everywhere.
  virtual std::vector<dealii::SymmetricTensor<2, dim>> strain(const std::vector<dealii::Point<dim>> &points) const = 0;
};

} // namespace lodestone
