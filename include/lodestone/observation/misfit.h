#pragma once

#include <lodestone/observation/noise.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Computes J from the predicted data of a load case, and eliminates nuisance terms and unknown load strengths.
///
/// Predicted data are d = d0 + D a + N b: d0 are those of the known loads, D_j those of a unit strength of load j, and
/// N the nuisance terms. With the residual r = d - d_observed and a function phi,
///
///     J(d0, D) = min over a, b of phi(W r) + 1/2 sum_j ((a_j - abar_j)/s_j)^2
///
/// W is that of `noise()`, and phi(y) = |y|^2 / 2 in GaussianMisfit. phi need not be quadratic: where it is not,
/// Hessian actions take its second derivatives at the evaluation that they are given.
///
/// All functions work on data that all ranks have alike, and return the same on all of them. All but n_data, noise and
/// nuisance_names are collective where the noise is (Noise).
/// Data are in m (m/yr for rates), derivatives with respect to data in 1/m, J has no unit. Strengths are factors, or
/// whatever unit the load's response is for. Data, strengths and coefficients are primal; adjoint sources are dual.
class Misfit
{
public:
  virtual ~Misfit() = default;

  /// The misfit and its first derivatives at given predictions.
  struct Evaluation
  {
    double value = 0;              ///< J
    std::vector<double> strengths; ///< a
    std::vector<double> nuisance;  ///< b
    /// One standard deviation of each a and b at the given predictions, from the noise and the priors of strengths.
    std::vector<double> strength_deviations, nuisance_deviations;
    /// Their correlations, row by row, strengths first: covariances divided by the deviations of both.
    std::vector<std::vector<double>> correlations;
    DataVector predicted;      ///< d (m)
    DataVector residual;       ///< d - d_observed (m)
    DataVector adjoint_source; ///< dJ/dd = W^T phi'(W r) (1/m)
    DataVector standardized;   ///< W r without set weights: independent, of standard deviation one
    double chi_squared = 0;    ///< |W r|^2 without set weights
    /// The same, in which each datum of sets that expect outliers counts as (1.4826 median of their |W r|)^2.
    double typical_chi_squared = 0;
  };
  /// J and its first derivatives. With a and b at their minimum, dJ/dd0 is the adjoint source, a dual vector; d0 and the
  /// responses are primal.
  /// @param d0 one number per datum
  /// @param responses D_j, one per load of unknown strength, each with one number per datum
  /// @throws InputError when the data do not determine a strength or a nuisance term
  virtual Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const = 0;

  /// Second derivatives of phi.
  enum class Curvature
  {
    exact,
    positive ///< none is negative, so that a Gauss-Newton Hessian is not: phi'' itself where phi is convex
  };

  /// The first-order changes that follow a change of the predictions.
  struct Increment
  {
    std::vector<double> strengths, nuisance; ///< a_hat, b_hat
    DataVector predicted;                    ///< d_hat + D a_hat + N b_hat (m)
    DataVector adjoint_source;               ///< change of the adjoint source: W^T phi'' W of that
  };
  /// What follows a change of the predicted data: a and b stay at their minimum, and the adjoint source changes with
  /// all three. To first order, with G = W^T phi'' W at `at`, and G = Gamma^-1 where phi is quadratic,
  ///
  ///     [D N]^T G [D N] (a_hat, b_hat) + (a_hat / s^2, 0) = - [D N]^T G d_hat - (extra, 0)
  ///
  /// d_hat is primal, the change of the adjoint source is dual.
  /// @param at what `evaluate` returned for the d0 and the responses at which this is the derivative
  /// @param d_hat change of d0 + D a at fixed a: one number per datum (m)
  /// @param responses as in that `evaluate`
  /// @param extra one number per strength, D_hat_j^T dJ/dd: what a change of the responses themselves adds, in the code
  ///              p^T (d2r/dm da_j)[m_hat]. Empty: zero, as Gauss-Newton takes it, which leaves out all terms that
  ///              have the adjoint state in them
  /// @param curvature what stands for phi''
  /// @throws InputError as `evaluate`
  virtual Increment increment(const Evaluation &at, const DataVector &d_hat, const std::vector<DataVector> &responses,
                              const std::vector<double> &extra, Curvature curvature) const = 0;

  /// What nuisance terms cannot take up of data (m): d - N b, b = argmin |W (d - N b)|.
  virtual DataVector without_nuisance(DataVector d) const = 0;

  /// Number of data of the load case. Not collective.
  virtual unsigned int n_data() const = 0;
  /// The noise of all data sets of the load case, with their weights. Not collective.
  virtual const Noise &noise() const = 0;
  /// A name with unit for each nuisance term, "gnss: east offset (m)". Not collective.
  virtual std::vector<std::string> nuisance_names() const = 0;
};

} // namespace lodestone
