#pragma once

#include <lodestone/discretization/parameter_cells.h>

#include <array>
#include <functional>

namespace lodestone
{

/// The difference of m across one interior face, squared, as H1 smoothing sums it up:
///
///   w (sum_i a_i m_i)^2,   w = A_f/d_f,
///
/// A_f the face's area, d_f the distance along its normal of the centres of the parameter cells on both sides. Across a
/// face whose other side is refined the difference is that of the coarse value and the mean of the fine ones: exact for
/// fields that are linear in position, however fine the neighbours are. The weight's share n_z^2, n the normal, is
/// vertical, the rest horizontal. Cells without a parameter count as m = 0. Lengths in m, so w in m^(dim-2).
struct FaceTerm
{
  unsigned int size = 0;
  std::array<dealii::types::global_dof_index, 5> cell; ///< parameter cells
  std::array<double, 5> coefficient;
  double horizontal = 0, vertical = 0;

  /// Adds a to the coefficient of the parameter cell.
  void add(dealii::types::global_dof_index parameter_cell, double a);
};

/// Hands the terms of all interior faces to `visit`, each on one rank: the owner of the coarse side, or of the cell
/// with the lower number. Faces within a parameter cell have none.
template <int dim>
class FaceTerms
{
public:
  /// Collective.
  explicit FaceTerms(const ParameterCells<dim> &cells);
  void for_each(const std::function<void(const FaceTerm &)> &visit) const;

private:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  dealii::Point<dim> centre(const Cell &cell) const;
  FaceTerm term(const Cell &cell, unsigned int face, const std::vector<Cell> &others) const;

  const ParameterCells<dim> &cells_;
  DistributedVector moments_; ///< of each parameter cell: integrals of x, y, z and 1
};

} // namespace lodestone
