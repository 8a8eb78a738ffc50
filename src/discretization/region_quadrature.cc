#include <lodestone/base/collective.h>
#include <lodestone/discretization/region_quadrature.h>

#include <deal.II/base/mpi.h>
#include <deal.II/fe/fe_values.h>

#include <limits>

namespace lodestone
{

template <int dim>
CellShape<dim>::CellShape(const typename dealii::Triangulation<dim>::cell_iterator &cell)
{
  for (unsigned int v = 0; v < vertices_.size(); ++v)
    vertices_[v] = cell->vertex(v);
}

template <int dim>
dealii::Point<dim> CellShape<dim>::real(const dealii::Point<dim> &unit) const
{
  dealii::Point<dim> p;
  for (unsigned int v = 0; v < vertices_.size(); ++v)
    p += dealii::GeometryInfo<dim>::d_linear_shape_function(unit, v) * vertices_[v];
  return p;
}

template <int dim>
dealii::BoundingBox<dim> CellShape<dim>::bounding_box() const
{
  auto corners = std::make_pair(vertices_[0], vertices_[0]);
  for (const auto &v : vertices_)
    for (int d = 0; d < dim; ++d)
    {
      corners.first[d] = std::min(corners.first[d], v[d]);
      corners.second[d] = std::max(corners.second[d], v[d]);
    }
  return dealii::BoundingBox<dim>(corners);
}

template <int dim>
dealii::Point<dim> CellShape<dim>::on_face(const unsigned int face, const dealii::Point<dim - 1> &point)
{
  using Info = dealii::GeometryInfo<dim>;
  dealii::Point<dim> unit;
  for (unsigned int v = 0; v < Info::vertices_per_face; ++v)
    unit += dealii::GeometryInfo<dim - 1>::d_linear_shape_function(point, v) *
            Info::unit_cell_vertex(Info::face_to_cell_vertices(face, v));
  return unit;
}

namespace
{

template <int dim>
bool boxes_meet(const dealii::BoundingBox<dim> &a, const dealii::BoundingBox<dim> &b)
{
  for (int d = 0; d < dim; ++d)
    if (a.lower_bound(d) > b.upper_bound(d) || b.lower_bound(d) > a.upper_bound(d))
      return false;
  return true;
}

/// Decides for each owned cell on which side of a region it lies, with more samples where they are needed.
template <int dim>
class CellClassifier
{
public:
  using Region = RegionQuadrature<dim>;

  CellClassifier(const Mesh<dim> &mesh, const typename Region::Extent &extent)
      : mesh_(mesh), extent_(extent), sides_(mesh.make_cell_field()), samples_(mesh.triangulation().n_active_cells(), 0)
  {
  }

  CellField classify()
  {
    sample(5, [](const auto &) { return true; });
    if (extent_.inside && !anything_found())
      sample(9, [](const auto &) { return true; });
    while (extent_.inside)
    {
      const std::vector<char> mixed = mixed_vertices();
      const bool changed = sample(9, [&](const auto &cell) {
        for (const unsigned int v : cell->vertex_indices())
          if (mixed[cell->vertex_index(v)])
            return true;
        return false;
      });
      if (!changed)
        break;
    }
    return std::move(sides_);
  }

private:
  const Mesh<dim> &mesh_;
  const typename Region::Extent &extent_;
  CellField sides_;
  std::vector<unsigned char> samples_; ///< samples per direction so far, per cell

  bool admitted(const typename dealii::Triangulation<dim>::active_cell_iterator &cell) const
  {
    return (extent_.zones.empty() || extent_.zones.count(cell->material_id()) > 0) &&
           (!extent_.box || boxes_meet(*extent_.box, CellShape<dim>(cell).bounding_box()));
  }

  /// Samples the chosen cells with n points per direction. Collective. @return whether a cell changed its side, on any
  /// rank
  template <typename Choice>
  bool sample(const unsigned int n, const Choice &chosen)
  {
    bool changed = false;
    for (const auto &cell : mesh_.triangulation().active_cell_iterators())
      if (cell->is_locally_owned() && samples_[cell->active_cell_index()] < n && admitted(cell) && chosen(cell))
      {
        samples_[cell->active_cell_index()] = n;
        RegionSide side = RegionSide::inside;
        if (extent_.inside)
        {
          const CellShape<dim> shape(cell);
          side = sample_unit_cube<dim>([&](const dealii::Point<dim> &unit) { return extent_.inside(shape.real(unit)); },
                                       n);
        }
        double &entry = sides_(cell->global_active_cell_index());
        changed = changed || entry != double(side);
        entry = double(side);
      }
    sides_.update_ghost_values();
    return on_any_rank(changed, mesh_.communicator());
  }

  bool anything_found() const { return sides_.linfty_norm() > 0; }

  /// Vertices at which a cut cell, or cells of different sides, meet.
  std::vector<char> mixed_vertices() const
  {
    constexpr char unseen = -1, mixed = 2;
    std::vector<char> state(mesh_.triangulation().n_vertices(), unseen);
    for (const auto &cell : mesh_.triangulation().active_cell_iterators())
      if (!cell->is_artificial())
      {
        const double side = sides_(cell->global_active_cell_index());
        const char own = side == double(RegionSide::cut) ? mixed : char(side == double(RegionSide::inside));
        for (const unsigned int v : cell->vertex_indices())
        {
          char &s = state[cell->vertex_index(v)];
          s = s == unseen || s == own ? own : mixed;
        }
      }
    for (char &s : state)
      s = s == mixed;
    return state;
  }
};

} // namespace

template <int dim>
RegionQuadrature<dim>::RegionQuadrature(const DisplacementSpace<dim> &space, const Extent &extent)
{
  add_parts(space, extent, CellClassifier<dim>(space.mesh(), extent).classify());
  volume_ = dealii::Utilities::MPI::sum(volume_, space.mesh().communicator());
}

template <int dim>
void RegionQuadrature<dim>::add_parts(const DisplacementSpace<dim> &space, const Extent &extent, const CellField &sides)
{
  dealii::FEValues<dim> whole(space.mapping(), space.element(), space.cell_quadrature(), dealii::update_JxW_values);
  const auto add_volume = [&](const dealii::FEValues<dim> &values) {
    for (const double weight : values.get_JxW_values())
      volume_ += weight;
  };
  for (const auto &cell : space.dof_handler().active_cell_iterators())
  {
    if (!cell->is_locally_owned() || sides(cell->global_active_cell_index()) == double(RegionSide::outside))
      continue;
    if (sides(cell->global_active_cell_index()) == double(RegionSide::inside))
    {
      whole.reinit(cell);
      add_volume(whole);
      parts_.push_back({cell, std::nullopt});
      continue;
    }
    const CellShape<dim> shape(cell);
    const auto inside = [&](const dealii::Point<dim> &unit) { return extent.inside(shape.real(unit)); };
    const auto rule = indicator_quadrature<dim>(inside, space.degree() + 1);
    if (rule.size() == 0)
      continue;
    dealii::FEValues<dim> values(space.mapping(), space.element(), rule, dealii::update_JxW_values);
    values.reinit(cell);
    add_volume(values);
    parts_.push_back({cell, rule});
  }
}

template class CellShape<2>;
template class CellShape<3>;
template class RegionQuadrature<2>;
template class RegionQuadrature<3>;

} // namespace lodestone
