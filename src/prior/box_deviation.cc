#include <lodestone/prior/box_deviation.h>

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/lac/vector.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// T of one axis: its eigenvalues, and the squares of its eigenvectors' entries, of vector a in cell i at [i * n + a].
struct Axis
{
  std::vector<double> eigenvalues, squares;

  Axis(const unsigned int n, const double cell_size, const double gamma, const double beta) : squares(n * n)
  {
    dealii::LAPACKFullMatrix<double> t(n);
    for (unsigned int i = 0; i < n; ++i)
    {
      const bool is_first = i == 0, is_last = i + 1 == n;
      const double n_neighbours = (is_first ? 0. : 1.) + (is_last ? 0. : 1.);
      t(i, i) = (n_neighbours * gamma / cell_size + (2 - n_neighbours) * beta) / cell_size;
      if (!is_last)
        t(i, i + 1) = t(i + 1, i) = -gamma / (cell_size * cell_size);
    }
    const double largest = 4 * gamma / (cell_size * cell_size) + 2 * beta / cell_size;
    dealii::Vector<double> values;
    dealii::FullMatrix<double> vectors;
    t.set_property(dealii::LAPACKSupport::symmetric);
    t.compute_eigenvalues_symmetric(-largest, 2 * largest, 0, values, vectors);
    AssertThrow(values.size() == n, dealii::ExcMessage("eigenvalues of a tridiagonal matrix are missing"));
    eigenvalues.assign(values.begin(), values.end());
    for (unsigned int i = 0; i < n; ++i)
      for (unsigned int a = 0; a < n; ++a)
        squares[i * n + a] = vectors(i, a) * vectors(i, a);
  }
};

/// The axis that varies fastest is summed over with `squares`, and comes last afterwards: as many times as there are axes,
/// and all are summed over and in their old order.
std::vector<double> contract(const std::vector<double> &values, const Axis &axis)
{
  const std::size_t n = axis.eigenvalues.size(), n_others = values.size() / n;
  std::vector<double> result(values.size(), 0.);
  for (std::size_t other = 0; other < n_others; ++other)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t a = 0; a < n; ++a)
        result[i * n_others + other] += axis.squares[i * n + a] * values[other * n + a];
  return result;
}

/// The variance without a boundary. @param off_diagonal 1 for T, 0 for its diagonal alone
template <int dim>
double variance_without_boundary(const typename BoxDeviation<dim>::Weights &w, const dealii::Tensor<1, dim> &cell_sizes,
                                 const double off_diagonal)
{
  constexpr unsigned int n = 128; // values of theta
  std::array<double, n> sine, square;
  for (unsigned int a = 0; a < n; ++a)
  {
    const double theta = 2 * std::acos(-1.) * (a + 0.5) / n;
    sine[a] = std::sin(theta);
    square[a] = 2 - 2 * std::cos(theta);
  }
  std::size_t n_values = 1;
  double volume = 1, mean = 0;
  for (unsigned int i = 0; i < dim; ++i)
  {
    n_values *= n;
    volume *= cell_sizes[i];
  }
  for (std::size_t c = 0; c < n_values; ++c)
  {
    std::array<std::size_t, dim> at;
    std::size_t rest = c;
    for (unsigned int i = 0; i < dim; ++i, rest /= n)
      at[i] = rest % n;
    double sum = w.delta;
    for (unsigned int i = 0; i < dim; ++i)
    {
      sum += w.gamma[i][i] * square[at[i]] / (cell_sizes[i] * cell_sizes[i]);
      for (unsigned int j = 0; j < i; ++j)
        sum += off_diagonal * 2 * w.gamma[i][j] * sine[at[i]] * sine[at[j]] / (cell_sizes[i] * cell_sizes[j]);
    }
    mean += 1 / (sum * sum * n_values);
  }
  return mean / volume;
}

} // namespace

template <int dim>
BoxDeviation<dim>::BoxDeviation(const Grid &grid, const Weights &weights) : grid_(grid)
{
  std::vector<Axis> axes;
  dealii::Tensor<1, dim> cell_sizes;
  double volume = 1;
  std::size_t n_cells = 1;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double cell_size = (grid.upper[d] - grid.lower[d]) / grid.cells[d];
    axes.emplace_back(grid.cells[d], cell_size, weights.gamma[d][d], weights.beta[d]);
    cell_sizes[d] = cell_size;
    volume *= cell_size;
    n_cells *= grid.cells[d];
  }
  std::vector<double> variances(n_cells);
  for (std::size_t c = 0; c < n_cells; ++c)
  {
    double sum = weights.delta;
    std::size_t rest = c;
    for (const Axis &axis : axes)
    {
      sum += axis.eigenvalues[rest % axis.eigenvalues.size()];
      rest /= axis.eigenvalues.size();
    }
    variances[c] = 1 / (volume * sum * sum);
  }
  for (const Axis &axis : axes)
    variances = contract(variances, axis);
  deviations_.resize(n_cells);
  const double variance = variance_without_boundary<dim>(weights, cell_sizes, 1),
               factor = variance / variance_without_boundary<dim>(weights, cell_sizes, 0);
  without_boundary_ = std::sqrt(variance);
  std::transform(variances.begin(), variances.end(), deviations_.begin(),
                 [factor](const double v) { return std::sqrt(factor * v); });
}

template <int dim>
double BoxDeviation<dim>::at(const dealii::Point<dim> &p) const
{
  std::array<std::size_t, dim> first{};
  std::array<double, dim> share{}; // of the next cell
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double cells = grid_.cells[d], last = cells - 1,
                 x = std::clamp((p[d] - grid_.lower[d]) / (grid_.upper[d] - grid_.lower[d]) * cells - 0.5, 0., last);
    first[d] = static_cast<std::size_t>(std::min(std::floor(x), std::max(0., last - 1)));
    share[d] = x - double(first[d]);
  }
  double sum = 0;
  for (unsigned int corner = 0; corner < (1u << dim); ++corner)
  {
    double weight = 1;
    std::size_t cell = 0;
    for (unsigned int d = dim; d-- > 0;)
    {
      const bool next = ((corner >> d) & 1) != 0;
      weight *= next ? share[d] : 1 - share[d];
      cell = cell * grid_.cells[d] + std::min<std::size_t>(first[d] + (next ? 1 : 0), grid_.cells[d] - 1);
    }
    sum += weight * deviations_[cell];
  }
  return sum;
}

template class BoxDeviation<2>;
template class BoxDeviation<3>;

} // namespace lodestone
