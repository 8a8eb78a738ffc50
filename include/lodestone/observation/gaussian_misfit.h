#pragma once

#include <lodestone/observation/linear_terms.h>
#include <lodestone/observation/load_case_noise.h>
#include <lodestone/observation/misfit.h>

namespace lodestone
{

/// Gaussian errors: phi(y) = |y|^2 / 2, so that J is half of chi^2 with the sets' weights in it.
///
/// The eliminated unknowns x = (a, b) solve
///
///     min_x 1/2 |W ([D N] x + d0 - d)|^2 + 1/2 sum_j ((a_j - abar_j)/s_j)^2
///
/// by QR of the whitened columns with one more row per prior (LinearTerms). Sizes: data n, strengths as many as priors,
/// nuisance terms as NuisanceTerms makes them. Failures: InputError naming the term when the data do not determine it,
/// at construction for nuisance terms, in evaluate and increment for strengths.
class GaussianMisfit : public Misfit
{
public:
  /// Collective. @param priors one per load of unknown strength, in the order of `responses`
  GaussianMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors,
                 MPI_Comm comm = MPI_COMM_SELF);

  Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const override;
  /// J is quadratic: the increment is the same at every evaluation.
  Increment increment(const Evaluation &at, const DataVector &d_hat, const std::vector<DataVector> &responses,
                      const std::vector<double> &extra, Curvature curvature) const override;
  DataVector without_nuisance(DataVector d) const override;
  unsigned int n_data() const override { return observed_.size(); }
  const Noise &noise() const override { return noise_; }
  std::vector<std::string> nuisance_names() const override { return terms_.nuisance_names(); }

  const DataVector &observed() const { return observed_; }

private:
  DataVector observed_;
  LoadCaseNoise noise_;
  LinearTerms terms_;
  LeastSquares nuisance_alone_; ///< without strengths

  /// The system of strengths and nuisance terms; empty without strengths.
  LeastSquares with_strengths(const std::vector<DataVector> &responses) const;
};

} // namespace lodestone
