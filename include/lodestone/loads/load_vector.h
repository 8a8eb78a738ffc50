#pragma once

#include <lodestone/base/vectors.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/tensor.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace lodestone
{

/// One load at unit strength, as a functional on displacements that is linear in the Lamé moduli:
///
///   f(v) = F(v) + sum_c [ lambda_c A_c(v) + mu_c B_c(v) ]
///
/// F: tractions, forces, pore pressure, eigenstress (N per unit displacement; condensed onto unconstrained entries of the hanging
/// nodes). A_c, B_c: eigenstrain-like loads int (C(m) : P) : eps(v), one number per degree of freedom of the cell; with
/// C : P = lambda tr(P) I + 2 mu P, A_c,i = sum_q tr(P_q) div phi_i(x_q), B_c,i = 2 sum_q P_q : eps(phi_i)(x_q), P_q the potency
/// (m^dim) at point q. So the load's dependence on m, and its derivative, need no knowledge of what kind of load it is.
template <int dim>
struct LoadVector
{
  struct CellPart
  {
    dealii::types::global_cell_index cell; ///< global_active_cell_index of an owned cell
    unsigned int local_cell;               ///< active_cell_index
    std::vector<dealii::types::global_dof_index> dofs;
    std::vector<double> lambda, mu; ///< A_c, B_c (m^dim / m)
  };

  std::string name;
  DistributedVector fixed;          ///< F
  std::vector<CellPart> cell_parts; ///< at most one entry a cell
  std::vector<unsigned int> cells;  ///< active_cell_index of the owned cells in which something acts, ascending

  double strength = 1;                    ///< given value
  bool estimated = false;                 ///< strength is an unknown, eliminated in closed form
  double prior_mean = 0, prior_sigma = 0; ///< of an estimated strength; sigma 0: no prior
  bool kinematic = false;                 ///< prescribes a volume change or slip: no force scale
  struct Amount
  {
    std::string what; ///< "volume change"
    double value;     ///< at unit strength
    std::string unit; ///< "m^3"
  };
  std::vector<Amount> amounts; ///< what a strength stands for, for the log; may be empty

  double region_volume = 0;         ///< m^dim, where the load has a region
  dealii::Tensor<1, dim> resultant; ///< N at unit strength (moduli-dependent loads: zero)

  /// Whether every entry is zero, on all ranks. Collective.
  bool is_zero() const
  {
    double largest = fixed.linfty_norm();
    for (const CellPart &part : cell_parts)
      for (std::size_t i = 0; i < part.lambda.size(); ++i)
        largest = std::max({largest, std::abs(part.lambda[i]), std::abs(part.mu[i])});
    return dealii::Utilities::MPI::max(largest, fixed.get_mpi_communicator()) == 0;
  }
};

} // namespace lodestone
