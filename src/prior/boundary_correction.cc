#include <lodestone/prior/boundary_correction.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr double most_cells = 64, least_share_of_box = 0.9, same_size = 1e-6;

/// What a level of refinement is compared with.
template <int dim>
struct LevelGrid
{
  BoxGrid<dim> grid; ///< without cells where the level has none
  bool is_mesh;      ///< whether cells of the level are those of the grid
};

/// The box of the mesh in cells, for every level of refinement; empty where the mesh is no box.
template <int dim>
std::vector<LevelGrid<dim>> grids_of(const ParameterCells<dim> &cells)
{
  const Mesh<dim> &mesh = cells.mesh();
  const unsigned int n_levels = mesh.triangulation().n_global_levels();
  const double infinity = std::numeric_limits<double>::infinity();
  // Extents of the cells of each level, and with the opposite sign: the largest of these are minus the least extents.
  std::vector<double> largest(2 * dim * n_levels, -infinity), sums(2, 0.); // sums: volume, cells with a parameter
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = cell->bounding_box();
      double *of_level = &largest[2 * dim * cell->level()];
      for (unsigned int d = 0; d < dim; ++d)
      {
        of_level[d] = std::max(of_level[d], box.side_length(d));
        of_level[dim + d] = std::max(of_level[dim + d], -box.side_length(d));
      }
      sums[0] += cell->measure();
      sums[1] += cells.index(cell) != dealii::numbers::invalid_dof_index ? 1 : 0;
    }
  dealii::Utilities::MPI::sum(sums, mesh.communicator(), sums);
  dealii::Utilities::MPI::max(largest, mesh.communicator(), largest);
  const double coarsening = std::pow(sums[1] / double(cells.n()), 1. / dim); // from cells to parameter cells
  double box_volume = 1;
  for (unsigned int d = 0; d < dim; ++d)
    box_volume *= mesh.upper()[d] - mesh.lower()[d];
  std::vector<LevelGrid<dim>> grids;
  for (unsigned int level = 0; level < n_levels && sums[0] > least_share_of_box * box_volume; ++level)
  {
    LevelGrid<dim> of_level{{mesh.lower(), mesh.upper(), {}}, true};
    std::array<double, dim> n_cells{};
    for (unsigned int d = 0; d < dim; ++d)
    {
      const double most = largest[2 * dim * level + d], least = -largest[2 * dim * level + dim + d];
      n_cells[d] = (mesh.upper()[d] - mesh.lower()[d]) / (most * coarsening);
      of_level.is_mesh = of_level.is_mesh && most - least < same_size * most && n_cells[d] < most_cells + 0.5;
    }
    for (unsigned int d = 0; d < dim && n_cells[0] > 0; ++d)
      of_level.grid.cells[d] = of_level.is_mesh ? std::max(1., std::round(n_cells[d])) : most_cells;
    grids.push_back(of_level);
  }
  return grids;
}

} // namespace

template <int dim>
ParameterVector boundary_correction(const ParameterCells<dim> &cells,
                                    const std::shared_ptr<const ParameterLayout> &layout,
                                    const std::vector<FieldInBox<dim>> &fields)
{
  ParameterVector result(layout);
  const auto grids = grids_of(cells);
  const std::size_t n_fields = fields.size();
  for (std::size_t k = 0; k < n_fields; ++k)
    for (unsigned int level = 0; level < grids.size(); ++level)
    {
      std::vector<typename dealii::Triangulation<dim>::active_cell_iterator> here;
      for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
        if (cell->is_locally_owned() && cell->level() == int(level) &&
            cells.index(cell) != dealii::numbers::invalid_dof_index)
          here.push_back(cell);
      if (here.empty() || grids[level].grid.cells[0] == 0)
        continue;
      const BoxDeviation<dim> in_box(grids[level].grid, fields[k].weights);
      const double deviation = grids[level].is_mesh ? fields[k].deviation : in_box.without_boundary();
      for (const auto &cell : here)
        result.values()(cells.index(cell) * n_fields + k) += cell->measure() * deviation / in_box.at(cell->center());
    }
  result.values().compress(dealii::VectorOperation::add);
  const DistributedVector volumes = cells.volumes(*layout);
  for (const auto i : result.values().locally_owned_elements())
    if (!grids.empty() && i < layout->n_cells * n_fields)
      result.values()(i) /= volumes(i);
    else
      result.values()(i) = 1;
  return result;
}

template ParameterVector boundary_correction<2>(const ParameterCells<2> &,
                                                const std::shared_ptr<const ParameterLayout> &,
                                                const std::vector<FieldInBox<2>> &);
template ParameterVector boundary_correction<3>(const ParameterCells<3> &,
                                                const std::shared_ptr<const ParameterLayout> &,
                                                const std::vector<FieldInBox<3>> &);

} // namespace lodestone
