#pragma once

#include <lodestone/observation/linear_terms.h>
#include <lodestone/observation/load_case_noise.h>
#include <lodestone/observation/misfit.h>

namespace lodestone
{

/// Misfits that outliers bend little: with the whitened residuals y = W r without the sets' weights w,
///
///     J = min over a, b of sum_i w_i phi_i(y_i) + 1/2 sum_j ((a_j - abar_j)/s_j)^2
///
/// phi_i is the Loss of the datum's set; sets with different losses stand side by side.
///
/// The eliminated unknowns x = (a, b) are found in an orthonormal basis of the whitened columns, [W D, W N; 1/s, 0] = Q
/// R, z = R x, in which nothing depends on units. Newton's steps are taken where they reduce J, and otherwise those of
/// iteratively reweighted least squares, which always do. Student-t starts from the minimum of Huber's misfit, which is
/// unique, so that J is one function of the predictions also where its minimum is not unique. Increments use the
/// curvature at the minimum; where the data do not determine x by it (Huber: all residuals on straight lines), that of
/// reweighted least squares takes its place. Standard deviations are those of the same curvature. Source: Green 1984, J.
/// R. Stat. Soc. B 46, 149, doi:10.1111/j.2517-6161.1984.tb01288.x.
class RobustMisfit : public Misfit
{
public:
  /// Collective. @param priors one per load of unknown strength, in the order of `responses`
  RobustMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors,
               MPI_Comm comm = MPI_COMM_SELF);

  Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const override;
  Increment increment(const Evaluation &at, const DataVector &d_hat, const std::vector<DataVector> &responses,
                      const std::vector<double> &extra, Curvature curvature) const override;
  DataVector without_nuisance(DataVector d) const override;
  unsigned int n_data() const override { return observed_.size(); }
  const Noise &noise() const override { return noise_; }
  std::vector<std::string> nuisance_names() const override { return terms_.nuisance_names(); }

private:
  DataVector observed_;
  std::vector<double> root_weight_; ///< of each datum
  std::vector<Loss> loss_;          ///< of each datum
  LoadCaseNoise noise_;
  LinearTerms terms_;
  LeastSquares nuisance_alone_; ///< without strengths

  double typical_chi_squared(const DataVector &standardized) const;
  /// The system of strengths and nuisance terms.
  LeastSquares factorize(const std::vector<DataVector> &responses) const;
};

} // namespace lodestone
