#include <lodestone/discretization/point_locator.h>

#include <deal.II/base/bounding_box.h>
#include <deal.II/boost_adaptors/bounding_box.h>
#include <deal.II/boost_adaptors/point.h>
#include <deal.II/numerics/rtree.h>

namespace lodestone
{

namespace
{
// A point this far outside the unit cell still touches it. That is far above the rounding of the inverse mapping and
// far below what a user can mean.
constexpr double unit_cell_tolerance = 1e-9;
} // namespace

template <int dim>
struct PointLocator<dim>::Tree
{
  using Box = std::pair<dealii::BoundingBox<dim>, Cell>;
  dealii::RTree<Box> boxes;
};

template <int dim>
PointLocator<dim>::PointLocator(const DisplacementSpace<dim> &space) : space_(space), tree_(std::make_unique<Tree>())
{
  std::vector<typename Tree::Box> boxes;
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      dealii::BoundingBox<dim> box = space.mapping().get_bounding_box(cell);
      box.extend(1e-6 * cell->diameter());
      boxes.emplace_back(box, cell);
    }
  tree_->boxes = dealii::pack_rtree(boxes);
}

template <int dim>
PointLocator<dim>::~PointLocator() = default;

template <int dim>
auto PointLocator<dim>::touching(const dealii::Point<dim> &point) const -> std::vector<Hit>
{
  namespace bgi = boost::geometry::index;
  std::vector<typename Tree::Box> candidates;
  tree_->boxes.query(bgi::intersects(point), std::back_inserter(candidates));

  std::vector<Hit> hits;
  for (const auto &[box, cell] : candidates)
    try
    {
      const dealii::Point<dim> unit = space_.mapping().transform_real_to_unit_cell(cell, point);
      if (dealii::GeometryInfo<dim>::is_inside_unit_cell(unit, unit_cell_tolerance))
        hits.push_back({cell, dealii::GeometryInfo<dim>::project_to_unit_cell(unit)});
    }
    catch (const typename dealii::Mapping<dim>::ExcTransformationFailed &)
    {
      // The inverse mapping of a distorted cell diverges only for points well outside it.
    }
  // The tree's order depends on how it was packed; the cells' order does not.
  std::sort(hits.begin(), hits.end(), [](const Hit &a, const Hit &b) { return a.cell->id() < b.cell->id(); });
  return hits;
}

template <int dim>
auto PointLocator<dim>::owners(const std::vector<dealii::Point<dim>> &points, std::vector<unsigned int> &missing) const
    -> std::vector<Owned>
{
  const MPI_Comm comm = space_.mesh().communicator();
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(comm);
  const unsigned int nobody = dealii::Utilities::MPI::n_mpi_processes(comm);

  std::vector<Owned> found;
  std::vector<unsigned int> candidate(points.size(), nobody), owner(points.size());
  for (unsigned int i = 0; i < points.size(); ++i)
    if (const std::vector<Hit> hits = touching(points[i]); !hits.empty())
    {
      candidate[i] = rank;
      found.push_back({i, hits.front()});
    }
  dealii::Utilities::MPI::min(candidate, comm, owner);

  missing.clear();
  for (unsigned int i = 0; i < points.size(); ++i)
    if (owner[i] == nobody)
      missing.push_back(i);
  found.erase(std::remove_if(found.begin(), found.end(), [&](const Owned &o) { return owner[o.point] != rank; }),
              found.end());
  return found;
}

template class PointLocator<2>;
template class PointLocator<3>;

} // namespace lodestone
