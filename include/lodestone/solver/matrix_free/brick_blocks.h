#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/material/moduli.h>
#include <lodestone/solver/matrix_free/brick.h>
#include <lodestone/solver/matrix_free/node_access.h>

#include <deal.II/base/aligned_vector.h>

#include <map>
#include <vector>

namespace lodestone
{

/// The bricks of a mesh in blocks of 3^dim nodes, one block per SIMD lane: 2^dim sibling cells in Q1, a single cell in
/// Q2.
///
/// A block reads each of its nodes once, with all components at once (NodeAccess). Eight cells share a node in Q1, so a
/// block fetches a third of the values that single cells would, and it needs one index per node. Where siblings lie
/// beside a larger cell, their hanging nodes are means of the block's own corners, and need not be read. GeneralCells
/// treats the cells that cannot be in a block: cells that are no bricks (Brick), that lack siblings, or that have nodes
/// whose constraints involve unknowns of other blocks. Entries that are constrained to zero are read and written like
/// others, so the caller has to set them to zero. No function communicates.
template <int dim, int degree, typename Number>
class BrickBlocks
{
public:
  using Lanes = Wide<Number>;
  using NodePair = std::pair<unsigned int, unsigned int>;
  static constexpr unsigned int n_nodes = dim == 2 ? 9 : 27;
  static constexpr unsigned int n_bricks = degree == 2 ? 1 : dim == 2 ? 4 : 8;
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  using Siblings = std::array<Cell, n_bricks>;
  /// One block of cells.
  struct Block
  {
    Cell first;               ///< of its cells
    unsigned int hanging = 0; ///< bit a: node a is the mean of corners of the block
  };

  /// @return all possible blocks on this rank, in the order of the mesh
  /// @param space the displacements
  /// @param constraints of hanging nodes and boundaries
  /// @param ghosts_are_complete whether vectors have all components of other ranks' nodes; if not, these nodes must be
  ///   free
  static std::vector<Block> find(const DisplacementSpace<dim> &space,
                                 const dealii::AffineConstraints<double> &constraints, bool ghosts_are_complete);
  /// @return all cells of the block with this first cell
  static Siblings siblings(const Cell &first);

  BrickBlocks(const DisplacementSpace<dim> &space, const std::vector<Block> &blocks,
              const dealii::Utilities::MPI::Partitioner &layout);

  /// Number of batches. A batch has as many blocks as there are lanes. The first n_interior_batches() need owned
  /// entries only.
  unsigned int n_batches() const { return filled_.size(); }
  unsigned int n_interior_batches() const { return n_interior_; }
  /// Places in vectors of the first components of a batch's nodes; some come twice.
  std::pair<const unsigned int *, const unsigned int *> nodes(unsigned int batch) const
  {
    const unsigned int *begin = nodes_.data() + std::size_t(batch) * n_nodes * Lanes::size();
    return {begin, begin + n_nodes * Lanes::size()};
  }

  /// lambda and 2 mu of each brick, multiplied by the scale of its size; zero in lanes without a block.
  using BlockModuli = dealii::AlignedVector<std::array<Lanes, 2>>;
  void gather(const Moduli &moduli, double factor, BlockModuli &of_bricks) const;

  /// dst += K src on one batch.
  void add_product(unsigned int batch, const BlockModuli &moduli, const Number *src, Number *dst) const;
  void add_diagonal(const BlockModuli &moduli, Number *diagonal) const;
  /// See StiffnessOperator::compute_couplings.
  void compute_couplings(const BlockModuli &moduli, const std::vector<NodePair> &node_pairs,
                         std::vector<Number> &couplings) const;
  /// See StiffnessOperator::add_moduli_dual; u and p need valid ghosts.
  void add_moduli_dual(const Number *u, const Number *p, Moduli &dual) const;

  std::size_t memory_consumption() const; ///< bytes on this rank

private:
  using BrickKernel = Brick<dim, degree, Number>;
  using Size = typename BrickKernel::Size;
  using NodeValues = std::array<std::array<Lanes, n_nodes>, dim>; ///< [component][node]

  void add_batch(const std::vector<Block> &blocks, const std::vector<unsigned int> &members,
                 const DisplacementSpace<dim> &space, const std::vector<std::array<unsigned int, n_nodes>> &nodes);
  unsigned int size_number(const std::array<std::array<double, dim>, Lanes::size()> &edges);
  /// Reads a batch's nodes. Hanging ones become means of corners.
  void load(unsigned int batch, const Number *vector, NodeValues &values) const;
  /// The transpose of `load`; changes the values.
  void add(unsigned int batch, NodeValues &values, Number *vector) const;
  void set_hanging(unsigned int batch, NodeValues &values) const;
  /// The transpose of set_hanging.
  void move_from_hanging(unsigned int batch, NodeValues &values) const;
  /// out = K in for the batch's blocks, hanging nodes being nodes like others; overwrites `in`.
  void multiply(unsigned int batch, const BlockModuli &moduli, NodeValues &in, NodeValues &out) const;
  /// Replaces the diagonal of corners, which hanging nodes depend on, and sets that of hanging nodes to zero.
  void set_corners_of_diagonal(unsigned int batch, const BlockModuli &moduli, NodeValues &diagonal) const;
  /// @return the number in the block of a brick's node
  static constexpr unsigned int node_of(unsigned int brick, unsigned int node);
  static void take(const NodeValues &nodes, unsigned int brick, typename BrickKernel::Values &values);
  static void give(const typename BrickKernel::Values &values, unsigned int brick, NodeValues &nodes);

  std::vector<unsigned int> nodes_; ///< [(batch * n_nodes + node) * lanes + lane]
  std::vector<unsigned int>
      cells_; ///< places in cell fields' owned entries: [(batch * n_bricks + brick) * lanes + lane]
  std::vector<unsigned int> size_of_; ///< [batch * n_bricks + brick]
  dealii::AlignedVector<Size> sizes_;
  std::map<std::vector<double>, unsigned int> size_numbers_; ///< by rounded edges
  std::vector<unsigned char> filled_;                        ///< number of lanes with a block, per batch
  struct HangingNode
  {
    unsigned int node;
    Lanes here; ///< 1 in lanes in which this node hangs, else 0
  };
  dealii::AlignedVector<HangingNode> hanging_;
  std::vector<unsigned int> first_hanging_; ///< of each batch, and the end
  unsigned int n_interior_ = 0;
};

/// Tells in which cell of a block, and as which of that cell's unknowns, the unknowns of the block's 3^dim nodes are
/// found.
template <int dim, int degree>
class BlockNumbering
{
public:
  static constexpr unsigned int n_nodes = dim == 2 ? 9 : 27;

  explicit BlockNumbering(const dealii::FiniteElement<dim> &element);
  /// @return the cell of the block and the number of the unknown in it, for a node (in lexicographic order) and a
  ///   component
  std::pair<unsigned int, unsigned int> operator()(unsigned int node, unsigned int component) const
  {
    return place_[node * dim + component];
  }

private:
  std::array<std::pair<unsigned int, unsigned int>, n_nodes * dim> place_;
};

} // namespace lodestone
