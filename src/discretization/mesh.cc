#include <lodestone/base/collective.h>
#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/grading_manifold.h>
#include <lodestone/discretization/mesh.h>
#include <lodestone/discretization/mesh_names.h>

#include <deal.II/base/mpi.h>
#include <deal.II/distributed/p4est_wrappers.h>
#include <deal.II/grid/grid_generator.h>
#include <deal.II/grid/grid_tools.h>

#include <cmath>
#include <limits>
#include <optional>

namespace lodestone
{

namespace
{

/// The cell counts of the coarsest mesh, and how often it must be refined to have `cells` cells per direction.
template <int dim>
std::pair<std::vector<unsigned int>, unsigned int> coarsest_counts(std::vector<unsigned int> cells)
{
  unsigned int levels = 0;
  while (std::all_of(cells.begin(), cells.end(), [](unsigned int n) { return n % 2 == 0; }))
  {
    for (auto &n : cells)
      n /= 2;
    ++levels;
  }
  return {cells, levels};
}

/// @param n_cells of the mesh without local refinement
/// @throws InputError if the memory of all ranks is clearly too small for so many; collective
template <int dim>
void check_memory(const double n_cells, const std::string &where, const std::string &found, const MPI_Comm comm)
{
  const double n_unknowns = dim * n_cells, memory = memory_of_all_ranks(comm);
  remember_unknowns(n_unknowns);
  if (n_unknowns * memory_per_unknown::least <= memory)
  {
    if (constexpr double most = std::numeric_limits<dealii::types::global_dof_index>::max(); n_unknowns >= most)
      throw InputError(where,
                       "found " + found + ": a mesh of " + roughly(n_cells) + " cells has at least " +
                           roughly(n_unknowns) + " displacement unknowns, and this deal.II counts to " + roughly(most),
                       "Give fewer cells, or build with a deal.II of 64-bit indices (DEAL_II_WITH_64BIT_INDICES).");
    return;
  }
  throw InputError(where,
                   "found " + found + ": a mesh of " + roughly(n_cells) + " cells has at least " + roughly(n_unknowns) +
                       " displacement unknowns, which take at least " +
                       gigabytes(n_unknowns * memory_per_unknown::least) + " of memory; " +
                       counted(dealii::Utilities::MPI::n_mpi_processes(comm), "rank") + " may take " +
                       gigabytes(memory),
                   "About " + roughly(memory / memory_per_unknown::multigrid / dim) +
                       " cells fit: give fewer, or use more ranks on more machines.");
}

/// A copy of the octrees (2-D: quadtrees) of a distributed triangulation.
template <int dim>
class Forest
{
  using Functions = dealii::internal::p4est::functions<dim>;
  using Trees = typename dealii::internal::p4est::types<dim>::forest;

public:
  explicit Forest(const Trees *trees) : trees_(Functions::copy_forest(const_cast<Trees *>(trees), 0)) {}
  ~Forest() { Functions::destroy(trees_); }
  Forest(const Forest &) = delete;
  Forest &operator=(const Forest &) = delete;

  const Trees *get() const { return trees_; }
  /// Puts the parent in the place of every complete family of leaves, as far as neighbours still differ by one level
  /// at most, and divides the leaves among the ranks anew. Collective.
  void coarsen()
  {
    Functions::coarsen(
        trees_, false, [](auto...) { return 1; }, nullptr);
    Functions::balance(trees_, full_balance, nullptr);
    Functions::partition(trees_, /*partition_for_coarsening=*/1, nullptr);
  }

private:
  static constexpr auto full_balance = [] {
    if constexpr (dim == 2)
      return P4EST_CONNECT_FULL;
    else
      return P8EST_CONNECT_FULL;
  }();

