#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/cut_faces.h>
#include <lodestone/prior/squares.h>

#include <deal.II/base/symmetric_tensor.h>

namespace lodestone
{

/// The squared gradient of every field in a metric whose axes may point anywhere, summed over the corners of cells:
///
///   1/2 sum_c sum_v V_c/2^dim g_cv^T T g_cv
///
/// V_c is the volume of cell c, v one of its 2^dim corners, T the field's tensor, and g_cv the gradient that has the
/// differences across the dim faces of c which meet at v. The difference across a face is that of FaceSquares, and belongs
/// to the vector between the same centres. Where a face at v is at the boundary, or cut, its difference is the one with
/// which g^T T g is smallest, so that nothing flows through it. The sum is never negative. For fields that are
/// linear in position it is exact in all corners that have dim differences, whatever T is; the fluxes of FaceSquares, along
/// normals alone, are exact only where the axes of T are those of the mesh. There, on boxes, both are the same sum.
///
/// Every corner makes one square per difference: terms of g in the axes in which T is a sum of squares.
/// Lengths are in m, so the weights of the squares are in m^(dim-2) times those of T. Nothing is held in memory.
template <int dim>
class CornerSquares : public Squares
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// @param cells lives as long as this object; every parameter cell is one cell
  /// @param tensors positive definite, one per field
  /// @param cut faces without a difference; none without it
  CornerSquares(const ParameterCells<dim> &cells, std::vector<dealii::SymmetricTensor<2, dim>> tensors,
                CutFaces<dim> cut = {})
      : cells_(cells), tensors_(std::move(tensors)), cut_(std::move(cut))
  {
  }
  void for_each(const Visit &visit) const override;

private:
  /// A difference of values, as parameter cells and coefficients, and the vector between the places it lies between.
  struct Difference
  {
    std::vector<Square::Term> terms;
    dealii::Tensor<1, dim> between;
  };
  /// @return false where the face has no difference
  bool find_difference(const Cell &cell, unsigned int face, Difference &difference) const;

  const ParameterCells<dim> &cells_;
  std::vector<dealii::SymmetricTensor<2, dim>> tensors_;
  CutFaces<dim> cut_;
};

} // namespace lodestone
