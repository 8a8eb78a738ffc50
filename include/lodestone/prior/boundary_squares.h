#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/cut_faces.h>
#include <lodestone/prior/squares.h>

#include <deal.II/base/tensor.h>

namespace lodestone
{

/// The values of every field beside the boundary of the mesh, and on both sides of a cut, w/2 m^2 with w = beta A_f for
/// each face of a cell there.
///
/// beta^2 = beta_h^2 (1 - c^2) + beta_v^2 c^2, c the cosine of the angle between the normals of the face and of the field's
/// layers; in m^(1-dim), areas in m^(dim-1). Cells without a parameter have no square. Nothing is held in memory.
template <int dim>
class BoundarySquares : public Squares
{
public:
  /// Weights of one field.
  struct Weights
  {
    double horizontal, vertical;         ///< beta_h, beta_v
    dealii::Tensor<1, dim> layer_normal; ///< of length 1
  };
  /// @param cells lives as long as this object
  /// @param weights one per field
  /// @param cut faces inside the mesh that count as boundary; none without it
  BoundarySquares(const ParameterCells<dim> &cells, std::vector<Weights> weights, CutFaces<dim> cut = {})
      : cells_(cells), weights_(std::move(weights)), cut_(std::move(cut))
  {
  }
  void for_each(const Visit &visit) const override;

private:
  const ParameterCells<dim> &cells_;
  std::vector<Weights> weights_;
  CutFaces<dim> cut_;
};

} // namespace lodestone
