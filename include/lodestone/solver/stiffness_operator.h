#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/material/moduli.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/range_operation.h>

#include <deal.II/base/subscriptor.h>

#include <memory>
#include <utility>
#include <vector>

namespace lodestone
{

/// The elasticity operator without a matrix: cell integrals several cells at a time in SIMD lanes.
///
///   k(theta; u, v) = sum_c int_c lambda_c tr eps(u) tr eps(v) + 2 mu_c eps(u) : eps(v)   (+ springs on chosen boundaries)
///
/// Vectors are in the layout of `initialize_vector`, which may have fewer ghosts than the space's; owned entries are in the same order.
/// `vmult` is the matrix of the linear system: hanging nodes condensed, unit rows on constrained entries. `apply_plain` takes u as it
/// is, prescribed values included, and is for residuals and derivatives. Number is double, or float on multigrid levels. All calls
/// are collective. Costs about 1/100 of a microsecond an unknown and core in double where cells are bricks (BrickBlocks), some four times
/// as much elsewhere (GeneralCells). Source of the method: Kronbichler, Kormann (2012), doi:10.1016/j.compfluid.2012.04.012.
template <int dim, typename Number>
class StiffnessOperator : public dealii::Subscriptor
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<Number>;
  using value_type = Number;
  using size_type = dealii::types::global_dof_index;

  virtual void initialize_vector(Vector &v) const = 0;
  virtual size_type m() const = 0; ///< global number of unknowns, constrained ones included
  size_type n() const { return m(); }

  /// Moduli of `vmult`, times `factor` (with the springs): float levels want numbers of order one.
  virtual void renew(const Moduli &moduli, double factor) = 0;
  virtual void vmult(Vector &dst, const Vector &src) const = 0;
  /// The same, with `before` and `after` called on ranges of owned entries just before the first write and after the last: vector
  /// updates that find their data still in cache.
  virtual void vmult(Vector &dst, const Vector &src, const RangeOperation &before,
                     const RangeOperation &after) const = 0;
  void Tvmult(Vector &dst, const Vector &src) const { vmult(dst, src); }
  /// Reciprocal diagonal of `vmult`; 1 on constrained entries. Hanging nodes enter with their weights, not the squares of these.
  virtual void compute_inverse_diagonal(Vector &inverse) const = 0;
  /// Entries of the cells' matrices, without springs, between nodes of the same component.
  /// @param node_pairs of a cell, in the lexicographic order of its nodes
  /// @param couplings [(cell * node_pairs.size() + pair) * dim + component], cells as the owned entries of cell fields
  virtual void compute_couplings(const std::vector<std::pair<unsigned int, unsigned int>> &node_pairs,
                                 std::vector<Number> &couplings) const = 0;

  /// out = k(moduli; u, .), zero on constrained entries; with the spring forces when `springs`.
  virtual void apply_plain(const Moduli &moduli, bool springs, const Vector &u, Vector &out) const = 0;
  /// dual += derivative of k(moduli; u, p) with respect to the moduli of each owned cell (J/Pa when u and p are metres).
  virtual void add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const = 0;

  virtual std::size_t memory_consumption() const = 0; ///< bytes on this rank
};

template <int dim, typename Number>
std::unique_ptr<StiffnessOperator<dim, Number>>
make_stiffness_operator(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions);

} // namespace lodestone
