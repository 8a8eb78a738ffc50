#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/forward/boundary_conditions.h>
#include <lodestone/forward/load_vector.h>
#include <lodestone/material/parametrization.h>

namespace lodestone
{

/// The cell integrals of linear elasticity, all linear in the moduli (lambda, mu) of the cells:
///
///   stiffness     k(theta; u, v) = sum_c int_c lambda tr eps(u) tr eps(v) + 2 mu eps(u) : eps(v)
///   moduli duals  dk/dlambda_c = int_c tr eps(u) tr eps(p),  dk/dmu_c = int_c 2 eps(u) : eps(p)
///
/// so one routine serves K u, (dK/dm [m_hat]) u and, with u and p exchanged, their transposes. Functionals are condensed onto the
/// unconstrained entries of hanging nodes and boundary conditions. Vectors need valid ghosts.
template <int dim>
class ElasticityKernels
{
public:
  ElasticityKernels(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions)
      : space_(space), boundary_conditions_(boundary_conditions)
  {
  }

  /// out += k(moduli; u, .). Not compressed: call `finish` once after the last addition.
  void add_stiffness(const Moduli &moduli, const DistributedVector &u, DistributedVector &out) const;
  /// out += spring forces of u.
  void add_springs(const DistributedVector &u, DistributedVector &out) const;
  /// out += factor * (cell parts of the load at these moduli).
  void add_load_cells(double factor, const LoadVector<dim> &load, const Moduli &moduli, DistributedVector &out) const;
  /// Sums what ranks added to shared entries and zeroes constrained ones.
  void finish(DistributedVector &out) const;

  /// dual += derivative of k(moduli; u, p) with respect to the moduli of each owned cell.
  void add_stiffness_dual(const DistributedVector &u, const DistributedVector &p, Moduli &dual) const;
  /// dual += factor * derivative of the load's pairing with p.
  void add_load_dual(double factor, const LoadVector<dim> &load, const DistributedVector &p, Moduli &dual) const;

  /// The two matrices of a cell, S_lambda and S_mu, with K_c = lambda S_lambda + mu S_mu: for assembly.
  void cell_matrices(const dealii::FEValues<dim> &values, std::vector<double> &s_lambda, std::vector<double> &s_mu) const;

private:
  const DisplacementSpace<dim> &space_;
  const BoundaryConditions<dim> &boundary_conditions_;
};

} // namespace lodestone
