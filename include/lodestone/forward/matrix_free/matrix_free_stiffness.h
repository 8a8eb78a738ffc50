#pragma once

#include <lodestone/forward/simd.h> // first: sets the width of the vectorised types

#include <lodestone/forward/stiffness_operator.h>

#include <deal.II/matrix_free/fe_evaluation.h>
#include <deal.II/matrix_free/matrix_free.h>

namespace lodestone
{

/// StiffnessOperator for one polynomial degree: the loops over batches of cells.
///
/// Per batch it holds lambda and 2 mu; geometry is compressed by deal.II (bricks cost next to nothing).
template <int dim, int degree, typename Number>
class MatrixFreeStiffness final : public StiffnessOperator<dim, Number>
{
public:
  using typename StiffnessOperator<dim, Number>::Vector;
  using typename StiffnessOperator<dim, Number>::RangeOperation;
  using typename StiffnessOperator<dim, Number>::size_type;
  using NodePair = std::pair<unsigned int, unsigned int>;

  MatrixFreeStiffness(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions);

  void initialize_vector(Vector &v) const override { matrix_free_.initialize_dof_vector(v); }
  size_type m() const override { return matrix_free_.get_dof_handler().n_dofs(); }
  void set_moduli(const Moduli &moduli, double factor) override;
  void vmult(Vector &dst, const Vector &src) const override;
  void vmult(Vector &dst, const Vector &src, const RangeOperation &before, const RangeOperation &after) const override;
  void compute_inverse_diagonal(Vector &inverse) const override;
  void compute_couplings(const std::vector<NodePair> &node_pairs, std::vector<Number> &couplings) const override;
  void apply_plain(const Moduli &moduli, bool springs, const Vector &u, Vector &out) const override;
  void add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const override;
  std::size_t memory_consumption() const override;

private:
  using Lanes = Wide<Number>;
  using Data = dealii::MatrixFree<dim, Number, Lanes>;
  using Cells = dealii::FEEvaluation<dim, degree, degree + 1, dim, Number, Lanes>;
  using Faces = dealii::FEFaceEvaluation<dim, degree, degree + 1, dim, Number, Lanes>;
  using Range = std::pair<unsigned int, unsigned int>;
  /// Moduli of the cells of each batch.
  struct BatchModuli
  {
    dealii::AlignedVector<Lanes> lambda, two_mu;
  };
  using Spring = typename BoundaryConditions<dim>::SpringStiffness;

  /// Of each pair of nodes of a batch's cells, and component: [pair * dim + component].
  class CouplingsOfCells;

  void gather(const Moduli &moduli, double factor, BatchModuli &batches) const;
  /// out = C : eps(u) at the quadrature points, for the test with eps(v).
  static void stress(Cells &cells, const Lanes &lambda, const Lanes &two_mu);
  void apply_cells(const BatchModuli &moduli, bool plain, Vector &dst, const Vector &src, const Range &range) const;
  void apply_springs(double factor, bool plain, Vector &dst, const Vector &src, const Range &range) const;
  void add_spring_diagonal(Vector &diagonal) const;
  void apply(const BatchModuli &moduli, double spring_factor, bool plain, Vector &dst, const Vector &src) const;

  Data matrix_free_;
  std::map<dealii::types::boundary_id, Spring> springs_;
  std::vector<unsigned int> cell_index_;  ///< place of lane v of batch b in cell fields' owned entries: [b * lanes + v]
  std::vector<unsigned int> constrained_; ///< sorted
  BatchModuli moduli_;               ///< of vmult
  mutable BatchModuli plain_moduli_; ///< of the last apply_plain
  double factor_ = 1;
};

} // namespace lodestone
