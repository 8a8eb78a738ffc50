#include <lodestone/loads/half_space/incident_field.h>

#include <deal.II/numerics/rtree.h>

#include <algorithm>
#include <utility>

namespace lodestone
{

template <int dim>
struct IncidentField<dim>::Tree
{
  dealii::RTree<std::pair<dealii::BoundingBox<dim>, unsigned int>> extents;
};

template <int dim>
IncidentField<dim>::IncidentField(Sources sources, const double surface)
    : sources_(std::move(sources)), surface_(surface)
{
  std::vector<std::pair<dealii::BoundingBox<dim>, unsigned int>> extents;
  for (unsigned int k = 0; k < sources_.size(); ++k)
    extents.emplace_back(sources_[k]->extent(), k);
  tree_.reset(new Tree{dealii::pack_rtree(extents)});
}

template <int dim>
IncidentField<dim>::~IncidentField() = default;

template <int dim>
std::vector<unsigned int> IncidentField<dim>::sources_near(const dealii::BoundingBox<dim> &box,
                                                           const double distance) const
{
  auto corners = box.get_boundary_points();
  for (int d = 0; d < dim; ++d)
  {
    corners.first[d] -= distance;
    corners.second[d] += distance;
  }
  const dealii::BoundingBox<dim> reached(corners);
  std::vector<unsigned int> result;
  for (auto candidate = tree_->extents.qbegin(boost::geometry::index::intersects(reached));
       candidate != tree_->extents.qend(); ++candidate)
    if (sources_[candidate->second]->distance(box) < distance)
      result.push_back(candidate->second);
  std::sort(result.begin(), result.end());
  return result;
}

template <int dim>
std::size_t IncidentField<dim>::n_terms() const
{
  std::size_t n = 0;
  for (const auto &source : sources_)
    n += source->n_terms();
  return n;
}

template <int dim>
std::vector<dealii::Point<dim>> IncidentField<dim>::below_surface(std::vector<dealii::Point<dim>> points) const
{
  for (auto &p : points)
    p[dim - 1] = std::min(p[dim - 1] - surface_, 0.);
  return points;
}

template <int dim>
dealii::BoundingBox<dim> IncidentField<dim>::below_surface(const dealii::BoundingBox<dim> &box) const
{
  auto corners = box.get_boundary_points();
  corners.first[dim - 1] -= surface_;
  corners.second[dim - 1] -= surface_;
  return dealii::BoundingBox<dim>(corners);
}

template <int dim>
std::vector<dealii::Tensor<1, dim>>
IncidentField<dim>::displacement(const std::vector<dealii::Point<dim>> &points) const
{
  const auto below = below_surface(points);
  std::vector<dealii::Tensor<1, dim>> u(points.size());
  for (const auto &source : sources_)
    source->add_displacement(below, u);
  return u;
}

template <int dim>
std::vector<dealii::SymmetricTensor<2, dim>>
IncidentField<dim>::strain(const std::vector<dealii::Point<dim>> &points) const
{
  const auto below = below_surface(points);
  std::vector<dealii::SymmetricTensor<2, dim>> strain(points.size());
  for (const auto &source : sources_)
    source->add_strain(below, strain);
  return strain;
}

template <int dim>
bool IncidentField<dim>::jumps_at(const dealii::Point<dim> &point) const
{
  const dealii::Point<dim> below = below_surface(std::vector<dealii::Point<dim>>{point})[0];
  return std::any_of(sources_.begin(), sources_.end(), [&](const auto &source) { return source->jumps_at(below); });
}

template class IncidentField<2>;
template class IncidentField<3>;

} // namespace lodestone
