#pragma once

#include <lodestone/objective/reduced_objective.h>

#include <functional>
#include <vector>

namespace lodestone
{

/// Standard deviations and correlations of all numbers x that a run estimates, to first order at the present model: the
/// unknowns m by their global numbers, then for every load case its strengths and its nuisance terms.
///
/// With the tangents J_s = d d_s/dm at fixed strengths and nuisance terms y_s, their changes A_s = dy_s/dm, and W_s J_s
/// the changes of the adjoint source, once y_s has followed m (Misfit::increment without its `extra`),
///
///     H = sum_s J_s^T W_s J_s + d2(prior)/dm2,   C_mm = H^-1,
///     C_ym = A C_mm,   C_yy = C_y|m + A C_mm A^T,
///
/// with C_y|m that of Misfit::Evaluation. Where misfit and prior are squares and the predictions linear in x, C is the
/// exact posterior covariance. H is scaled to unit length of the whitened columns of J and the prior; then eigenvalues
/// below 1e-13 count as zero: H is a square of tangents, so that what a combination without effect gets there is
/// rounding, however inexact the solves.
/// Source: Tarantola 2005, doi:10.1137/1.9780898717921, section 3.2 (linear Gaussian case).
struct PosteriorCovariance
{
  /// Units of strengths and nuisance terms; m has none. Infinite: neither data nor prior determine the number.
  std::vector<double> deviations;
  /// Row by row; between two numbers that are not determined, that of the combinations that nothing determines.
  std::vector<std::vector<double>> correlations;
};

/// Dense, the same on all ranks; it costs one incremental forward solve per unknown and load case, and memory for
/// (unknowns + strengths + nuisance terms)^2 numbers on every rank and unknowns x data on all ranks together.
/// Collective. `objective` has been evaluated.
/// @param stop asked between solves, the same on all ranks: whether to give up
/// @return when it has not converged, `covariance` is not valid
SolveReport posterior_covariance(ReducedObjective &objective, const std::function<bool()> &stop,
                                 PosteriorCovariance &covariance);

} // namespace lodestone
