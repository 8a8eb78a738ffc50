#pragma once

#include <petscksp.h>

namespace lodestone
{

/// KSPSolve whose iterations are safe points (SafePoints). Collective.
/// @throws Interrupted when the run was asked to stop: x then holds the last iterate
/// @throws SolverError when PETSc fails
void solve_interruptibly(KSP ksp, Vec b, Vec x);

} // namespace lodestone
