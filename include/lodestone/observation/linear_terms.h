#pragma once

#include <lodestone/observation/least_squares.h>
#include <lodestone/observation/misfit.h>
#include <lodestone/observation/nuisance.h>

#include <functional>

namespace lodestone
{

/// Gaussian prior of an estimated load strength; sigma 0: nothing is known beforehand.
struct StrengthPrior
{
  std::string name; ///< of the load, for messages
  double mean = 0, sigma = 0;
};

/// The unknowns x = (a, b) that a misfit eliminates because the predicted data depend linearly on them:
///
///     d = d0 + [D N] x,   a: strengths of loads, with priors;   b: coefficients of nuisance terms
///
/// D are the responses of the loads at the present model and come with each call. Serial, the same on all ranks.
class LinearTerms
{
public:
  /// @param priors one per load of unknown strength, in the order of `responses`
  /// @throws InputError for a prior that cannot be used
  LinearTerms(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors);

  unsigned int n_strengths() const { return priors_.size(); }
  unsigned int size() const { return priors_.size() + nuisance_.columns.size(); }
  const std::vector<std::string> &nuisance_names() const { return nuisance_.names; }

  /// d += [D N] x (m).
  void add(const std::vector<DataVector> &responses, const std::vector<double> &x, DataVector &d) const;

  /// d -= N b (m).
  void subtract_nuisance(const std::vector<double> &b, DataVector &d) const;

  /// QR of whitened columns: first one row per datum, then one row per strength, which holds 1/s_j where load j has a
  /// prior. @param whiten applied to each column of [D N]
  /// @throws InputError naming the term when the data do not determine it
  LeastSquares factorize(const std::vector<DataVector> &responses,
                         const std::function<void(DataVector &)> &whiten) const;
  /// QR of the whitened nuisance columns alone, without strengths.
  LeastSquares factorize_nuisance(const std::function<void(DataVector &)> &whiten) const;

  /// (abar_j - a_j) / s_j for each strength, 0 where it has no prior: the right-hand side of the rows of strengths.
  std::vector<double> prior_residual(const std::vector<double> &x) const;

  /// Splits x into strengths and nuisance coefficients.
  void split(const std::vector<double> &x, std::vector<double> &strengths, std::vector<double> &nuisance) const;

private:
  std::vector<StrengthPrior> priors_;
  NuisanceTerms nuisance_;

  const DataVector &column(const std::vector<DataVector> &responses, unsigned int k) const;
  void refuse_deficient(const LeastSquares &system, unsigned int n_strengths) const;
};

} // namespace lodestone
