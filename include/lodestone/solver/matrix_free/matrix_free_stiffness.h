#pragma once

#include <lodestone/solver/matrix_free/brick_blocks.h>
#include <lodestone/solver/matrix_free/general_cells.h>
#include <lodestone/solver/matrix_free/work_order.h>
#include <lodestone/solver/simd.h> // must come first: it sets the width of the vectorised types
#include <lodestone/solver/stiffness_operator.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// StiffnessOperator for one polynomial degree. BrickBlocks treats bricks; GeneralCells treats other cells and springs,
/// and is not built if there are none. Messages travel while cells that need no entries of other ranks are computed.
template <int dim, int degree, typename Number>
class MatrixFreeStiffness final : public StiffnessOperator<dim, Number>
{
public:
  using typename StiffnessOperator<dim, Number>::Vector;
  using typename StiffnessOperator<dim, Number>::size_type;
  using NodePair = std::pair<unsigned int, unsigned int>;

  MatrixFreeStiffness(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions);

  void initialize_vector(Vector &v) const override { v.reinit(layout_); }
  size_type m() const override { return layout_->size(); }
  void renew(const Moduli &moduli, double factor) override;
  void vmult(Vector &dst, const Vector &src) const override;
  void vmult(Vector &dst, const Vector &src, const RangeOperation &before, const RangeOperation &after) const override;
  void compute_inverse_diagonal(Vector &inverse) const override;
  void compute_couplings(const std::vector<NodePair> &node_pairs, std::vector<Number> &couplings) const override;
  void apply_plain(const Moduli &moduli, bool springs, const Vector &u, Vector &out) const override;
  void add_moduli_dual(const Vector &u, const Vector &p, Moduli &dual) const override;
  std::size_t memory_consumption() const override;

private:
  using Blocks = BrickBlocks<dim, degree, Number>;
  using General = GeneralCells<dim, degree, Number>;
  /// Moduli of the cells in the order of the loops.
  struct LoopModuli
  {
    typename Blocks::BlockModuli blocks;
    typename General::BatchModuli general;
    double spring_factor = 0;
  };
  /// Consecutive batches of one kind.
  struct Step
  {
    enum class Kind
    {
      blocks,
      general,
      springs
    } kind;
    unsigned int begin, end;
  };

  void plan();
  template <typename Action>
  void for_each_place(const Step &step, const Action &action) const;

  void gather(const Moduli &moduli, double factor, bool springs, LoopModuli &out) const;
  /// dst += K src, after `before` has set dst. Constrained entries of dst are meaningless until `after`.
  void loop(const LoopModuli &moduli, bool plain, Vector &dst, const Vector &src, const RangeOperation &before,
            const RangeOperation &after) const;

  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> layout_;
  std::unique_ptr<Blocks> blocks_;
  std::unique_ptr<General> general_;      ///< null if no rank has such cells
  std::vector<unsigned int> constrained_; ///< owned entries, sorted
  std::vector<Step> steps_;
  unsigned int first_with_ghosts_ = 0, first_after_ghosts_ = 0; ///< numbers of steps
  std::unique_ptr<WorkOrder> order_;
  LoopModuli moduli_;               ///< moduli of vmult
  mutable LoopModuli plain_moduli_; ///< moduli of the last apply_plain
  std::size_t n_cells_;             ///< number of owned cells
};

} // namespace lodestone
