#pragma once

#include <lodestone/material/moduli.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/simd.h> // must come first: it sets the width of the vectorised types

#include <deal.II/matrix_free/fe_evaluation.h>
#include <deal.II/matrix_free/matrix_free.h>

#include <map>
#include <vector>

namespace lodestone
{

/// The stiffness of cells of any shape, with hanging nodes and other constraints, and of springs on boundary faces. It
/// uses deal.II's MatrixFree with one cell per SIMD lane, and serves the cells that cannot be in BrickBlocks, which are
/// several times as fast. No function but the constructor communicates.
template <int dim, int degree, typename Number>
class GeneralCells
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<Number>;
  using Lanes = Wide<Number>;
  using NodePair = std::pair<unsigned int, unsigned int>;
  /// Moduli of the cells of each batch.
  struct BatchModuli
  {
    dealii::AlignedVector<Lanes> lambda, two_mu;
  };

  /// @param space the displacements
  /// @param boundary_conditions constraints and springs
  /// @param in_blocks by active cell on this rank: whether BrickBlocks treats it
  GeneralCells(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
               const std::vector<bool> &in_blocks);

  void initialize_vector(Vector &v) const { matrix_free_.initialize_dof_vector(v); }
  /// Number of batches of cells that this class treats.
  unsigned int n_batches() const { return batches_.size(); }
  bool has_springs() const { return !springs_.empty(); }
  /// Calls action(local place) for all unknowns to which a batch, or the springs, may add; some come several times.
  template <typename Action>
  void for_each_place(unsigned int batch, const Action &action) const;
  template <typename Action>
  void for_each_place_of_springs(const Action &action) const;

  void gather(const Moduli &moduli, double factor, BatchModuli &batches) const;
  /// dst += K src on batches [begin, end). Constraints are condensed on both sides; if `plain`, src is taken as it is.
  void add_product(unsigned int begin, unsigned int end, const BatchModuli &moduli, bool plain, Vector &dst,
                   const Vector &src) const;
  /// dst += `factor` times the forces of the springs.
  void add_springs(double factor, bool plain, Vector &dst, const Vector &src) const;
  void add_diagonal(const BatchModuli &moduli, double spring_factor, Vector &diagonal) const;
  /// See StiffnessOperator; u and p need valid ghosts.
  void compute_couplings(const BatchModuli &moduli, const std::vector<NodePair> &node_pairs,
                         std::vector<Number> &couplings) const;
  void add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const;

  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  using Data = dealii::MatrixFree<dim, Number, Lanes>;
  using Cells = dealii::FEEvaluation<dim, degree, degree + 1, dim, Number, Lanes>;
  using Faces = dealii::FEFaceEvaluation<dim, degree, degree + 1, dim, Number, Lanes>;
  using Spring = typename BoundaryConditions<dim>::SpringStiffness;

  /// Couplings of the cells of a batch for each pair of nodes and each component: [pair * dim + component].
  class CouplingsOfCells;

  /// Submits C : eps(u) at the quadrature points, for the test with eps(v).
  static void stress(Cells &cells, const Lanes &lambda, const Lanes &two_mu);
  /// Integrates the springs' forces for the values that were read against the test functions.
  static void spring_forces(Faces &faces, const Spring &spring, double factor);
  /// Calls action(faces, spring) for all faces with springs.
  template <typename Action>
  void for_each_spring(const Action &action) const;

  template <typename Action>
  void for_each_place(const typename dealii::DoFHandler<dim>::cell_iterator &cell, const Action &action) const;

  const dealii::AffineConstraints<double> &constraints_;
  Data matrix_free_;
  std::map<dealii::types::boundary_id, Spring> springs_;
  std::vector<unsigned int> batches_;    ///< batches of matrix_free_ that this class treats
  std::vector<unsigned int> cell_index_; ///< place of lane v of batch b in cell fields' owned entries: [b * lanes + v]
};

} // namespace lodestone
