#include <lodestone/solver/cell_matrices.h>

namespace lodestone
{

template <int dim>
void cell_matrices(const dealii::FEValues<dim> &values, std::vector<double> &s_lambda, std::vector<double> &s_mu)
{
  const unsigned int n = values.dofs_per_cell, n_nodes = n / dim, nq = values.n_quadrature_points;
  s_lambda.assign(n * n, 0.);
  s_mu.assign(n * n, 0.);
  // Both matrices are made of G[a][b](i, j) = int d_i phi_a d_j phi_b with the scalar shape functions.
  std::vector<dealii::Tensor<1, dim>> gradient(n_nodes);
  std::vector<dealii::Tensor<2, dim>> products(n_nodes * n_nodes);
  std::vector<unsigned int> dof_of(n);
  const auto &element = values.get_fe();
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

template void cell_matrices(const dealii::FEValues<2> &, std::vector<double> &, std::vector<double> &);
template void cell_matrices(const dealii::FEValues<3> &, std::vector<double> &, std::vector<double> &);

} // namespace lodestone
