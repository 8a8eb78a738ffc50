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

/// The elasticity operator without a matrix: it computes the integrals of several cells at a time in SIMD lanes.
///
///   k(theta; u, v) = sum_c int_c lambda_c tr eps(u) tr eps(v) + 2 mu_c eps(u) : eps(v)   (+ springs on chosen boundaries)
///
/// Vectors are in the layout of `initialize_vector`, which may have fewer ghosts than the space's; owned entries are in
/// the same order. `vmult` is the matrix of the linear system: hanging nodes are condensed, and constrained entries
/// have unit rows. `apply_plain` takes u as it is, prescribed values included, and is for residuals and derivatives. u,
/// p and src are primal, products are dual; no function needs ghosts. Number is double, or float on multigrid levels.
/// All functions but the sizes are collective. In double an application costs about 1/100 of a microsecond per unknown
/// and core if cells are bricks (BrickBlocks), and some four times as much otherwise (GeneralCells). Source of the
/// method: Kronbichler, Kormann (2012), doi:10.1016/j.compfluid.2012.04.012.
template <int dim, typename Number>
class StiffnessOperator : public dealii::Subscriptor
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<Number>;
  using value_type = Number;
  using size_type = dealii::types::global_dof_index;

  /// Gives v the layout of this operator's vectors and sets it to zero.
  virtual void initialize_vector(Vector &v) const = 0;
  virtual size_type m() const = 0; ///< global number of unknowns, constrained ones included
  size_type n() const { return m(); }

  /// Sets the moduli of `vmult`. They and the springs are multiplied by `factor`, so that float levels have numbers of
  /// order one.
  virtual void renew(const Moduli &moduli, double factor) = 0;
  /// dst = K src.
  virtual void vmult(Vector &dst, const Vector &src) const = 0;
  /// The same, added to what `before` leaves in dst. `before` is called on ranges of owned entries just before the
  /// first write, and `after` just after the last one: vector updates there find their data still in cache.
  virtual void vmult(Vector &dst, const Vector &src, const RangeOperation &before,
                     const RangeOperation &after) const = 0;
  // NOLINTNEXTLINE(readability-identifier-naming): deal.II asks for this name
  void Tvmult(Vector &dst, const Vector &src) const { vmult(dst, src); }
  /// Computes the reciprocal of the diagonal of `vmult`, which is 1 on constrained entries. Hanging nodes enter with
  /// their weights, not with the squares of these.
  virtual void compute_inverse_diagonal(Vector &inverse) const = 0;
  /// Computes the entries of the cells' matrices, without springs, between two nodes and the same component.
  /// @param node_pairs pairs of a cell's nodes, which are numbered in lexicographic order
  /// @param couplings becomes [(cell * node_pairs.size() + pair) * dim + component], cells as the owned entries of cell
  ///   fields
  virtual void compute_couplings(const std::vector<std::pair<unsigned int, unsigned int>> &node_pairs,
                                 std::vector<Number> &couplings) const = 0;

  /// out = k(moduli; u, .), zero on constrained entries; with the forces of the springs if `springs`.
  virtual void apply_plain(const Moduli &moduli, bool springs, const Vector &u, Vector &out) const = 0;
  /// dual += the derivative of k(moduli; u, p) with respect to the moduli of each owned cell (J/Pa if u and p are in
  /// m).
  virtual void add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const = 0;

  virtual std::size_t memory_consumption() const = 0; ///< bytes on this rank
};

/// Makes the operator for the degree of the space. Collective; space and boundary conditions must outlive it.
template <int dim, typename Number>
std::unique_ptr<StiffnessOperator<dim, Number>>
make_stiffness_operator(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions);

} // namespace lodestone
