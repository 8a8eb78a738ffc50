#include <lodestone/discretization/mesh.h>

#include <deal.II/base/mpi.h>

#include <limits>

namespace lodestone
{

namespace
{

/// Points sorted by their first coordinate. It answers whether any of them is near a cell.
template <int dim>
class NearPoints
{
public:
  NearPoints(const std::vector<dealii::Point<dim>> &points, double distance) : points_(points), distance_(distance)
  {
    std::sort(points_.begin(), points_.end(), [](const auto &a, const auto &b) { return a[0] < b[0]; });
    for (const auto &point : points_)
      for (unsigned int d = 0; d < dim; ++d)
      {
        lower_[d] = &point == &points_.front() ? point[d] : std::min(lower_[d], point[d]);
        upper_[d] = &point == &points_.front() ? point[d] : std::max(upper_[d], point[d]);
      }
  }

  /// Whether a point is at most the distance away from the box [lower, upper].
  bool any_near(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper, double tolerance) const
  {
    const double reach = distance_ + tolerance;
    if (points_.empty())
      return false;
    for (unsigned int d = 0; d < dim; ++d)
      if (lower_[d] > upper[d] + reach || upper_[d] < lower[d] - reach)
        return false;
    auto point = std::lower_bound(points_.begin(), points_.end(), lower[0] - reach,
                                  [](const dealii::Point<dim> &p, double x) { return p[0] < x; });
    for (; point != points_.end() && (*point)[0] <= upper[0] + reach; ++point)
    {
      dealii::Tensor<1, dim> gap;
      for (unsigned int d = 0; d < dim; ++d)
        gap[d] = std::max({lower[d] - (*point)[d], (*point)[d] - upper[d], 0.});
      if (gap.norm() <= reach)
        return true;
    }
    return false;
  }

private:
  std::vector<dealii::Point<dim>> points_;
  double distance_;
  dealii::Point<dim> lower_, upper_;
};

} // namespace

template <int dim>
void Mesh<dim>::refine(const std::vector<dealii::Point<dim>> &observations,
                       const std::vector<dealii::Point<dim>> &sources)
{
  const Parameters &p = parameters_;
  const unsigned int base_level = triangulation_->n_global_levels() - 1;
  const unsigned int passes = std::max({p.surface_refinements, p.observation_refinements, p.source_refinements});
  if (passes == 0)
    return;
  const NearPoints<dim> near_observations(observations, p.observation_distance);
  const NearPoints<dim> near_sources(sources, p.source_distance);
  const auto refine_where = [&](const auto &wanted) {
    for (const auto &cell : triangulation_->active_cell_iterators())
      if (cell->is_locally_owned() && wanted(cell))
        cell->set_refine_flag();
    triangulation_->execute_coarsening_and_refinement();
  };
  const auto is_near = [&](const auto &cell) {
    const auto box = cell->bounding_box().get_boundary_points();
    // A point on a face touches the cell, whatever rounding makes of it.
    const double tolerance = 1e-9 * box.first.distance(box.second);
    const unsigned int done = cell->level() - std::min<unsigned int>(cell->level(), base_level);
    return (done < p.surface_refinements &&
            surface_elevation() - box.second[dim - 1] <= p.surface_distance + tolerance) ||
           (done < p.observation_refinements && near_observations.any_near(box.first, box.second, tolerance)) ||
           (done < p.source_refinements && near_sources.any_near(box.first, box.second, tolerance));
  };
  // A box starts from its coarsest mesh again, and its other cells follow at the end: passes through a mesh of few
  // cells are cheap, and the mesh is the same whatever the order.
  unsigned int first_level = base_level;
  if (p.source == MeshSource::box)
  {
    triangulation_->clear();
    make_coarsest_box();
    first_level = 0;
  }
  for (unsigned int level = first_level; level < base_level + passes; ++level)
    refine_where(is_near);
  for (unsigned int level = first_level; level < base_level; ++level)
    refine_where([&](const auto &cell) { return static_cast<unsigned int>(cell->level()) < base_level; });
  mark_zones();
}

template void Mesh<2>::refine(const std::vector<dealii::Point<2>> &, const std::vector<dealii::Point<2>> &);
template void Mesh<3>::refine(const std::vector<dealii::Point<3>> &, const std::vector<dealii::Point<3>> &);

} // namespace lodestone
