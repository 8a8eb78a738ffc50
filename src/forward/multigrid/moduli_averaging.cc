#include <lodestone/forward/multigrid/moduli_averaging.h>

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
ModuliAveraging<dim>::ModuliAveraging(const Mesh<dim> &fine, const Mesh<dim> &coarse)
    : constants_(0), fine_(fine.triangulation()), coarse_(coarse.triangulation())
{
  fine_.distribute_dofs(constants_);
  coarse_.distribute_dofs(constants_);
  transfer_.reinit(fine_, coarse_);

  // Cell fields and piecewise constants number the owned cells alike, in the order of the mesh; that is relied on below.
  fine_volume_ = make_constants(fine_);
  coarse_volume_ = make_constants(coarse_);
  std::vector<dealii::types::global_dof_index> index(1);
  for (const auto &cell : fine_.active_cell_iterators())
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
  DistributedVector weighted = fine_volume_, sum = make_constants(coarse_);
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
