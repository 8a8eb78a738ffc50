#pragma once

#include <lodestone/app/problem.h>
#include <lodestone/base/log.h>

#include <optional>
#include <vector>

namespace lodestone
{

/// How large the errors of each data set are against its sigma, judged by the residuals that a minimiser leaves:
///
///     factor_k^2 = chi_k^2 / (n_k - t_k)
///
/// with n_k data, of which t_k, the trace of the set's block of the influence matrix (probe_redundancy), were used up by
/// the model, strengths and nuisance terms. Iterated, this is Helmert's estimate of variance components, the prior
/// counting as observations with its own errors. A set of weight w counts as w n_k data. For losses that expect
/// outliers, chi_k^2 / n_k is the square of the typical residual, and n_k the sum of phi''.
///
/// Where the weight of the prior is chosen by the discrepancy, sum_k chi_k^2 is what that asks for, and says nothing of
/// errors: then only ratios of the factors count, and the smallest is made 1, or that of a set whose noise was estimated by itself.
/// Sigma that is too small is the usual mistake.
/// Sources: Helmert 1924, Die Ausgleichungsrechnung nach der Methode der kleinsten Quadrate, chapter 7; Foerstner 1979,
/// Allgemeine Vermessungs-Nachrichten 86, 446.
struct VarianceComponents
{
  /// A data set with observed data.
  struct Component
  {
    unsigned int load_case = 0, set = 0; ///< numbers in the problem
    double redundancy = 0;               ///< (n_k - t_k) / n_k
    /// Of the standard deviations that it has now; 0 where the redundancy is so small that the residuals tell nothing.
    double factor = 0;
  };
  std::vector<Component> components;
  bool are_relative = false; ///< only their ratios count
};

/// The components at the minimiser where the objective has been evaluated; nothing for fewer than two data sets, or when
/// a solve fails, which the log says. Collective. @param is_discrepancy whether that chose the prior's weight
template <int dim>
std::optional<VarianceComponents> variance_components(Problem<dim> &problem, bool is_discrepancy, Log &log);

/// Lines of the log.
template <int dim>
void report_variance_components(const Problem<dim> &problem, const VarianceComponents &found, Log &log);

/// Multiplies sigma of each data set with its factor, but for those whose noise is estimated by itself. Returns whether any
/// factor was so far from 1 that the minimisation must go on. Collective.
template <int dim>
bool apply_variance_components(Problem<dim> &problem, const VarianceComponents &found, Log &log);

} // namespace lodestone
