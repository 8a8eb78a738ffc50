#pragma once

#include <deal.II/fe/fe_values.h>

#include <vector>

namespace lodestone
{

/// Computes the two stiffness matrices of a cell at unit moduli, row by row (m^(dim-2)): K_c = lambda S_lambda + mu
/// S_mu.
///
///   S_lambda,ij = int_c div phi_i div phi_j,   S_mu,ij = int_c 2 eps(phi_i) : eps(phi_j)
///
/// @param values shape functions at the cell's quadrature points, with gradients and JxW
/// @param s_lambda becomes S_lambda
/// @param s_mu becomes S_mu
template <int dim>
void cell_matrices(const dealii::FEValues<dim> &values, std::vector<double> &s_lambda, std::vector<double> &s_mu);

} // namespace lodestone
