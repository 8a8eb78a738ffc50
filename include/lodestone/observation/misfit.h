#pragma once

#include <lodestone/observation/data_vector.h>

#include <deal.II/lac/full_matrix.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Noise model of a load case: from predicted data to J, with nuisance terms and unknown load strengths eliminated.
///
/// Predicted data are d0 + sum_j a_j D_j, D_j the data of a unit strength of load j. Residual r = d0 + D a + N b - d.
///   J = min over a, b of 1/2 |r|^2_{Gamma^-1} + 1/2 sum_j ((a_j - abar_j)/s_j)^2
/// Everything is whitened first, so no square of a datum or a sigma is formed. Data in metres, replicated on all ranks.
class Misfit
{
public:
  virtual ~Misfit() = default;

  struct Evaluation
  {
    double value = 0;              ///< J
    std::vector<double> strengths; ///< a
    std::vector<double> nuisance;  ///< b
    /// One standard deviation of each a and b at the given predictions, from the noise and the priors of strengths.
    std::vector<double> strength_deviations, nuisance_deviations;
    DataVector predicted;      ///< d0 + D a + N b
    DataVector residual;       ///< predicted - observed
    DataVector adjoint_source; ///< Gamma^-1 residual: dJ/d predicted
    double chi_squared = 0;    ///< |r|^2_{Gamma^-1} without set weights
  };
  /// @param responses D_j, one per load of unknown strength
  virtual Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const = 0;

  struct Increment
  {
    std::vector<double> strengths, nuisance; ///< a_hat, b_hat
    DataVector adjoint_source;               ///< Gamma^-1 (d_hat + D a_hat + N b_hat)
  };
  /// Response of the eliminated unknowns to a change of the predicted data at fixed strengths:
  ///   [D N]^T Gamma^-1 [D N] (a_hat, b_hat) (+ prior) = - [D N]^T Gamma^-1 d_hat - (extra, 0)
  /// @param extra one number per strength: p^T (d2r/dm da_j)[m_hat], the part of the full Hessian that Gauss-Newton leaves out;
  ///              empty: zero
  virtual Increment increment(const DataVector &d_hat, const std::vector<DataVector> &responses,
                              const std::vector<double> &extra) const = 0;

  virtual unsigned int n_data() const = 0;
  /// Whitening weights, one per datum: sqrt(weight)/sigma_i for independent errors (1/m).
  virtual DataVector inverse_sigma() const = 0;
  virtual std::vector<std::string> nuisance_names() const = 0; ///< "gnss: east offset (m)", ...
};

} // namespace lodestone
