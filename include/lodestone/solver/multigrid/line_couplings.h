#pragma once

#include <lodestone/solver/multigrid/distributed_lines.h>
#include <lodestone/solver/stiffness_operator.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

namespace lodestone
{

/// Couplings in K between neighbouring nodes, of each component of displacement with itself, and the lines that follow
/// the strongest.
///
/// Neighbours are next to each other on an edge direction of a cell (in Q2 half a cell apart). Thin cells couple
/// strongly across, nearly incompressible ones each component along its own direction, and where moduli jump stiff
/// cells within themselves: in all three cases the error that a diagonal cannot see is smooth along a line of strong
/// couplings and rough across, and solving for whole lines removes it. Lines join unconstrained unknowns: they end at
/// hanging nodes, and go on where another rank begins if both ranks want them to. They go straight on, never from one
/// node of a cell round a corner to another: these two are coupled also, and without that coupling the tridiagonal
/// matrix would be wrong by as much as it is right. Straight on is to the only neighbour that shares no cell; where
/// mesh lines branch there is none. Calls are collective. Memory: about 50 bytes an unknown on this rank.
template <int dim>
class LineCouplings
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  /// @param stiffness of this space; must outlive this
  LineCouplings(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                const StiffnessOperator<dim, float> &stiffness);

  /// After the operator's moduli have changed.
  void renew();
  /// Each unknown in one line, of a single unknown where it has no strong coupling.
  std::unique_ptr<DistributedLines> make_lines(const Vector &inverse_diagonal) const;
  /// Q2 couples the two ends of a cell too, which a tridiagonal matrix has no place for: as in a finite difference,
  /// they go to the diagonal instead. That makes T larger in the sense of quadratic forms, by a third at most.
  void factorize(DistributedLines &lines, const Vector &inverse_diagonal) const;

  std::size_t memory_consumption() const;

private:
  using NodePair = std::pair<unsigned int, unsigned int>;
  static constexpr unsigned int none = static_cast<unsigned int>(-1);

  /// The pair at a place of pair_of_cell_.
  struct CellPair
  {
    unsigned int a, b, place;
  };
  /// The same by the nodes' first unknowns.
  struct GlobalPair
  {
    dealii::types::global_dof_index a, b;
    unsigned int place;
  };
  /// Of each owned unknown the unknowns that it is linked with, or `none`; other ranks' by their places among the
  /// ghosts.
  using Links = std::vector<std::array<unsigned int, 2>>;

  void find_pairs(const DisplacementSpace<dim> &space, const dealii::AffineConstraints<double> &constraints);
  /// The first unknown of each node of a cell, in lexicographic order; invalid where all of them are constrained. Notes which are.
  void find_nodes(const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                  const dealii::FiniteElement<dim> &element, const dealii::AffineConstraints<double> &constraints,
                  const dealii::Utilities::MPI::Partitioner &partitioner, const std::vector<unsigned int> &numbering,
                  std::vector<dealii::types::global_dof_index> &node);
  /// Sends other ranks the pairs that are theirs, and adds those that come from them to `found`. The cells of those come after the `n_cells`
  /// of this rank. @return the number of all these cells
  unsigned int receive_pairs(unsigned int n_cells,
                             const std::map<unsigned int, std::vector<dealii::types::global_dof_index>> &outgoing,
                             std::vector<GlobalPair> &found);
  void set_layout(const std::vector<GlobalPair> &found);
  void number_pairs(const std::vector<CellPair> &found);
  void find_opposites(const std::vector<CellPair> &found);
  /// Possible links, the strongest first.
  Links candidates(const Vector &inverse_diagonal) const;
  bool can_take(const Links &links, unsigned int unknown, unsigned int other) const;
  /// Links with other ranks' unknowns of which these know nothing are taken back.
  void agree_with_neighbours(Links &links) const;
  LinePieces pieces(const Links &links, const std::vector<unsigned int> &other_end) const;
  bool goes_straight(unsigned int from, unsigned int node, unsigned int to) const;
  /// Place in second_ of the pair of two nodes, or `none`.
  unsigned int find(unsigned int node, unsigned int other) const;
  float coupling_along(unsigned int unknown, unsigned int other) const;

  const StiffnessOperator<dim, float> &stiffness_;
  MPI_Comm comm_;
  unsigned int n_nodes_; ///< owned, before ghosts; unknowns of node n are n dim .. n dim + dim - 1
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> layout_; ///< owned unknowns and those of ghost nodes
  std::vector<unsigned int> rank_of_ghost_;                           ///< of layout_'s ghosts
  std::vector<NodePair> cell_pairs_; ///< of a cell's nodes in lexicographic order: those next to each other first
  unsigned int n_adjacent_;          ///< of cell_pairs_
  /// Pairs with an owned node, of the ends of a cell those with an owned node in the middle, as rows of the smaller
  /// node: where the row begins, the other node, whether next to each other.
  std::vector<unsigned int> row_, second_;
  std::vector<bool> adjacent_;
  /// Neighbours of a node on opposite sides of it: where its list begins, the lists.
  std::vector<unsigned int> opposite_row_;
  std::vector<NodePair> opposites_;
  /// [cell * cell_pairs_.size() + p], or none; after the owned cells those of other ranks that have pairs of this
  /// one.
  std::vector<unsigned int> pair_of_cell_;
  std::map<unsigned int, std::vector<unsigned int>> sent_, received_; ///< by rank: places in pair_of_cell_
  std::vector<float> coupling_;                                       ///< [pair * dim + component]
  std::vector<bool> constrained_;                                     ///< owned unknowns
};

} // namespace lodestone
