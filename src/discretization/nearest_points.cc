#include <lodestone/discretization/nearest_points.h>

#include <deal.II/boost_adaptors/point.h>
#include <deal.II/numerics/rtree.h>

#include <algorithm>
#include <limits>

namespace lodestone
{

template <int dim>
NearestPoints<dim>::NearestPoints(const ParameterCells<dim> &cells)
{
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
      targets_.push_back({cell->center(), cell, std::numeric_limits<double>::max(), 0});
}

template <int dim>
void NearestPoints<dim>::offer(const std::vector<dealii::Point<dim>> &points)
{
  std::vector<std::pair<dealii::Point<dim>, std::size_t>> numbered, found;
  for (const auto &point : points)
    numbered.emplace_back(point, n_points_++);
  const auto tree = dealii::pack_rtree(numbered);
  for (Target &target : targets_)
  {
    found.clear();
    tree.query(boost::geometry::index::nearest(target.centre, 1), std::back_inserter(found));
    if (const double distance = found.front().first.distance(target.centre); distance < target.distance)
    {
      target.distance = distance;
      target.nearest = found.front().second;
    }
  }
  sorted_ = false;
}

template <int dim>
void NearestPoints<dim>::visit(const std::size_t first, const std::size_t n,
                               const std::function<void(const Cell &cell, std::size_t i)> &take)
{
  if (!sorted_)
    std::sort(targets_.begin(), targets_.end(), [](const Target &a, const Target &b) { return a.nearest < b.nearest; });
  sorted_ = true;
  auto target = std::lower_bound(targets_.begin(), targets_.end(), first,
                                 [](const Target &a, const std::size_t number) { return a.nearest < number; });
  for (; target != targets_.end() && target->nearest < first + n; ++target)
    take(target->cell, target->nearest - first);
}

template class NearestPoints<2>;
template class NearestPoints<3>;

} // namespace lodestone
