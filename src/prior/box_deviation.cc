#include <lodestone/prior/box_deviation.h>
#include <lodestone/prior/tilted_box.h>

#include <deal.II/base/utilities.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/lac/vector.h>

#include <algorithm>
#include <cmath>
#include <functional>

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
double variance_without_boundary(const BoxGrid<dim> &grid, const BoxWeights<dim> &w, const double off_diagonal)
{
  constexpr unsigned int n = 128; // values of theta
  std::array<double, n> sine, square;
  for (unsigned int a = 0; a < n; ++a)
  {
    const double theta = 2 * std::acos(-1.) * (a + 0.5) / n;
    sine[a] = std::sin(theta);
    square[a] = 2 - 2 * std::cos(theta);
  }
  const std::size_t n_values = dealii::Utilities::pow(std::size_t(n), dim);
  double mean = 0;
  for (std::size_t c = 0; c < n_values; ++c)
  {
    std::array<std::size_t, dim> at;
    std::size_t rest = c;
    for (unsigned int i = 0; i < dim; ++i, rest /= n)
      at[i] = rest % n;
    double sum = w.delta;
    for (unsigned int i = 0; i < dim; ++i)
    {
      sum += w.gamma[i][i] * square[at[i]] / (grid.cell_size(i) * grid.cell_size(i));
      for (unsigned int j = 0; j < i; ++j)
        sum += off_diagonal * 2 * w.gamma[i][j] * sine[at[i]] * sine[at[j]] / (grid.cell_size(i) * grid.cell_size(j));
    }
    mean += 1 / (sum * sum * n_values);
  }
  return mean / grid.cell_volume();
}

/// Standard deviations of the cells with the diagonal of T, times the factor of two fields without a boundary.
template <int dim>
std::vector<double> separated_deviations(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights,
                                         const double without_boundary)
{
  std::vector<Axis> axes;
  for (unsigned int d = 0; d < dim; ++d)
    axes.emplace_back(grid.cells[d], grid.cell_size(d), weights.gamma[d][d], weights.beta[d]);
  const double volume = grid.cell_volume(),
               factor = without_boundary * without_boundary / variance_without_boundary(grid, weights, 0);
  std::vector<double> values(grid.n_cells());
  for (std::size_t c = 0; c < values.size(); ++c)
  {
    double sum = weights.delta;
    std::size_t rest = c;
    for (const Axis &axis : axes)
    {
      sum += axis.eigenvalues[rest % axis.eigenvalues.size()];
      rest /= axis.eigenvalues.size();
    }
    values[c] = factor / (volume * sum * sum);
  }
  for (const Axis &axis : axes)
    values = contract(values, axis);
  for (double &value : values)
    value = std::sqrt(value);
  return values;
}

/// The box of few cells whose walls are as those of the box.
template <int dim>
BoxGrid<dim> grid_near_walls(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights)
{
  // At least two cells beside each wall and one between them, of the size of the grid's where it has not more.
  constexpr double most_lengths = 6, least_cells = 5, most_cells = dim == 3 ? 12 : 40;
  BoxGrid<dim> result = grid;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double h = grid.cell_size(d), all = grid.cells[d],
                 lengths = most_lengths * std::sqrt(weights.gamma[d][d] / weights.delta) / h,
                 wanted = std::round(std::min(all, std::max(least_cells, lengths)));
    result.upper[d] = grid.lower[d] + wanted * h;
    result.cells[d] = static_cast<unsigned int>(std::min(wanted, most_cells));
  }
  return result;
}

/// The place in the smaller box that is as far from the nearest wall of each axis.
template <int dim>
dealii::Point<dim> place_near_walls(const BoxGrid<dim> &grid, const BoxGrid<dim> &near_walls,
                                    const dealii::Point<dim> &p)
{
  dealii::Point<dim> place;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double half = (near_walls.upper[d] - near_walls.lower[d]) / 2, from_lower = p[d] - grid.lower[d],
                 from_upper = grid.upper[d] - p[d];
    place[d] = from_lower < from_upper ? near_walls.lower[d] + std::min(from_lower, half)
                                       : near_walls.upper[d] - std::min(from_upper, half);
  }
  return place;
}

} // namespace

template <int dim>
BoxDeviation<dim>::BoxDeviation(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights)
    : grid_(grid), without_boundary_(std::sqrt(variance_without_boundary(grid, weights, 1))),
      deviations_(separated_deviations(grid, weights, without_boundary_))
{
  if (!weights.is_tilted())
    return;
  near_walls_ = grid_near_walls(grid, weights);
  wall_factors_ = tilted_box_deviations(near_walls_, weights);
  const double variance = variance_without_boundary(near_walls_, weights, 1);
  const std::vector<double> separated = separated_deviations(near_walls_, weights, std::sqrt(variance));
  std::transform(wall_factors_.begin(), wall_factors_.end(), separated.begin(), wall_factors_.begin(),
                 std::divides<>());
}

template <int dim>
double BoxDeviation<dim>::at(const dealii::Point<dim> &p) const
{
  const double separated = grid_.interpolate(deviations_, p);
  return wall_factors_.empty()
             ? separated
             : separated * near_walls_.interpolate(wall_factors_, place_near_walls(grid_, near_walls_, p));
}

template class BoxDeviation<2>;
template class BoxDeviation<3>;

} // namespace lodestone
