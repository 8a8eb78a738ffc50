#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/material/moduli.h>
#include <lodestone/solver/boundary_conditions.h>
#include <lodestone/solver/stiffness_operator.h>

#include <memory>

namespace lodestone
{

/// The cell integrals of linear elasticity, all linear in the moduli (lambda, mu) of the cells:
///
///   stiffness     k(theta; u, v) = sum_c int_c lambda tr eps(u) tr eps(v) + 2 mu eps(u) : eps(v)
///   moduli duals  dk/dlambda_c = int_c tr eps(u) tr eps(p),  dk/dmu_c = int_c 2 eps(u) : eps(p)
///
/// so one routine serves K u, (dK/dm [m_hat]) u and, with u and p exchanged, their transposes. The condensation of
/// hanging nodes and boundary conditions moves functionals to the unconstrained entries. u and p are primal with valid
/// ghosts; out and dual are dual. `add_stiffness`, `finish` and `add_stiffness_dual` are collective, the two others are
/// not.
template <int dim>
class ElasticityKernels
{
public:
  ElasticityKernels(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions);

  /// out += k(moduli; u, .). Call `finish` once after the last addition to `out`.
  /// @param springs whether the forces of the springs are added too
  void add_stiffness(const Moduli &moduli, bool springs, const DistributedVector &u, DistributedVector &out) const;
  /// out += factor * (cell parts of the load at these moduli). Call `finish` once after the last addition to `out`.
  void add_load_cells(double factor, const LoadVector<dim> &load, const Moduli &moduli, DistributedVector &out) const;
  /// Sums what the ranks added to shared entries and sets constrained entries to zero.
  void finish(DistributedVector &out) const;

  /// dual += the derivative of k(moduli; u, p) with respect to the moduli of each owned cell.
  void add_stiffness_dual(const DistributedVector &u, const DistributedVector &p, Moduli &dual) const;
  /// dual += factor * the derivative of the load's pairing with p with respect to the moduli of each owned cell.
  void add_load_dual(double factor, const LoadVector<dim> &load, const DistributedVector &p, Moduli &dual) const;

  /// The operator that does the work. A linear solver may share it and renew its moduli.
  StiffnessOperator<dim, double> &stiffness_operator() const { return *operator_; }

private:
  const BoundaryConditions<dim> &boundary_conditions_;
  std::unique_ptr<StiffnessOperator<dim, double>> operator_;
  mutable DistributedVector u_, p_; ///< copies in the operator's layout
};

} // namespace lodestone
