#pragma once

#include <lodestone/solver/multigrid/distributed_lines.h>
#include <lodestone/solver/stiffness_operator.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

namespace lodestone
{

/// Finds the couplings in K between neighbouring nodes, of each component of displacement with itself, and the lines
/// that follow the strongest ones.
///
/// Neighbours are next to each other along an edge of a cell (in Q2 half a cell apart). Three kinds of cells have
/// strong couplings: thin cells across their thickness, nearly incompressible cells between equal components along the
/// direction of these, and stiff cells beside soft ones. In all three cases the error that a diagonal cannot damp is
/// smooth along a line of strong couplings and rough across it, and solving for whole lines removes it. Lines join
/// unconstrained unknowns: they end at hanging nodes, and they continue on another rank if both ranks agree. A line
/// never turns within a cell: the two ends of the turn are coupled as strongly as along the line, and a tridiagonal
/// matrix would miss that coupling. So from a node a line continues to the only neighbour that shares no cell with the
/// node before; where mesh lines branch there is none, and the line ends. All functions are collective. Memory: about
/// 50 bytes per unknown on this rank.
template <int dim>
class LineCouplings
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  /// @param space the displacements
  /// @param boundary_conditions tells which unknowns are constrained
  /// @param stiffness the operator of this space; must outlive this object
  LineCouplings(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions,
                const StiffnessOperator<dim, float> &stiffness);

  /// Computes the couplings. Call it when the operator has new moduli.
  void renew();
  /// Makes the lines. Each unknown is in one of them; an unknown without strong coupling is a line of its own.
  std::unique_ptr<DistributedLines> make_lines(const Vector &inverse_diagonal) const;
  /// Factorises the part of K along the lines. Q2 couples the two ends of a cell too, and a tridiagonal matrix has no
  /// place for that: as in a finite difference, this coupling is added to the diagonal instead. This makes T larger in
  /// the sense of quadratic forms, by a third at most.
  void factorize(DistributedLines &lines, const Vector &inverse_diagonal) const;

  /// Bytes on this rank.
  std::size_t memory_consumption() const;

private:
  using NodePair = std::pair<unsigned int, unsigned int>;
  static constexpr unsigned int none = static_cast<unsigned int>(-1);

  /// A pair of nodes and its place in pair_of_cell_.
  struct CellPair
  {
    unsigned int a, b, place;
  };
  /// The same with the nodes' first unknowns instead of the nodes.
  struct GlobalPair
  {
    dealii::types::global_dof_index a, b;
    unsigned int place;
  };
  /// For each owned unknown the two unknowns that it is linked with, or `none`. Unknowns of other ranks are given by
  /// their places among the ghosts.
  using Links = std::vector<std::array<unsigned int, 2>>;

  void find_pairs(const DisplacementSpace<dim> &space, const dealii::AffineConstraints<double> &constraints);
  /// Finds the first unknown of each node of a cell, in lexicographic order; it is invalid if all unknowns of the node
  /// are constrained. Fills constrained_ too.
  void find_nodes(const typename dealii::DoFHandler<dim>::active_cell_iterator &cell,
                  const dealii::FiniteElement<dim> &element, const dealii::AffineConstraints<double> &constraints,
                  const dealii::Utilities::MPI::Partitioner &partitioner, const std::vector<unsigned int> &numbering,
                  std::vector<dealii::types::global_dof_index> &node);
  /// Sends other ranks the pairs that are theirs, and adds the pairs that come from them to `found`. Their cells are
  /// numbered after the `n_cells` cells of this rank. @return the number of all these cells
  unsigned int receive_pairs(unsigned int n_cells,
                             const std::map<unsigned int, std::vector<dealii::types::global_dof_index>> &outgoing,
                             std::vector<GlobalPair> &found);
  void set_layout(const std::vector<GlobalPair> &found);
  void number_pairs(const std::vector<CellPair> &found);
  void find_opposites(const std::vector<CellPair> &found);
  /// @return possible links, the strongest first
  Links candidates(const Vector &inverse_diagonal) const;
  bool can_take(const Links &links, unsigned int unknown, unsigned int other) const;
  /// Removes links with other ranks' unknowns that the other rank does not have.
  void agree_with_neighbours(Links &links) const;
  LinePieces pieces(const Links &links, const std::vector<unsigned int> &other_end) const;
  bool goes_straight(unsigned int from, unsigned int node, unsigned int to) const;
  /// @return the place in second_ of the pair of two nodes, or `none`
  unsigned int find(unsigned int node, unsigned int other) const;
  float coupling_along(unsigned int unknown, unsigned int other) const;

  const StiffnessOperator<dim, float> &stiffness_;
  MPI_Comm comm_;
  unsigned int n_nodes_; ///< number of owned nodes; node n has the unknowns n dim .. n dim + dim - 1
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> layout_; ///< owned unknowns and those of ghost nodes
  std::vector<unsigned int> rank_of_ghost_;                           ///< one per ghost of layout_
  std::vector<NodePair> cell_pairs_; ///< pairs of a cell's nodes in lexicographic order: first the pairs of neighbours
  unsigned int n_adjacent_;          ///< number of pairs of neighbours in cell_pairs_
  /// The pairs of neighbours with an owned node, and the pairs of ends of a cell with an owned node in the middle. They
  /// are stored in rows by the smaller node: where its row begins, the other node, and whether the two are neighbours.
  std::vector<unsigned int> row_, second_;
  std::vector<bool> adjacent_;
  /// Pairs of neighbours of a node on opposite sides of it: where the node's list begins, and the lists.
  std::vector<unsigned int> opposite_row_;
  std::vector<NodePair> opposites_;
  /// [cell * cell_pairs_.size() + p], or none. After the owned cells come the cells of other ranks that have pairs of
  /// this rank.
  std::vector<unsigned int> pair_of_cell_;
  std::map<unsigned int, std::vector<unsigned int>> sent_, received_; ///< places in pair_of_cell_ by rank
  std::vector<float> coupling_;                                       ///< [pair * dim + component]
  std::vector<bool> constrained_;                                     ///< by owned unknown
};

} // namespace lodestone