  Trees *trees_;
};

} // namespace

template <int dim>
unsigned int Mesh<dim>::Parameters::n_coarser() const
{
  return refinements + (source == MeshSource::box ? coarsest_counts<dim>(cells).second : 0);
}

template <int dim>
Mesh<dim>::Mesh(const Parameters &parameters, MPI_Comm comm)
    : parameters_(parameters), triangulation_(std::make_unique<dealii::parallel::distributed::Triangulation<dim>>(comm))
{
  parameters_.check();
  unsigned int levels = parameters_.refinements;
  const double children = std::exp2(dim * levels);
  const std::string refined = "Refinements = " + std::to_string(levels);
  if (parameters_.source == MeshSource::box)
  {
    double n_cells = children;
    std::string counts;
    for (const unsigned int n : parameters_.cells)
    {
      n_cells *= n;
      counts += (counts.empty() ? "" : " x ") + std::to_string(n);
    }
    check_memory<dim>(n_cells, "Mesh/Cells", counts + (levels > 0 ? " cells and " + refined : " cells"), comm);
    levels += make_coarsest_box();
  }
  else
  {
    read_gmsh();
    check_memory<dim>(children * triangulation_->n_global_active_cells(), "Mesh/Refinements", refined, comm);
  }
  triangulation_->refine_global(levels);
  update_bounding_box();
  for (const auto &zone : parameters_.zones)
  {
    zone_names_[zone.name] = zone_regions_.size();
    zone_regions_.emplace_back(zone.region, "Mesh/" + zone.name + "/Region");
  }
  mark_zones();
}

template <int dim>
Mesh<dim>::~Mesh() = default;

template <int dim>
std::unique_ptr<Mesh<dim>> Mesh<dim>::make_coarser() const
{
  if (triangulation_->n_global_levels() == 1)
    return nullptr;
  std::unique_ptr<Mesh> coarser = make_empty();
  const auto [vertices, cells, faces] = dealii::GridTools::get_coarse_mesh_description(*triangulation_);
  coarser->triangulation_->create_triangulation(vertices, cells, faces);
  for (const auto id : triangulation_->get_manifold_ids())
    if (id != dealii::numbers::flat_manifold_id)
      coarser->triangulation_->set_manifold(id, triangulation_->get_manifold(id));
  // Only the forest is copied and coarsened: a triangulation would keep the memory of its fine cells.
  Forest<dim> forest(triangulation_->get_p4est());
  forest.coarsen();
  coarser->triangulation_->load(forest.get());
  coarser->mark_zones(true);
  return coarser;
}

template <int dim>
std::unique_ptr<Mesh<dim>> Mesh<dim>::make_finer(const std::vector<bool> &marked) const
{
  std::unique_ptr<Mesh> finer = make_empty();
  finer->triangulation_->copy_triangulation(*triangulation_);
  auto mark = marked.begin();
  for (const auto &cell : triangulation_->active_cell_iterators())
    if (cell->is_locally_owned() && *mark++)
      finer->triangulation_->create_cell_iterator(cell->id())->set_refine_flag();
  finer->triangulation_->execute_coarsening_and_refinement();
  finer->mark_zones(true);
  return finer;
}

template <int dim>
std::unique_ptr<Mesh<dim>> Mesh<dim>::make_empty() const
{
  std::unique_ptr<Mesh> mesh(new Mesh());
  mesh->parameters_ = parameters_;
  mesh->triangulation_ = std::make_unique<dealii::parallel::distributed::Triangulation<dim>>(communicator());
  mesh->boundary_names_ = boundary_names_;
  mesh->zone_names_ = zone_names_;
  mesh->interior_surfaces_ = interior_surfaces_;
  mesh->zone_regions_ = zone_regions_;
  mesh->lower_ = lower_;
  mesh->upper_ = upper_;
  return mesh;
}

template <int dim>
unsigned int Mesh<dim>::make_coarsest_box()
{
  const Parameters &p = parameters_;
  std::array<GradedAxis, dim> axes;
  bool uniform = true;
  for (unsigned int d = 0; d < dim; ++d)
  {
    // Without a focus, sizes grow downward from the surface and outward from the middle.
    double focus_lower = d == dim - 1 ? p.upper[d] : .5 * (p.lower[d] + p.upper[d]);
    double focus_upper = focus_lower;
    if (p.has_focus)
    {
      focus_lower = p.focus_lower[d];
      focus_upper = p.focus_upper[d];
    }
    axes[d] = GradedAxis(p.lower[d], p.upper[d], focus_lower, focus_upper, p.grading[d], p.cells[d],
                         d == dim - 1 ? p.layers : std::vector<double>());
    uniform = uniform && axes[d].is_uniform();
  }
  const GradingManifold<dim> manifold(axes);

  const auto [coarse_cells, levels] = coarsest_counts<dim>(p.cells);
  dealii::Triangulation<dim> coarse;
  dealii::Point<dim> unit;
  for (unsigned int d = 0; d < dim; ++d)
    unit[d] = 1;
  dealii::GridGenerator::subdivided_hyper_rectangle(coarse, coarse_cells, dealii::Point<dim>(), unit);
  dealii::GridTools::transform([&](const dealii::Point<dim> &s) { return manifold.push_forward(s); }, coarse);
  // Boundary ids are the numbers of a brick's faces in deal.II's order: low x, high x, low y, ...
  for (const auto &cell : coarse.active_cell_iterators())
    for (const unsigned int face : cell->face_indices())
      if (cell->face(face)->at_boundary())
        cell->face(face)->set_boundary_id(face);
  triangulation_->copy_triangulation(coarse);
  if (!uniform)
  {
    triangulation_->set_all_manifold_ids(0);
    triangulation_->set_manifold(0, manifold);
  }
  boundary_names_ = box_boundaries<dim>();
  return levels;
}

template <int dim>
std::optional<dealii::types::material_id> Mesh<dim>::region_of(const dealii::Point<dim> &point) const
{
  for (std::size_t zone = 0; zone < zone_regions_.size(); ++zone)
    if (zone_regions_[zone].holds(point))
      return zone;
  return {};
}

template <int dim>
dealii::types::material_id Mesh<dim>::zone_at(const typename dealii::Triangulation<dim>::active_cell_iterator &cell,
                                              const dealii::Point<dim> &point) const
{
  if (zone_regions_.empty())
    return cell->material_id();
  if (const auto zone = region_of(point))
    return *zone;
  throw InputError("Mesh/Zones", "the point " + point_text(point) + " lies in no zone",
                   "Every point must lie in one. The first zone whose Region holds at a point takes it: give the last "
                   "one Region = 1.");
}

template <int dim>
void Mesh<dim>::mark_zones(const bool is_derived)
{
  if (zone_regions_.empty())
    return;
  std::optional<InputError> error;
  for (const auto &cell : triangulation_->active_cell_iterators())
    if (!cell->is_artificial() && !error)
      try
      {
        const dealii::Point<dim> centre = cell->center();
        auto zone = region_of(centre);
        for (const unsigned int v : cell->vertex_indices())
          if (is_derived && !zone)
            zone = region_of(centre + (cell->vertex(v) - centre) / 2);
        cell->set_material_id(zone ? *zone : zone_at(cell, centre));
      }
      catch (const InputError &e)
      {
        error = e;
      }
  throw_on_all_ranks(error, communicator());
}

template <int dim>
void Mesh<dim>::read_gmsh()
{
  GmshNames names = lodestone::read_gmsh(parameters_.file, parameters_.scale, *triangulation_);
  boundary_names_ = std::move(names.boundaries);
  zone_names_ = std::move(names.zones);
  interior_surfaces_ = std::move(names.interior_surfaces);
}

template <int dim>
void Mesh<dim>::update_bounding_box()
{
  std::array<double, dim> lower, upper;
  lower.fill(std::numeric_limits<double>::max());
  upper.fill(std::numeric_limits<double>::lowest());
  for (const auto &cell : triangulation_->active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        for (unsigned int d = 0; d < dim; ++d)
        {
          lower[d] = std::min(lower[d], cell->vertex(v)[d]);
          upper[d] = std::max(upper[d], cell->vertex(v)[d]);
        }
  for (unsigned int d = 0; d < dim; ++d)
  {
    lower_[d] = dealii::Utilities::MPI::min(lower[d], communicator());
    upper_[d] = dealii::Utilities::MPI::max(upper[d], communicator());
  }
}

namespace
{
template <typename Cell>
double longest_edge(const Cell &cell)
{
  double longest = 0;
  for (const unsigned int line : cell->line_indices())
    longest = std::max(longest, cell->line(line)->vertex(0).distance(cell->line(line)->vertex(1)));
  return longest;
}
} // namespace

template <int dim>
double Mesh<dim>::smallest_cell_size() const
{
  double smallest = std::numeric_limits<double>::max();
  for (const auto &cell : triangulation_->active_cell_iterators())
    if (cell->is_locally_owned())
      smallest = std::min(smallest, longest_edge(cell));
  return dealii::Utilities::MPI::min(smallest, communicator());
}

template <int dim>
dealii::Tensor<1, dim> Mesh<dim>::smallest_cell_extents() const
{
  std::array<double, dim + 1> here;
  here[0] = std::numeric_limits<double>::max();
  for (const auto &cell : triangulation_->active_cell_iterators())
    if (cell->is_locally_owned() && longest_edge(cell) < here[0])
    {
      const auto box = cell->bounding_box();
      here[0] = longest_edge(cell);
      for (unsigned int d = 0; d < dim; ++d)
        here[d + 1] = box.side_length(d);
    }
  const auto all = dealii::Utilities::MPI::all_gather(communicator(), here);
  const auto &smallest =
      *std::min_element(all.begin(), all.end(), [](const auto &a, const auto &b) { return a[0] < b[0]; });
  dealii::Tensor<1, dim> extents;
  for (unsigned int d = 0; d < dim; ++d)
    extents[d] = smallest[d + 1];
  return extents;
}

template <int dim>
CellField Mesh<dim>::make_cell_field() const
{
  return CellField(triangulation_->global_active_cell_index_partitioner().lock());
}

template <int dim>
dealii::types::boundary_id Mesh<dim>::boundary_id(const std::string &name, const std::string &where) const
{
  return find_boundary(boundary_names_, name, where);
}

template <int dim>
std::set<std::string> Mesh<dim>::interior_surface_names() const
{
  std::set<std::string> names;
  for (const auto &surface : interior_surfaces_)
    names.insert(surface.first);
  return names;
}

template <int dim>
bool Mesh<dim>::lies_on(const std::string &interior_surface,
                        const typename dealii::Triangulation<dim>::active_cell_iterator &cell,
                        const unsigned int face) const
{
  const dealii::CellId id = cell->id();
  for (const auto child : id.get_child_indices())
    if ((child >> (face / 2) & 1) != face % 2)
      return false; // inside the coarsest cell
  typename dealii::Triangulation<dim>::cell_iterator coarsest = cell;
  while (coarsest->level() > 0)
    coarsest = coarsest->parent();
  return interior_surfaces_.at(interior_surface).count({coarsest->index(), face}) != 0;
}

template <int dim>
dealii::types::material_id Mesh<dim>::zone_id(const std::string &name, const std::string &where) const
{
  return find_zone(zone_names_, name, where);
}

template class Mesh<2>;
template class Mesh<3>;

} // namespace lodestone
