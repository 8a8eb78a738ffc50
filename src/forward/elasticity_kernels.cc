#include <lodestone/forward/elasticity_kernels.h>

#include <deal.II/fe/fe_values.h>

namespace lodestone
{

namespace
{
const dealii::FEValuesExtractors::Vector displacement(0);
}

template <int dim>
void ElasticityKernels<dim>::add_stiffness(const Moduli &moduli, const DistributedVector &u, DistributedVector &out) const
{
  using namespace dealii;
  FEValues<dim> values(space_.mapping(), space_.element(), space_.cell_quadrature(), update_gradients | update_JxW_values);
  const unsigned int n = space_.element().n_dofs_per_cell(), nq = space_.cell_quadrature().size();
  std::vector<SymmetricTensor<2, dim>> strain(nq);
  std::vector<types::global_dof_index> dofs(n);
  Vector<double> local(n);
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto c = cell->global_active_cell_index();
      const double lambda = moduli.lambda[c], mu = moduli.mu[c];
      if (lambda == 0 && mu == 0)
        continue; // a direction m_hat is often zero on most cells
      values.reinit(cell);
      values[displacement].get_function_symmetric_gradients(u, strain);
      local = 0;
      for (unsigned int q = 0; q < nq; ++q)
      {
        const Tensor<2, dim> stress =
            (lambda * trace(strain[q]) * unit_symmetric_tensor<dim>() + 2 * mu * strain[q]) * values.JxW(q);
        for (unsigned int i = 0; i < n; ++i)
          local(i) += stress[space_.element().system_to_component_index(i).first] * values.shape_grad(i, q);
      }
      cell->get_dof_indices(dofs);
      boundary_conditions_.constraints().distribute_local_to_global(local, dofs, out);
    }
}

template <int dim>
void ElasticityKernels<dim>::add_springs(const DistributedVector &u, DistributedVector &out) const
{
  using namespace dealii;
  const auto &springs = boundary_conditions_.springs();
  if (springs.empty())
    return;
  FEFaceValues<dim> values(space_.mapping(), space_.element(), space_.face_quadrature(),
                           update_values | update_normal_vectors | update_JxW_values);
  const unsigned int n = space_.element().n_dofs_per_cell(), nq = space_.face_quadrature().size();
  std::vector<Tensor<1, dim>> u_q(nq);
  std::vector<types::global_dof_index> dofs(n);
  Vector<double> local(n);
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary())
          if (const auto spring = springs.find(cell->face(f)->boundary_id()); spring != springs.end())
          {
            values.reinit(cell, f);
            values[displacement].get_function_values(u, u_q);
            local = 0;
            for (unsigned int q = 0; q < nq; ++q)
            {
              const Tensor<1, dim> normal = (u_q[q] * values.normal_vector(q)) * values.normal_vector(q);
              const Tensor<1, dim> force =
                  (spring->second.normal * normal + spring->second.tangential * (u_q[q] - normal)) * values.JxW(q);
              for (unsigned int i = 0; i < n; ++i)
                local(i) += force[space_.element().system_to_component_index(i).first] * values.shape_value(i, q);
            }
            cell->get_dof_indices(dofs);
            boundary_conditions_.constraints().distribute_local_to_global(local, dofs, out);
          }
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
void ElasticityKernels<dim>::add_stiffness_dual(const DistributedVector &u, const DistributedVector &p, Moduli &dual) const
{
  using namespace dealii;
  FEValues<dim> values(space_.mapping(), space_.element(), space_.cell_quadrature(), update_gradients | update_JxW_values);
  const unsigned int nq = space_.cell_quadrature().size();
  std::vector<SymmetricTensor<2, dim>> strain_u(nq), strain_p(nq);
  for (const auto &cell : space_.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      values.reinit(cell);
      values[displacement].get_function_symmetric_gradients(u, strain_u);
      values[displacement].get_function_symmetric_gradients(p, strain_p);
      double lambda = 0, mu = 0;
      for (unsigned int q = 0; q < nq; ++q)
      {
        lambda += trace(strain_u[q]) * trace(strain_p[q]) * values.JxW(q);
        mu += 2 * (strain_u[q] * strain_p[q]) * values.JxW(q);
      }
      const auto c = cell->global_active_cell_index();
      dual.lambda[c] += lambda;
      dual.mu[c] += mu;
    }
}

template <int dim>
void ElasticityKernels<dim>::add_load_dual(const double factor, const LoadVector<dim> &load, const DistributedVector &p, Moduli &dual) const
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

template <int dim>
void ElasticityKernels<dim>::cell_matrices(const dealii::FEValues<dim> &values, std::vector<double> &s_lambda,
                                           std::vector<double> &s_mu) const
{
  const unsigned int n = values.dofs_per_cell, n_nodes = n / dim, nq = values.n_quadrature_points;
  s_lambda.assign(n * n, 0.);
  s_mu.assign(n * n, 0.);
  // G[a][b](i, j) = int d_i phi_a d_j phi_b, of the scalar shape functions: both matrices are made of it.
  std::vector<dealii::Tensor<1, dim>> gradient(n_nodes);
  std::vector<dealii::Tensor<2, dim>> products(n_nodes * n_nodes);
  std::vector<unsigned int> dof_of(n);
  const auto &element = space_.element();
  for (unsigned int i = 0; i < n; ++i)
  {
    const auto [component, node] = element.system_to_component_index(i);
    dof_of[node * dim + component] = i;
  }
  for (unsigned int q = 0; q < nq; ++q)
  {
    for (unsigned int a = 0; a < n_nodes; ++a)
      gradient[a] = values.shape_grad(dof_of[a * dim], q);
    for (unsigned int a = 0; a < n_nodes; ++a)
    {
      const dealii::Tensor<1, dim> weighted = gradient[a] * values.JxW(q);
      for (unsigned int b = 0; b < n_nodes; ++b)
        for (unsigned int i = 0; i < dim; ++i)
          for (unsigned int j = 0; j < dim; ++j)
            products[a * n_nodes + b][i][j] += weighted[i] * gradient[b][j];
    }
  }
  for (unsigned int a = 0; a < n_nodes; ++a)
    for (unsigned int b = 0; b < n_nodes; ++b)
    {
      const auto &g = products[a * n_nodes + b];
      const double laplace = dealii::trace(g);
      for (unsigned int i = 0; i < dim; ++i)
        for (unsigned int j = 0; j < dim; ++j)
        {
          const unsigned int entry = dof_of[a * dim + i] * n + dof_of[b * dim + j];
          s_lambda[entry] = g[i][j];
          s_mu[entry] = g[j][i] + (i == j ? laplace : 0.);
        }
    }
}

template class ElasticityKernels<2>;
template class ElasticityKernels<3>;

} // namespace lodestone
