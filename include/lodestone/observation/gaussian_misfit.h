#pragma once

#include <lodestone/observation/data_set.h>
#include <lodestone/observation/least_squares.h>
#include <lodestone/observation/misfit.h>
#include <lodestone/observation/nuisance.h>

namespace lodestone
{

/// Gaussian prior of an estimated load strength; sigma 0: nothing is known beforehand.
struct StrengthPrior
{
  std::string name; ///< of the load, for messages
  double mean = 0, sigma = 0;
};

/// Independent Gaussian errors: Gamma = diag(sigma_i^2 / w_k), w_k the weight of the datum's set.
///
/// With W = Gamma^-1/2 and x = (a, b), the eliminated unknowns solve
///   min_x 1/2 | W ([D N] x + d0 - d) |^2 + 1/2 sum_j ((a_j - abar_j)/s_j)^2
/// by QR of the whitened columns with one more row per prior. Serial, on replicated data: the same on all ranks.
/// Sizes: data n, strengths as many as priors, nuisance terms as NuisanceTerms makes them.
/// Failures: InputError naming the term when the data do not determine a term, at construction for nuisance terms, in
/// evaluate and increment for strengths.
class GaussianMisfit : public Misfit
{
public:
  /// @param priors one per load of unknown strength, in the order of `responses`
  GaussianMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors);

  Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const override;
  Increment increment(const DataVector &d_hat, const std::vector<DataVector> &responses,
                      const std::vector<double> &extra) const override;
  unsigned int n_data() const override { return observed_.size(); }
  DataVector inverse_sigma() const override;
  std::vector<std::string> nuisance_names() const override { return nuisance_.names; }

  const DataVector &observed() const { return observed_; }
  const DataVector &sigma() const { return sigma_; }

private:
  DataVector observed_, sigma_;
  std::vector<double> root_weight_; ///< sqrt(w), per datum
  std::vector<StrengthPrior> priors_;
  NuisanceTerms nuisance_;
  LeastSquares nuisance_alone_; ///< for runs without unknown strengths

  double whitened(unsigned int i, double value) const { return value / sigma_[i] * root_weight_[i]; }
  LeastSquares factorize(const std::vector<DataVector> &responses) const;
  void refuse_deficient(const LeastSquares &system, unsigned int n_strengths) const;
  /// y += D a + N b
  void add_terms(const std::vector<DataVector> &responses, const std::vector<double> &x, DataVector &y) const;
};

} // namespace lodestone
