#pragma once

// A misfit that is convex but not quadratic, for tests of what the chain assumes of a misfit.

#include <lodestone/observation/linear_terms.h>
#include <lodestone/observation/load_case_noise.h>
#include <lodestone/observation/misfit.h>

#include <cmath>

namespace lodestone::testing
{

/// phi(y) = sum_i delta^2 (sqrt(1 + (y_i/delta)^2) - 1): half of y^2 for small residuals, delta |y| for large ones.
///
/// phi' = y / q and phi'' = 1 / q^3 with q = sqrt(1 + (y/delta)^2). The eliminated unknowns are found by Newton's
/// method, whose steps are halved while J grows, to the level of rounding. Source: Charbonnier et al. 1997, IEEE Trans.
/// Image Process. 6, 298, doi:10.1109/83.551699.
class PseudoHuberMisfit : public Misfit
{
public:
  PseudoHuberMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors, const double delta)
      : delta_(delta), noise_(sets), terms_(sets, priors)
  {
    for (const DataSet &set : sets)
      observed_.insert(observed_.end(), set.value.begin(), set.value.end());
  }

  Evaluation evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const override
  {
    std::vector<double> x(terms_.size(), 0.);
    LeastSquares system;
    double value = objective(d0, responses, x);
    for (unsigned int iteration = 0; iteration < 100; ++iteration)
    {
      const DataVector y = whitened_residual(d0, responses, x);
      system = factorize(y, responses);
      std::vector<double> right(y.size());
      for (unsigned int i = 0; i < y.size(); ++i)
        right[i] = -first(y[i]) / std::sqrt(second(y[i]));
      const std::vector<double> of_priors = terms_.prior_residual(x);
      right.insert(right.end(), of_priors.begin(), of_priors.end());
      const std::vector<double> step = system.solve(right);

      double factor = 1, trial = 0;
      for (; factor > 1e-6; factor /= 2)
        if (trial = objective(d0, responses, sum(x, factor, step)); trial <= value * (1 + 1e-14))
          break;
      x = sum(x, factor, step);
      value = trial;
      // Newton's method doubles the number of right digits with each step.
      DataVector change(y.size(), 0.);
      terms_.add(responses, step, change);
      noise_.whiten(change);
      double largest = 0;
      for (const double entry : change)
        largest = std::max(largest, std::abs(entry));
      if (largest < 1e-12)
        break;
    }
    return evaluation(d0, responses, x, system);
  }

  Increment increment(const Evaluation &at, const DataVector &d_hat, const std::vector<DataVector> &responses,
                      const std::vector<double> &extra, const Curvature /*curvature*/) const override
  {
    DataVector y = at.residual;
    noise_.whiten(y);
    const LeastSquares system = factorize(y, responses);
    DataVector right = d_hat;
    whiten_twice(y, right);
    for (double &entry : right)
      entry = -entry;
    right.resize(n_data() + responses.size(), 0.);
    std::vector<double> x = system.solve(right), g(terms_.size(), 0.);
    std::copy(extra.begin(), extra.end(), g.begin());
    x = sum(x, -1, system.solve_normal(g));

    Increment result;
    terms_.split(x, result.strengths, result.nuisance);
    result.adjoint_source = d_hat;
    terms_.add(responses, x, result.adjoint_source);
    noise_.whiten(result.adjoint_source);
    for (unsigned int i = 0; i < n_data(); ++i)
      result.adjoint_source[i] *= second(y[i]);
    noise_.whiten_transpose(result.adjoint_source);
    return result;
  }

  DataVector without_nuisance(DataVector d) const override
  {
    DataVector whitened = d;
    noise_.whiten(whitened);
    terms_.subtract_nuisance(
        terms_.factorize_nuisance([&](DataVector &column) { noise_.whiten(column); }).solve(whitened), d);
    return d;
  }
  unsigned int n_data() const override { return observed_.size(); }
  const Noise &noise() const override { return noise_; }
  std::vector<std::string> nuisance_names() const override { return terms_.nuisance_names(); }

private:
  double delta_;
  DataVector observed_;
  LoadCaseNoise noise_;
  LinearTerms terms_;

  double root(const double y) const { return std::hypot(1, y / delta_); }
  double phi(const double y) const { return y * y / (1 + root(y)); } // no difference of nearly equal numbers
  double first(const double y) const { return y / root(y); }
  double second(const double y) const { return 1 / std::pow(root(y), 3); }

  static std::vector<double> sum(std::vector<double> x, const double factor, const std::vector<double> &step)
  {
    for (unsigned int k = 0; k < x.size(); ++k)
      x[k] += factor * step[k];
    return x;
  }
  /// d becomes sqrt(phi''(y)) W d.
  void whiten_twice(const DataVector &y, DataVector &d) const
  {
    noise_.whiten(d);
    for (unsigned int i = 0; i < n_data(); ++i)
      d[i] *= std::sqrt(second(y[i]));
  }
  LeastSquares factorize(const DataVector &y, const std::vector<DataVector> &responses) const
  {
    return terms_.factorize(responses, [&](DataVector &column) { whiten_twice(y, column); });
  }
  DataVector whitened_residual(const DataVector &d0, const std::vector<DataVector> &responses,
                               const std::vector<double> &x) const
  {
    DataVector y = d0;
    terms_.add(responses, x, y);
    for (unsigned int i = 0; i < n_data(); ++i)
      y[i] -= observed_[i];
    noise_.whiten(y);
    return y;
  }
  double objective(const DataVector &d0, const std::vector<DataVector> &responses, const std::vector<double> &x) const
  {
    double value = 0;
    for (const double y : whitened_residual(d0, responses, x))
      value += phi(y);
    for (const double r : terms_.prior_residual(x))
      value += r * r / 2;
    return value;
  }
  Evaluation evaluation(const DataVector &d0, const std::vector<DataVector> &responses, const std::vector<double> &x,
                        const LeastSquares &system) const
  {
    Evaluation result;
    result.value = objective(d0, responses, x);
    terms_.split(x, result.strengths, result.nuisance);
    terms_.split(system.deviations(), result.strength_deviations, result.nuisance_deviations);
    result.correlations = system.correlations();
    result.predicted = d0;
    terms_.add(responses, x, result.predicted);
    result.residual = result.predicted;
    for (unsigned int i = 0; i < n_data(); ++i)
      result.residual[i] -= observed_[i];
    result.adjoint_source = whitened_residual(d0, responses, x);
    result.standardized = result.adjoint_source;
    noise_.take_weights_out(result.standardized);
    for (const double r : result.standardized)
      result.chi_squared += r * r;
    for (double &entry : result.adjoint_source)
      entry = first(entry);
    noise_.whiten_transpose(result.adjoint_source);
    return result;
  }
};

} // namespace lodestone::testing
