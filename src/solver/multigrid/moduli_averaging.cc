#include <lodestone/solver/multigrid/moduli_averaging.h>

#include <deal.II/dofs/dof_handler.h>
#include <deal.II/fe/fe_dgq.h>

namespace lodestone
{

namespace
{
template <int dim>
DistributedVector make_constants(const dealii::DoFHandler<dim> &dof_handler)
{
  return DistributedVector(dof_handler.locally_owned_dofs(), dof_handler.get_communicator());
}
} // namespace

template <int dim>
ModuliAveraging<dim>::ModuliAveraging(const Mesh<dim> &fine_mesh, const Mesh<dim> &coarse_mesh)
{
  const dealii::FE_DGQ<dim> constants(0);
  dealii::DoFHandler<dim> fine(fine_mesh.triangulation()), coarse(coarse_mesh.triangulation());
  fine.distribute_dofs(constants);
  coarse.distribute_dofs(constants);
  transfer_.reinit(fine, coarse);

  // `average` relies on this: cell fields and piecewise constants number the owned cells alike, in the order of the
  // mesh.
  fine_volume_ = make_constants(fine);
  coarse_volume_ = make_constants(coarse);
  std::vector<dealii::types::global_dof_index> index(1);
  for (const auto &cell : fine.active_cell_iterators())
    if (cell->is_locally_owned())
    {
      cell->get_dof_indices(index);
      AssertThrow(index[0] == cell->global_active_cell_index(), dealii::ExcInternalError());
      fine_volume_(index[0]) = cell->measure();
    }
  transfer_.restrict_and_add(coarse_volume_, fine_volume_);
}

template <int dim>
void ModuliAveraging<dim>::average(const CellField &fine, CellField &coarse) const
{
  DistributedVector weighted = fine_volume_, sum(coarse_volume_.get_partitioner());
  for (unsigned int i = 0; i < weighted.locally_owned_size(); ++i)
    weighted.local_element(i) *= fine.local_element(i);
  transfer_.restrict_and_add(sum, weighted);
  for (unsigned int i = 0; i < sum.locally_owned_size(); ++i)
    coarse.local_element(i) = sum.local_element(i) / coarse_volume_.local_element(i);
}

template <int dim>
void ModuliAveraging<dim>::average(const Moduli &fine, Moduli &coarse) const
{
  average(fine.lambda, coarse.lambda);
  average(fine.mu, coarse.mu);
}

template class ModuliAveraging<2>;
template class ModuliAveraging<3>;

} // namespace lodestone
