#include <lodestone/prior/boundary_correction.h>

#include <deal.II/base/mpi.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

constexpr double most_cells = 64, least_share_of_box = 0.9;

/// The box of the mesh with cells of the mean size, for every level of refinement; empty where the mesh is no box.
template <int dim>
std::vector<typename BoxDeviation<dim>::Grid> grids_of(const ParameterCells<dim> &cells)
{
  const Mesh<dim> &mesh = cells.mesh();
  const unsigned int n_levels = mesh.triangulation().n_global_levels();
  // Of each level: integrals of the extents of cells, and volume. At last the number of cells with a parameter.
  std::vector<double> sums(n_levels * (dim + 1) + 1, 0.);
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = cell->bounding_box();
      double *of_level = &sums[cell->level() * (dim + 1)];
      for (unsigned int d = 0; d < dim; ++d)
        of_level[d] += cell->measure() * box.side_length(d);
      of_level[dim] += cell->measure();
      sums.back() += cells.index(cell) != dealii::numbers::invalid_dof_index ? 1 : 0;
    }
  dealii::Utilities::MPI::sum(sums, mesh.communicator(), sums);
  const double coarsening = std::pow(sums.back() / double(cells.n()), 1. / dim); // from cells to parameter cells
  double volume = 0, box_volume = 1;
  for (unsigned int d = 0; d < dim; ++d)
    box_volume *= mesh.upper()[d] - mesh.lower()[d];
  std::vector<typename BoxDeviation<dim>::Grid> grids(n_levels, {mesh.lower(), mesh.upper(), {}});
  for (unsigned int level = 0; level < n_levels; ++level)
  {
    const double *of_level = &sums[level * (dim + 1)];
    volume += of_level[dim];
    for (unsigned int d = 0; d < dim && of_level[dim] > 0; ++d)
    {
      const double extent = of_level[d] / of_level[dim] * coarsening;
      grids[level].cells[d] = std::clamp(std::round((mesh.upper()[d] - mesh.lower()[d]) / extent), 1., most_cells);
    }
  }
  if (volume < least_share_of_box * box_volume)
    grids.clear();
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
      if (grids[level].cells[0] == 0)
        continue;
      const BoxDeviation<dim> in_box(grids[level], fields[k].weights);
      for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
        if (cell->is_locally_owned() && cell->level() == int(level) &&
            cells.index(cell) != dealii::numbers::invalid_dof_index)
          result.values()(cells.index(cell) * n_fields + k) +=
              cell->measure() * fields[k].deviation / in_box.at(cell->center());
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
