#pragma once

#include <lodestone/discretization/vectors.h>

#include <vector>

namespace lodestone
{

/// The state of one load case: what r(u, m) = 0 determines, and the strengths of the loads that drive it.
///
/// `displacement[k]` is the field at step k; a static run has one step, a time history has several, each depending on earlier ones.
/// `load_factors[l]` multiplies load l of the load case, `affine` what is independent of any load (prescribed displacement);
/// an increment of the state has increments here too (zero, unless load strengths are estimated).
/// Metres. Displacements carry valid ghosts and satisfy the constraints (hanging nodes, prescribed values).
struct State
{
  std::vector<DistributedVector> displacement;
  std::vector<double> load_factors;
  double affine = 1;
};

/// A linear functional on states (residuals, adjoint sources): one dual vector per step, zero on constrained entries.
/// Not a field: dual entries grow with the support of their basis function. Newtons when the residual's, 1/m when the misfit's.
struct StateDual
{
  std::vector<DistributedVector> step;
};

/// y += a x on displacements, load factors and the affine part.
void add(State &y, double a, const State &x);
/// Pairing of a functional with a state's displacements.
double dot(const StateDual &functional, const State &state);

} // namespace lodestone
