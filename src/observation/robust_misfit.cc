#include <lodestone/observation/robust_misfit.h>

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

namespace
{

using Columns = std::vector<std::vector<double>>;

double dot(const std::vector<double> &a, const std::vector<double> &b)
{
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

/// y + Q z.
std::vector<double> moved(std::vector<double> y, const Columns &q, const std::vector<double> &z)
{
  for (std::size_t k = 0; k < q.size(); ++k)
    for (std::size_t i = 0; i < y.size(); ++i)
      y[i] += z[k] * q[k][i];
  return y;
}

/// Cholesky factor of Q^T diag(c) Q, of a size of a few.
class SmallCholesky
{
public:
  SmallCholesky(const Columns &q, const std::vector<double> &c) : l_(q.size())
  {
    constexpr double smallest_pivot = 1e-10; // columns of Q have length one
    for (std::size_t i = 0; i < q.size() && definite_; ++i)
    {
      std::vector<double> scaled = c;
      for (std::size_t k = 0; k < scaled.size(); ++k)
        scaled[k] *= q[i][k];
      for (std::size_t j = 0; j <= i; ++j)
      {
        double entry = dot(scaled, q[j]);
        for (std::size_t k = 0; k < j; ++k)
          entry -= l_[i][k] * l_[j][k];
        definite_ = definite_ && (j < i || entry > smallest_pivot);
        l_[i].push_back(j < i ? entry / l_[j][j] : std::sqrt(std::max(entry, 0.)));
      }
    }
  }
  bool definite() const { return definite_; }
  std::vector<double> solve(std::vector<double> g) const
  {
    for (std::size_t i = 0; i < g.size(); ++i)
    {
      for (std::size_t k = 0; k < i; ++k)
        g[i] -= l_[i][k] * g[k];
      g[i] /= l_[i][i];
    }
    return solve_transpose(std::move(g));
  }
  std::vector<double> solve_transpose(std::vector<double> g) const
  {
    for (std::size_t i = g.size(); i-- > 0;)
    {
      for (std::size_t k = i + 1; k < g.size(); ++k)
        g[i] -= l_[k][i] * g[k];
      g[i] /= l_[i][i];
    }
    return g;
  }

private:
  Columns l_;
  bool definite_ = true;
};

/// The sum over data and priors as a function of whitened residuals with the sets' weights in them; rows of priors, which
/// follow the data, are quadratic.
class Sum
{
public:
  Sum(const std::vector<Loss> &loss, const std::vector<double> &root_weight) : loss_(loss), root_weight_(root_weight) {}

  double value(const std::vector<double> &y) const
  {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      sum += i < loss_.size() ? root_weight_[i] * root_weight_[i] * loss_[i].value(y[i] / root_weight_[i])
                              : y[i] * y[i] / 2;
    return sum;
  }
  /// One number per row, made of the datum's loss and its residual without weight; @param of_prior that of priors
  template <typename Function>
  std::vector<double> of_rows(const std::vector<double> &y, const double of_prior, const Function &function) const
  {
    std::vector<double> result(y.size(), of_prior);
    for (std::size_t i = 0; i < loss_.size(); ++i)
      result[i] = function(loss_[i], y[i] / root_weight_[i]);
    return result;
  }
  std::vector<double> weights(const std::vector<double> &y) const
  {
    return of_rows(y, 1, [](const Loss &loss, const double r) { return loss.weight(r); });
  }
  std::vector<double> second(const std::vector<double> &y) const
  {
    return of_rows(y, 1, [](const Loss &loss, const double r) { return loss.second(r); });
  }
  std::vector<double> positive(const std::vector<double> &y) const
  {
    return of_rows(y, 1, [](const Loss &loss, const double r) { return loss.positive_curvature(r); });
  }

  /// Moves y by Q z to the minimum over z. Returns z.
  std::vector<double> minimise(const Columns &q, std::vector<double> &y) const;

private:
  const std::vector<Loss> &loss_;
  const std::vector<double> &root_weight_;
};

std::vector<double> Sum::minimise(const Columns &q, std::vector<double> &y) const
{
  constexpr unsigned int most_steps = 200;
  constexpr double rounding = 1e-14;
  std::vector<double> z(q.size(), 0.), g(q.size());
  double at = value(y);
  for (unsigned int iteration = 0; iteration < most_steps && !q.empty(); ++iteration)
  {
    const std::vector<double> weight = weights(y);
    std::vector<double> force = y;
    for (std::size_t i = 0; i < y.size(); ++i)
      force[i] *= weight[i];
    for (std::size_t k = 0; k < q.size(); ++k)
      g[k] = -dot(force, q[k]);

    std::vector<double> step, trial;
    if (const SmallCholesky newton(q, second(y)); newton.definite())
    {
      step = newton.solve(g);
      trial = moved(y, q, step);
    }
    if (step.empty() || !(value(trial) <= at * (1 + rounding)))
    {
      const SmallCholesky reweighted(q, weight);
      if (!reweighted.definite())
        break; // residuals beyond 1e10: no step can be told from none
      step = reweighted.solve(g);
      trial = moved(y, q, step);
    }
    const double size = std::sqrt(dot(step, step));
    for (std::size_t k = 0; k < q.size(); ++k)
      z[k] += step[k];
    y = std::move(trial);
    at = value(y);
    if (size <= rounding * (1 + std::sqrt(dot(z, z))))
      break;
  }
  return z;
}

/// The convex loss from whose minimum another one is minimised.
Loss convex(const Loss &loss)
{
  return loss.kind == Loss::Kind::student_t ? Loss{Loss::Kind::huber, Loss::Parameters().threshold} : loss;
}

} // namespace

RobustMisfit::RobustMisfit(const std::vector<DataSet> &sets, const std::vector<StrengthPrior> &priors,
                           const MPI_Comm comm)
    : noise_(sets, comm), terms_(sets, priors)
{
  for (const DataSet &set : sets)
  {
    observed_.insert(observed_.end(), set.value.begin(), set.value.end());
    root_weight_.insert(root_weight_.end(), set.n_data(), std::sqrt(set.weight));
    loss_.insert(loss_.end(), set.n_data(), set.loss);
  }
  nuisance_alone_ = terms_.factorize_nuisance([&](DataVector &column) { noise_.whiten(column); });
}

LeastSquares RobustMisfit::factorize(const std::vector<DataVector> &responses) const
{
  return responses.empty() ? nuisance_alone_
                           : terms_.factorize(responses, [&](DataVector &column) { noise_.whiten(column); });
}

Misfit::Evaluation RobustMisfit::evaluate(const DataVector &d0, const std::vector<DataVector> &responses) const
{
  AssertDimension(d0.size(), n_data());
  const LeastSquares system = factorize(responses);
  const Columns q = system.basis();
  std::vector<double> y = d0;
  for (unsigned int i = 0; i < n_data(); ++i)
    y[i] -= observed_[i];
  noise_.whiten(y);
  for (const double row : terms_.prior_residual(std::vector<double>(terms_.size(), 0.)))
    y.push_back(-row);

  std::vector<Loss> convex_loss;
  std::transform(loss_.begin(), loss_.end(), std::back_inserter(convex_loss), convex);
  std::vector<double> z = Sum(convex_loss, root_weight_).minimise(q, y);
  const Sum sum(loss_, root_weight_);
  const std::vector<double> further = sum.minimise(q, y);
  for (std::size_t k = 0; k < z.size(); ++k)
    z[k] += further[k];

  Evaluation result;
  const std::vector<double> x = system.from_basis(z);
  terms_.split(x, result.strengths, result.nuisance);
  result.value = sum.value(y);
  result.predicted = d0;
  terms_.add(responses, x, result.predicted);
  result.residual = result.predicted;
  for (unsigned int i = 0; i < n_data(); ++i)
    result.residual[i] -= observed_[i];

  SmallCholesky curvature(q, sum.second(y));
  if (!curvature.definite())
    curvature = SmallCholesky(q, sum.weights(y));
  // x = T z: rows of V = T L^-T, whose products are the covariances.
  Columns v(x.size(), std::vector<double>(x.size(), 0.));
  for (std::size_t k = 0; k < x.size(); ++k)
  {
    std::vector<double> unit(x.size(), 0.);
    unit[k] = 1;
    const std::vector<double> column = system.from_basis(curvature.solve_transpose(unit));
    for (std::size_t i = 0; i < x.size(); ++i)
      v[i][k] = column[i];
  }
  std::vector<double> deviations;
  for (auto &row : v)
  {
    double largest = 0;
    for (const double entry : row)
      largest = std::max(largest, std::abs(entry));
    for (double &entry : row)
      entry /= largest;
    const double length = std::sqrt(dot(row, row));
    deviations.push_back(largest * length);
    for (double &entry : row)
      entry /= length;
  }
  terms_.split(deviations, result.strength_deviations, result.nuisance_deviations);
  result.correlations.assign(x.size(), std::vector<double>(x.size(), 1.));
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j)
      if (i != j)
        result.correlations[i][j] = dot(v[i], v[j]);

