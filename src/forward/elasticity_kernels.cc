#include <lodestone/forward/elasticity_kernels.h>

namespace lodestone
{

template <int dim>
ElasticityKernels<dim>::ElasticityKernels(const DisplacementSpace<dim> &space,
                                          const BoundaryConditions<dim> &boundary_conditions)
    : boundary_conditions_(boundary_conditions),
      operator_(make_stiffness_operator<dim, double>(space, boundary_conditions))
{
  operator_->initialize_vector(u_);
  operator_->initialize_vector(p_);
}

template <int dim>
void ElasticityKernels<dim>::add_stiffness(const Moduli &moduli, const bool springs, const DistributedVector &u,
                                           DistributedVector &out) const
{
  u_.copy_locally_owned_data_from(u);
  operator_->apply_plain(moduli, springs, u_, p_);
  for (unsigned int i = 0; i < p_.locally_owned_size(); ++i)
    out.local_element(i) += p_.local_element(i);
}

template <int dim>
void ElasticityKernels<dim>::add_load_cells(const double factor, const LoadVector<dim> &load, const Moduli &moduli,
                                            DistributedVector &out) const
{
  dealii::Vector<double> local;
  for (const auto &part : load.cell_parts)
  {
    const double lambda = factor * moduli.lambda[part.cell], mu = factor * moduli.mu[part.cell];
    local.reinit(part.dofs.size(), true);
    for (unsigned int i = 0; i < local.size(); ++i)
      local(i) = lambda * part.lambda[i] + mu * part.mu[i];
    boundary_conditions_.constraints().distribute_local_to_global(local, part.dofs, out);
  }
}

template <int dim>
void ElasticityKernels<dim>::finish(DistributedVector &out) const
{
  out.compress(dealii::VectorOperation::add);
  boundary_conditions_.constraints().set_zero(out);
  out.zero_out_ghost_values();
}

template <int dim>
void ElasticityKernels<dim>::add_stiffness_dual(const DistributedVector &u, const DistributedVector &p,
                                                Moduli &dual) const
{
  u_.copy_locally_owned_data_from(u);
  p_.copy_locally_owned_data_from(p);
  operator_->add_moduli_dual(u_, p_, dual);
}

template <int dim>
void ElasticityKernels<dim>::add_load_dual(const double factor, const LoadVector<dim> &load, const DistributedVector &p,
                                           Moduli &dual) const
{
  if (factor == 0)
    return;
  for (const auto &part : load.cell_parts)
    for (unsigned int i = 0; i < part.dofs.size(); ++i)
    {
      const double value = factor * p(part.dofs[i]);
      dual.lambda[part.cell] += value * part.lambda[i];
      dual.mu[part.cell] += value * part.mu[i];
    }
}

template class ElasticityKernels<2>;
template class ElasticityKernels<3>;

} // namespace lodestone
