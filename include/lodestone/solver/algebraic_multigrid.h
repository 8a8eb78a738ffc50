#pragma once

#include <petscksp.h>

namespace lodestone
{

/// What PETSc's smoothed aggregation (PCGAMG) needs beyond its options to be a positive definite preconditioner whatever the rounding.

/// Removes coarse unknowns that have no effect on the finest level. An aggregate of one or two nodes has fewer independent displacements than
/// rigid motions, and the surplus columns of its prolongation vanish: on some processors exactly, on others but for rounding. A column of
/// rounding errors makes a row of rounding errors in the coarse matrix, which is then not positive definite. The smoother divides by its
/// diagonal entry of about 1e-32, and that row dominates the estimate of the largest eigenvalue. Where the column is exactly zero so is the
/// row, and it plays no part.
///
/// After a set-up of the preconditioner; collective. @return whether any column was changed: then the matrices of coarser levels have to be
/// made again
bool remove_inert_unknowns(PC gamg);

/// Sets a solver with this preconditioner up, and again where inert unknowns had to be removed.
void set_up_without_inert_unknowns(KSP solver);

/// Sets the range that each level's Chebyshev smoother damps: a tenth of the largest eigenvalue of D^-1 A up to `margin` times it, as `steps`
/// steps of conjugate gradients find it, twice as many on coarser levels, where they cost little. The start D^(1/2) xi, xi a fixed vector of noise, weighs
/// all unknowns alike; in PETSc's own start xi those of the smallest stiffness outweigh all others. Until the matrix changes; collective.
void estimate_smoothing(PC gamg, unsigned int steps, double margin);

/// Smooths with four steps on each level, up to a bound of its eigenvalues that holds for certain: the largest row sum of |a_ij| / a_ii.
/// Until the matrix changes. Source: Gershgorin's theorem.
void bound_smoothing(PC gamg);
constexpr int bounded_steps = 4;

} // namespace lodestone
