#pragma once

#include <lodestone/base/vectors.h>
#include <lodestone/discretization/closed_form_field.h>
#include <lodestone/discretization/state.h>
#include <lodestone/loads/half_space/half_space_source.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lodestone
{

/// One load at unit strength, as a functional on displacements that is linear in the Lamé moduli:
///
///   f(v) = F(v) + sum_c [ lambda_c A_c(v) + mu_c B_c(v) ]
///
/// F holds tractions, forces, pore pressure and eigenstress (N; constraints of hanging nodes are condensed). A_c and
/// B_c hold loads like eigenstrain, int (C(m) : P) : eps(v), with one number per degree of freedom of the cell, and of
/// neighbours where the strain at a point is recovered from them: since C : P = lambda tr(P) I + 2 mu P,
///
///   A_c,i = sum_q tr(P_q) div phi_i(x_q),   B_c,i = 2 sum_q P_q : eps(phi_i)(x_q),   P_q the potency (m^dim) at point q.
///
/// So nobody who needs the load's dependence on m, or its derivative, has to know what type of load it is.
///
/// A source in a half-space brings a part of the displacement with it, u = w + u_inc, u_inc the closed form for a
/// homogeneous body with the moduli C_0. Where nothing differs from that body it is the whole displacement, and the
/// mesh computes w = 0: with U = I_h u_inc, the interpolant at the nodes, w is driven by
///
///   f(v) - sum_c int_c (C(m) - C_0) : eps(U) : eps(v)
///
/// where f holds what interpolation misses near the source. (The subtraction, or scattered-field, formulation.)
template <int dim>
struct LoadVector
{
  /// The part of one cell that depends on its moduli.
  struct CellPart
  {
    dealii::types::global_cell_index cell; ///< the global_active_cell_index of an owned cell
    unsigned int local_cell;               ///< its active_cell_index
    std::vector<dealii::types::global_dof_index> dofs;
    std::vector<double> lambda, mu; ///< A_c, B_c (m^dim / m)
  };

  /// The part of the displacement that is known in closed form, at unit strength.
  struct Incident
  {
    std::shared_ptr<const ClosedFormField<dim>> field;
    DistributedVector nodes; ///< U (m), continuous at hanging nodes, with valid ghosts
    BodyModuli moduli;       ///< C_0
    /// Parts k of the source that lie in other moduli C_k: sum_k (lambda_0 - lambda_k) U_k, and with mu; they drive w
    /// by -k(1, 0; excess_lambda, v) - k(0, 1; excess_mu, v) more. Empty (of size 0) where C_0 is that of all.
    DistributedVector excess_lambda, excess_mu;
    /// How far a point source lies from the nearest cell of other moduli than its body's, in edges of that cell, if that
    /// is little; the same on all ranks. Closer than a third of a cell, the mesh cannot follow what the contrast does.
    double contrast_distance = std::numeric_limits<double>::max();
  };
  std::optional<Incident> incident;
  std::string formulation; ///< of a source: how it was put into the model, for the log

  std::string name;                 ///< of the load
  DistributedVector fixed;          ///< F
  std::vector<CellPart> cell_parts; ///< at most one entry per cell
  std::vector<unsigned int> cells;  ///< active_cell_index of the owned cells in which something acts, ascending

  double strength = 1;    ///< as the parameter file gives it
  bool estimated = false; ///< the strength is an unknown and is eliminated in closed form
  /// Expected mean and standard deviation of an estimated strength; with a deviation of 0 the strength is free.
  double prior_mean = 1, prior_sigma = 0;
  bool kinematic = false; ///< the load prescribes a volume change or slip and so sets no scale of forces
  /// A physical amount that the strength of the load scales.
  struct Amount
  {
    std::string what;     ///< "volume change"
    double value;         ///< at unit strength
    std::string unit;     ///< "m^3"
    bool has_sign = true; ///< false for a magnitude, such as the scalar moment

    double at(const double strength) const { return has_sign ? strength * value : std::abs(strength * value); }
  };
  std::vector<Amount> amounts; ///< what a strength of 1 stands for, for the log; may be empty

  double region_volume = 0; ///< volume of the load's region (m^dim); 0 where it has none
  dealii::Tensor<1, dim>
      resultant; ///< the sum of the forces at unit strength (N); zero for loads that depend on the moduli

  /// Whether every entry is zero, on all ranks. Collective.
  bool is_zero() const
  {
    double largest = fixed.linfty_norm();
    if (incident)
      largest = std::max(largest, incident->nodes.linfty_norm());
    for (const CellPart &part : cell_parts)
      for (std::size_t i = 0; i < part.lambda.size(); ++i)
        largest = std::max({largest, std::abs(part.lambda[i]), std::abs(part.mu[i])});
    return dealii::Utilities::MPI::max(largest, fixed.get_mpi_communicator()) == 0;
  }
};

/// The incident field of each load, null where it has none.
template <int dim>
std::vector<const ClosedFormField<dim> *> incident_fields(const std::vector<LoadVector<dim>> &loads)
{
  std::vector<const ClosedFormField<dim> *> fields;
  for (const auto &load : loads)
    fields.push_back(load.incident ? load.incident->field.get() : nullptr);
  return fields;
}

/// The displacement of a state at the nodes: what the mesh computed and the loads' incident fields. Collective.
template <int dim>
DistributedVector total_displacement(const std::vector<LoadVector<dim>> &loads, const State &state)
{
  DistributedVector u = state.step.front();
  for (unsigned int l = 0; l < loads.size(); ++l)
    if (loads[l].incident && state.load_factors[l] != 0)
      u.add(state.load_factors[l], loads[l].incident->nodes);
  u.update_ghost_values();
  return u;
}

} // namespace lodestone
