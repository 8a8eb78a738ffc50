#pragma once

#include <petscksp.h>

namespace lodestone
{

// These functions give PETSc's smoothed aggregation (PCGAMG) what its options do not offer, so that it is a positive
// definite preconditioner whatever the rounding. All are collective.

/// Removes coarse unknowns that have no effect on the finest level. An aggregate of one or two nodes has fewer
/// independent displacements than rigid motions, and the surplus columns of its prolongation vanish: on some processors
/// exactly, on others but for rounding. A column of rounding errors makes a row of rounding errors in the coarse
/// matrix, which is then not positive definite. The smoother divides by its diagonal entry of about 1e-32, and that row
/// dominates the estimate of the largest eigenvalue. If the column is exactly zero, so is the row, and it does no harm.
///
/// Call it after each set-up of the preconditioner.
/// @return whether any column was changed: then the matrices of coarser levels have to be made again
bool remove_inert_unknowns(PC gamg);

/// Sets up a solver with this preconditioner. If inert unknowns had to be removed, it sets the solver up again.
void set_up_without_inert_unknowns(KSP solver);

/// Sets the range of eigenvalues that each level's Chebyshev smoother damps: from a tenth of the largest eigenvalue of
/// D^-1 A up to `margin` times it. Conjugate gradients estimate that eigenvalue in `steps` steps, or twice as many on
/// coarser levels, where they cost little. Their start is D^(1/2) xi with a fixed vector of noise xi, which gives all
/// unknowns the same weight; in PETSc's own start xi the unknowns of the smallest stiffness outweigh all others. The
/// range holds until the matrix changes.
void estimate_smoothing(PC gamg, unsigned int steps, double margin);

/// Makes each level smooth with `bounded_steps` steps, up to a certain bound of its eigenvalues: the largest row sum of
/// |a_ij| / a_ii. The bound holds until the matrix changes. Source: Gershgorin's theorem.
void bound_smoothing(PC gamg);
/// Smoothing steps after `bound_smoothing`.
constexpr int bounded_steps = 4;

} // namespace lodestone
