#include <lodestone/loads/load_spread.h>

#include <cmath>
#include <vector>

namespace lodestone
{

template <int dim>
double relative_spread(const DisplacementSpace<dim> &space, const DistributedVector &forces)
{
  const Mesh<dim> &mesh = space.mesh();
  const auto &element = space.element();
  const dealii::Point<dim> middle = mesh.lower() + 0.5 * (mesh.upper() - mesh.lower());
  std::vector<bool> seen(forces.locally_owned_size(), false);
  std::vector<dealii::types::global_dof_index> dofs(element.n_dofs_per_cell());
  // The sums of |f|, of |f| x in each horizontal direction, and of |f| |x|^2; x counts from the middle of the mesh.
  std::vector<double> sums(dim + 1, 0.);
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < dofs.size(); ++i)
      {
        if (element.system_to_component_index(i).first != dim - 1 || !forces.in_local_range(dofs[i]))
          continue;
        const unsigned int local = forces.get_partitioner()->global_to_local(dofs[i]);
        const double force = std::abs(forces.local_element(local));
        if (seen[local] || force == 0)
          continue;
        seen[local] = true;
        const dealii::Point<dim> node =
            space.mapping().transform_unit_to_real_cell(cell, element.unit_support_point(i));
        sums[0] += force;
        for (int d = 0; d + 1 < dim; ++d)
        {
          const double x = node[d] - middle[d];
          sums[1 + d] += force * x;
          sums[dim] += force * x * x;
        }
      }
    }
  dealii::Utilities::MPI::sum(sums, mesh.communicator(), sums);
  if (sums[0] == 0)
    return 0;
  double square = sums[dim] / sums[0], of_even_load = 0;
  for (int d = 0; d + 1 < dim; ++d)
  {
    const double centre = sums[1 + d] / sums[0], width = mesh.upper()[d] - mesh.lower()[d];
    square -= centre * centre;
    of_even_load += width * width / 12;
  }
  return square / of_even_load;
}

template double relative_spread<2>(const DisplacementSpace<2> &, const DistributedVector &);
template double relative_spread<3>(const DisplacementSpace<3> &, const DistributedVector &);

} // namespace lodestone
