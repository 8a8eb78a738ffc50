#pragma once

#include <lodestone/discretization/displacement_space.h>

#include <memory>
#include <vector>

namespace lodestone
{

/// Finds the locally owned cells that hold or touch given points, in the mesh's coordinates (m).
///
/// A point on a face, edge or vertex touches several cells, perhaps on several ranks; `owners` picks one cell in the
/// whole run (lowest rank, first cell found), `touching` returns all of them.
template <int dim>
class PointLocator
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  /// The cell that holds a point, and where the point lies in it.
  struct Hit
  {
    Cell cell;
    dealii::Point<dim> unit_point; ///< clipped to the unit cell
  };

  explicit PointLocator(const DisplacementSpace<dim> &space);
  ~PointLocator();

  /// For every point of a list that is the same on all ranks: the one cell that owns it, if that is here. Collective.
  struct Owned
  {
    unsigned int point; ///< index into the list
    Hit hit;
  };
  /// @param missing indices of points that are in no cell of any rank (same on all ranks)
  std::vector<Owned> owners(const std::vector<dealii::Point<dim>> &points, std::vector<unsigned int> &missing) const;

  /// Locally owned cells whose closure holds the point (tolerance 1e-9 cell sizes). Not collective.
  std::vector<Hit> touching(const dealii::Point<dim> &point) const;

private:
  struct Tree;
  const DisplacementSpace<dim> &space_;
  std::unique_ptr<Tree> tree_;
};

} // namespace lodestone
