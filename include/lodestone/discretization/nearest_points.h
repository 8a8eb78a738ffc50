#pragma once

#include <lodestone/discretization/parameter_cells.h>

#include <functional>
#include <vector>

namespace lodestone
{

/// Finds, for every cell of this rank that has unknowns, the nearest point of a set that is seen piece by piece.
///
/// This is how fields that were written on another mesh, or by another number of ranks, are read: the points are the
/// centres of the cells that were written, and no rank ever holds all of them. Distances are between centres. Points
/// are numbered in the order in which they are offered. Nothing here is collective.
template <int dim>
class NearestPoints
{
public:
  explicit NearestPoints(const ParameterCells<dim> &cells);

  /// Looks at the next points.
  void offer(const std::vector<dealii::Point<dim>> &points);
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;
  /// Calls `take(cell, i)` for every cell whose nearest point has the number first + i, i < n. All points
  /// were offered before.
  void visit(std::size_t first, std::size_t n, const std::function<void(const Cell &cell, std::size_t i)> &take);

private:
  struct Target
  {
    dealii::Point<dim> centre;
    Cell cell;
    double distance;
    std::size_t nearest; ///< number of the nearest point so far
  };
  std::vector<Target> targets_;
  std::size_t n_points_ = 0;
  bool sorted_ = false; ///< by number of the nearest point
};

} // namespace lodestone
