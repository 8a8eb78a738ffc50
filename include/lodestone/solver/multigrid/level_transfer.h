#pragma once

#include <lodestone/discretization/displacement_space.h>

#include <deal.II/base/partitioner.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// Interpolation of displacements from a level of multigrid to the next finer one, and its transpose.
///
///   (P x)_i = sum_j x_j phi_j(node i)  for the free unknowns i of the finer level,
///
/// phi_j the linear functions of the coarser level, with its hanging nodes and boundary conditions built in; rows of
/// constrained unknowns are empty. The finer level has linear functions on the refined mesh, or quadratic ones on the
/// same mesh. The two levels are distributed over the ranks by themselves. P is kept as compressed rows, whose size
/// goes with the number of unknowns alone. Constraints must be homogeneous. All functions are collective; vectors need
/// no ghosts.
template <int dim>
class LevelTransfer
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  LevelTransfer(const DisplacementSpace<dim> &fine, const dealii::AffineConstraints<double> &fine_constraints,
                const DisplacementSpace<dim> &coarse, const dealii::AffineConstraints<double> &coarse_constraints);

  /// fine += P coarse.
  void prolongate_and_add(Vector &fine, const Vector &coarse) const;
  /// coarse += P^T fine.
  void restrict_and_add(Vector &coarse, const Vector &fine) const;
  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  std::vector<unsigned int> row_starts_; ///< of the owned unknowns of the finer level, and the end
  std::vector<unsigned int> columns_;    ///< local numbers in coarse_
  std::vector<float> weights_;
  mutable Vector coarse_; ///< with the unknowns that rows of this rank refer to
};

} // namespace lodestone
