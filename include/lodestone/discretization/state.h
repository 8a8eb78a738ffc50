#pragma once

#include <lodestone/discretization/vectors.h>

#include <vector>

namespace lodestone
{

/// The state of one load case: what r(u, m) = 0 determines, and the strengths of the loads that drive it.
///
/// `step[k]` is the displacement field at step k; a static run has one step, a time history has several, each depending
/// on earlier ones. `load_factors[l]` multiplies load l of the load case, `affine` what is independent of any load
/// (prescribed displacement); an increment of the state has increments here too (zero, unless load strengths are
/// estimated). Metres. Displacements carry valid ghosts and satisfy the constraints (hanging nodes, prescribed values).
struct State
{
  std::vector<DistributedVector> step;
  std::vector<double> load_factors;
  double affine = 1;
};

/// A linear functional on states (residuals, adjoint sources): one dual vector per step, zero on constrained entries.
/// It is not a field: dual entries grow with the support of their basis functions. A residual is in newtons, the
/// derivative of a misfit in 1/m.
struct StateDual
{
  std::vector<DistributedVector> step;
};

/// y += a x, for displacements, load factors and the affine part. Collective, since ghosts are renewed.
void add(State &y, double a, const State &x);
/// The value of a functional at a state: the sum over the steps of functional times displacement. Collective.
double dot(const StateDual &functional, const State &state);

} // namespace lodestone
