#pragma once

#include <petscpc.h>

namespace lodestone
{

/// What PETSc's smoothed aggregation (PCGAMG) needs beyond its options to be a positive definite preconditioner whatever the rounding.

/// Removes coarse unknowns that move nothing on the finest level. An aggregate of one or two nodes has fewer independent displacements than
/// rigid motions; the surplus columns of its prolongation vanish, on some processors exactly and on others but for rounding. A column of
/// rounding errors makes a row of them in the coarse matrix: not positive definite, divided by a diagonal entry of 1e-32 in the smoother, and
/// the only thing that the estimate of the largest eigenvalue then sees. With columns that are exactly zero the row is, and plays no part.
///
/// After the preconditioner's first set-up. Collective. @return whether any column was changed: then the matrices of coarser levels have to
/// be made again
bool remove_inert_unknowns(PC gamg);

/// Sets the range that each level's Chebyshev smoother damps: a tenth of the largest eigenvalue of D^-1 A up to `margin` times it, as `steps`
/// steps of conjugate gradients find it, twice as many on coarser levels, where they cost little. The start is random and weighs all unknowns alike, D^(1/2) xi, where PETSc's own start xi sees those
/// of the smallest stiffness only. Until the matrix changes; collective.
void estimate_smoothing(PC gamg, unsigned int steps, double margin);

/// Smooths with four steps on each level, up to a bound of its eigenvalues that holds for certain: the largest row sum of |a_ij| / a_ii.
/// Until the matrix changes. Source: Gershgorin's theorem.
void bound_smoothing(PC gamg);

} // namespace lodestone
