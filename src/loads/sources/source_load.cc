#include <lodestone/discretization/region_quadrature.h>
#include <lodestone/loads/sources/source_load.h>

#include <algorithm>

namespace lodestone
{

template <int dim>
void SourceLoad<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter(
      "Hold stiffness near source", hold_stiffness_,
      "Whether the cells that hold the source, and one ring of cells around them, keep their "
      "background stiffness, because the data can hardly tell that stiffness from the source's strength.");
}

template <int dim>
void mark_cells_near(const dealii::Point<dim> &point, const double distance, const Mesh<dim> &mesh, CellField &cells)
{
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = CellShape<dim>(cell).bounding_box();
      dealii::Tensor<1, dim> gap;
      for (int d = 0; d < dim; ++d)
        gap[d] = std::max({0., box.lower_bound(d) - point[d], point[d] - box.upper_bound(d)});
      if (gap.norm() <= distance + 1e-9 * cell->diameter())
        cells(cell->global_active_cell_index()) = 1;
    }
}

template class SourceLoad<2>;
template class SourceLoad<3>;
template void mark_cells_near<2>(const dealii::Point<2> &, double, const Mesh<2> &, CellField &);
template void mark_cells_near<3>(const dealii::Point<3> &, double, const Mesh<3> &, CellField &);

} // namespace lodestone
