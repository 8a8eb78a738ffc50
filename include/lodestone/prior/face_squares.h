#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/cut_faces.h>
#include <lodestone/prior/squares.h>

namespace lodestone
{

/// The differences of every field across interior faces, as H1 smoothing sums them up:
///
///   w/2 (sum_i a_i m_i)^2,   w = A_f/d_f (gamma_h (1 - n_z^2) + gamma_v n_z^2),
///
/// A_f is the face's area, n its normal and d_f the distance along it of the centres of the parameter cells on both
/// sides; gamma_h and gamma_v are the field's weights. Across a face whose other side is refined the difference is that
/// of the coarse value and the mean of the fine ones: it is exact for fields that are linear in position, however fine
/// the neighbours are. Cells without a parameter count as m = 0. Faces within a parameter cell have no square. Lengths
/// are in m, so A_f/d_f is in m^(dim-2).
///
/// A face belongs to the owner of one side, the same side on any number of ranks. Geometry is computed on each walk;
/// memory is 8 (dim + 1) bytes per parameter cell where parameter cells have several cells, otherwise none.
template <int dim>
class FaceSquares : public Squares
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;
  /// Weights of the faces of one field.
  struct Weights
  {
    double horizontal, vertical; ///< gamma_h, gamma_v
  };

  /// Collective.
  /// @param cells lives as long as this object
  /// @param weights one per field; fields whose weights are 0 have no squares
  /// @param cut faces that have no square, at faults for example; all have one without it
  FaceSquares(const ParameterCells<dim> &cells, std::vector<Weights> weights, CutFaces<dim> cut = {});
  void for_each(const Visit &visit) const override;

private:
  dealii::Point<dim> centre(const Cell &cell) const;
  /// The difference across a face, with parameter cells as its unknowns and A_f/d_f as its weight.
  void evaluate(const Cell &cell, unsigned int face, const std::vector<Cell> &others, Square &difference) const;

  const ParameterCells<dim> &cells_;
  std::vector<Weights> weights_;
  CutFaces<dim> cut_;
  DistributedVector moments_; ///< of parameter cells with several cells: integrals of x, y, z and 1
};

} // namespace lodestone
