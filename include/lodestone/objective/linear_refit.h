#pragma once

#include <lodestone/objective/reduced_objective.h>

#include <cstdint>
#include <vector>

namespace lodestone
{

/// How residuals answer a change of the data once the model has followed it, to first order at the present minimiser.
///
/// With the tangents J_s of the predicted data, S_s = W^T phi'' W with strengths and nuisance terms eliminated
/// (Misfit::increment, positive curvature) and the prior's precision R, a change e_s of the observed data and a change
/// of the prior's gradient by - r move the minimiser by
///
///     m_hat = H^-1 (sum_s J_s^T S_s e_s + r),   H = sum_s J_s^T S_s J_s + R,
///
/// and the residuals by what is predicted for J_s m_hat - e_s with its strengths and nuisance terms. Where the misfit is
/// |W r|^2 / 2 this is W^-1 (A - 1) W e, A being the influence matrix of the data. Bounds of the unknowns are not heeded.
///
/// H m_hat is solved for by conjugate gradients with R^-1 in front, to 2 % of the energy norm: about one Hessian
/// action for each eigenvalue of the data's Hessian that is well above 1 in the metric of R. The same on all ranks;
/// collective. `objective` has been evaluated. When a report has not converged nothing else is valid.
/// @param data_change e_s, one vector per load case (m)
/// @param prior_change r, a dual vector
/// @param change one per load case
SolveReport refit(ReducedObjective &objective, const std::vector<DataVector> &data_change,
                  const ParameterVector &prior_change, std::vector<Misfit::Increment> &change);

/// Numbers, one per datum, whose sum over a data set estimates the set's redundancy: with Gaussian errors its number of
/// data less the trace of its block of A, which is the number of unknowns, of the model and eliminated ones, that the set
/// determines. With a loss phi the sum is that of phi'' times the diagonal of 1 - A.
///
/// They are z_i ((1 - A) z)_i, means over vectors z of independent signs; each costs one `refit`. The standard deviation of
/// a sum is about sqrt(2 trace / n_probes). Source: Hutchinson 1990, Commun. Stat. Simul. Comput. 19, 433,
/// doi:10.1080/03610919008812866.
/// @param on_probe is called after each of them
SolveReport probe_redundancy(ReducedObjective &objective, unsigned int n_probes, std::vector<DataVector> &numbers,
                             const std::function<void()> &on_probe = {});

/// The residuals that a draw of the errors leaves, with a true model that is a draw of the prior.
/// @param errors of the observed data, one vector per load case (m)
/// @param seed of the draw of the prior
/// @param residuals one vector per load case (m)
SolveReport residuals_of_errors(ReducedObjective &objective, const std::vector<DataVector> &errors, std::uint64_t seed,
                                std::vector<DataVector> &residuals);

} // namespace lodestone
