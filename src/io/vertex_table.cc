#include <lodestone/io/vertex_table.h>

#include <deal.II/dofs/dof_handler.h>
#include <deal.II/fe/fe_q.h>

namespace lodestone
{

template <int dim>
VertexTable<dim>::VertexTable(const Mesh<dim> &mesh)
{
  // One scalar unknown of degree 1 per corner is a number that all ranks agree on.
  const dealii::FE_Q<dim> element(1);
  dealii::DoFHandler<dim> numbers(mesh.triangulation());
  numbers.distribute_dofs(element);
  const dealii::IndexSet &owned = numbers.locally_owned_dofs();
  n_vertices = numbers.n_dofs();
  first_vertex = owned.n_elements() > 0 ? *owned.begin() : 0;
  coordinates.resize(dim * owned.n_elements());
  connectivity.reserve(per_cell * mesh.triangulation().n_locally_owned_active_cells());
  for (const auto &cell : numbers.active_cell_iterators())
    if (cell->is_locally_owned())
      for (unsigned int k = 0; k < per_cell; ++k)
      {
        // VTK goes round each quadrilateral, deal.II row by row.
        const unsigned int vertex = k % 4 < 2 ? k : k ^ 1;
        const auto number = cell->vertex_dof_index(vertex, 0);
        connectivity.push_back(static_cast<std::int64_t>(number));
        if (owned.is_element(number))
          for (unsigned int d = 0; d < dim; ++d)
            coordinates[dim * (number - first_vertex) + d] = cell->vertex(vertex)[d];
      }
}

template struct VertexTable<2>;
template struct VertexTable<3>;

} // namespace lodestone
