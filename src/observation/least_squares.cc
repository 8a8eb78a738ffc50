#include <lodestone/observation/least_squares.h>

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lodestone
{

namespace
{

// Columns have length one. Below this length the rest of a column counts as zero: the limit is well above rounding
// (1e-14 for 1e5 rows) and well below any useful column.
constexpr double deficiency = 1e-10;

/// Length of the part of a column from row `first` on, safe against overflow and underflow of squares.
double length(const std::vector<double> &column, const unsigned int first)
{
  double largest = 0;
  for (unsigned int i = first; i < column.size(); ++i)
    largest = std::max(largest, std::abs(column[i]));
  if (largest == 0)
    return 0;
  double sum = 0;
  for (unsigned int i = first; i < column.size(); ++i)
    sum += (column[i] / largest) * (column[i] / largest);
  return largest * std::sqrt(sum);
}

} // namespace

LeastSquares::LeastSquares(std::vector<std::vector<double>> columns)
    : columns_(std::move(columns)), diagonal_(columns_.size(), 0.), scale_(columns_.size(), 1.), order_(columns_.size())
{
  std::iota(order_.begin(), order_.end(), 0u);
  for (unsigned int k = 0; k < columns_.size(); ++k)
    if (const double norm = length(columns_[k], 0); norm > 0)
    {
      scale_[k] = 1 / norm;
      for (double &entry : columns_[k])
        entry /= norm;
    }
  factorize();
}

void LeastSquares::factorize()
{
  for (unsigned int k = 0; k < columns_.size(); ++k)
  {
    unsigned int best = k;
    double best_length = -1;
    for (unsigned int j = k; j < columns_.size(); ++j)
      if (const double l = length(columns_[j], k); l > best_length)
        best = j, best_length = l;
    if (!(best_length > deficiency))
    {
      deficient_.assign(order_.begin() + k, order_.end());
      std::sort(deficient_.begin(), deficient_.end());
      return;
    }
    std::swap(columns_[k], columns_[best]);
    std::swap(order_[k], order_[best]);

    // v = a - alpha e_k with the sign that avoids cancellation; the reflection maps a to alpha e_k.
    std::vector<double> &v = columns_[k];
    const double alpha = v[k] > 0 ? -best_length : best_length;
    diagonal_[k] = alpha;
    v[k] -= alpha;
    for (unsigned int j = k + 1; j < columns_.size(); ++j)
      reflect(k, columns_[j]);
  }
}

void LeastSquares::reflect(const unsigned int k, std::vector<double> &y) const
{
  const std::vector<double> &v = columns_[k];
  double vv = 0, vy = 0;
  for (unsigned int i = k; i < v.size(); ++i)
  {
    vv += v[i] * v[i];
    vy += v[i] * y[i];
  }
  const double factor = 2 * vy / vv;
  for (unsigned int i = k; i < v.size(); ++i)
    y[i] -= factor * v[i];
}

std::vector<double> LeastSquares::back_substitute(const std::vector<double> &y) const
{
  const unsigned int n = n_columns();
  std::vector<double> z(n), x(n);
  for (unsigned int k = n; k-- > 0;)
  {
    z[k] = y[k];
    for (unsigned int j = k + 1; j < n; ++j)
      z[k] -= columns_[j][k] * z[j];
    z[k] /= diagonal_[k];
  }
  for (unsigned int k = 0; k < n; ++k)
    x[order_[k]] = z[k] * scale_[order_[k]];
  return x;
}

std::vector<double> LeastSquares::solve(std::vector<double> y) const
{
  Assert(deficient_.empty(), dealii::ExcMessage("The matrix has no full rank."));
  for (unsigned int k = 0; k < n_columns(); ++k)
    reflect(k, y);
  return back_substitute(y);
}

std::vector<std::vector<double>> LeastSquares::basis() const
{
  Assert(deficient_.empty(), dealii::ExcMessage("The matrix has no full rank."));
  std::vector<std::vector<double>> q;
  for (unsigned int k = 0; k < n_columns(); ++k)
  {
    q.emplace_back(columns_[k].size(), 0.);
    q[k][k] = 1;
    for (unsigned int j = k + 1; j-- > 0;) // later reflections leave this unit vector alone
      reflect(j, q[k]);
  }
  return q;
}

std::vector<double> LeastSquares::solve_normal(const std::vector<double> &g) const
{
  return back_substitute(to_basis(g));
}

std::vector<double> LeastSquares::to_basis(const std::vector<double> &g) const
{
  Assert(deficient_.empty(), dealii::ExcMessage("The matrix has no full rank."));
  AssertDimension(g.size(), n_columns());
  // R^T y = P^T S g.
  std::vector<double> y(n_columns());
  for (unsigned int k = 0; k < n_columns(); ++k)
  {
    y[k] = g[order_[k]] * scale_[order_[k]];
    for (unsigned int j = 0; j < k; ++j)
      y[k] -= columns_[k][j] * y[j];
    y[k] /= diagonal_[k];
  }
  return y;
}

std::vector<double> LeastSquares::scaled_covariance(const unsigned int k) const
{
  std::vector<double> unit(n_columns(), 0.);
  unit[k] = 1 / scale_[k];
  std::vector<double> column = solve_normal(unit);
  for (unsigned int j = 0; j < n_columns(); ++j)
    column[j] /= scale_[j];
  return column;
}

std::vector<double> LeastSquares::deviations() const
{
  std::vector<double> result(n_columns());
  for (unsigned int k = 0; k < n_columns(); ++k)
    result[k] = scale_[k] * std::sqrt(scaled_covariance(k)[k]);
  return result;
}

std::vector<std::vector<double>> LeastSquares::correlations() const
{
  std::vector<std::vector<double>> result;
  for (unsigned int k = 0; k < n_columns(); ++k)
    result.push_back(scaled_covariance(k));
  std::vector<double> roots(n_columns());
  for (unsigned int k = 0; k < n_columns(); ++k)
    roots[k] = std::sqrt(result[k][k]);
  for (unsigned int k = 0; k < n_columns(); ++k)
    for (unsigned int j = 0; j < n_columns(); ++j)
      result[k][j] = j == k ? 1 : result[k][j] / (roots[k] * roots[j]);
  return result;
}

} // namespace lodestone