  y.resize(n_data());
  result.adjoint_source = y;
  const std::vector<double> weight = sum.weights(y);
  for (unsigned int i = 0; i < n_data(); ++i)
    result.adjoint_source[i] *= weight[i];
  noise_.whiten_transpose(result.adjoint_source);
  result.standardized = std::move(y);
  noise_.take_weights_out(result.standardized);
  result.chi_squared = dot(result.standardized, result.standardized);
  result.typical_chi_squared = typical_chi_squared(result.standardized);
  return result;
}

double RobustMisfit::typical_chi_squared(const DataVector &standardized) const
{
  constexpr double normal = 1.4826; // standard deviation over median of the absolute value
  double sum = 0;
  std::vector<double> sizes; // of data whose set expects outliers
  for (unsigned int i = 0; i < n_data(); ++i)
    if (loss_[i].is_robust())
      sizes.push_back(std::abs(standardized[i]));
    else
      sum += standardized[i] * standardized[i];
  if (sizes.empty())
    return sum;
  std::nth_element(sizes.begin(), sizes.begin() + sizes.size() / 2, sizes.end());
  return sum + sizes.size() * std::pow(normal * sizes[sizes.size() / 2], 2);
}

Misfit::Increment RobustMisfit::increment(const Evaluation &at, const DataVector &d_hat,
                                          const std::vector<DataVector> &responses, const std::vector<double> &extra,
                                          const Curvature curvature) const
{
  AssertDimension(d_hat.size(), n_data());
  const LeastSquares system = factorize(responses);
  const Columns q = system.basis();
  std::vector<double> y = at.standardized;
  for (unsigned int i = 0; i < n_data(); ++i)
    y[i] *= root_weight_[i];
  y.resize(n_data() + responses.size(), 0.); // the curvature of priors does not depend on x
  const Sum sum(loss_, root_weight_);
  std::vector<double> c = curvature == Curvature::exact ? sum.second(y) : sum.positive(y);
  SmallCholesky hessian(q, c);
  if (!hessian.definite())
  {
    c = sum.weights(y);
    hessian = SmallCholesky(q, c);
  }

  std::vector<double> y_hat = d_hat;
  noise_.whiten(y_hat);
  y_hat.resize(y.size(), 0.);
  std::vector<double> pull = y_hat, g(q.size(), 0.);
  for (std::size_t i = 0; i < pull.size(); ++i)
    pull[i] *= c[i];
  if (!extra.empty())
  {
    std::vector<double> of_terms(terms_.size(), 0.);
    std::copy(extra.begin(), extra.end(), of_terms.begin());
    g = system.to_basis(of_terms);
  }
  for (std::size_t k = 0; k < q.size(); ++k)
    g[k] = -g[k] - dot(pull, q[k]);
  const std::vector<double> z = hessian.solve(g);

  Increment result;
  const std::vector<double> x = system.from_basis(z);
  terms_.split(x, result.strengths, result.nuisance);
  result.predicted = d_hat;
  terms_.add(responses, x, result.predicted);
  result.adjoint_source = moved(std::move(y_hat), q, z);
  result.adjoint_source.resize(n_data());
  for (unsigned int i = 0; i < n_data(); ++i)
    result.adjoint_source[i] *= c[i];
  noise_.whiten_transpose(result.adjoint_source);
  return result;
}

DataVector RobustMisfit::without_nuisance(DataVector d) const
{
  DataVector whitened = d;
  noise_.whiten(whitened);
  terms_.subtract_nuisance(nuisance_alone_.solve(std::move(whitened)), d);
  return d;
}

} // namespace lodestone
