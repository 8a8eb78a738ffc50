#include <lodestone/material/cell_mean.h>

#include <deal.II/base/geometry_info.h>

#include <array>
#include <cmath>

namespace lodestone
{

namespace
{

bool same(const Lame &a, const Lame &b)
{
  constexpr double rounding = 1e-9;
  return std::abs(a.lambda - b.lambda) <= rounding * (std::abs(a.lambda) + a.mu) &&
         std::abs(a.mu - b.mu) <= rounding * a.mu;
}

double difference(const Lame &a, const Lame &b)
{
  return std::abs(a.lambda - b.lambda) + std::abs(a.mu - b.mu);
}

template <int dim>
using Material = std::function<Lame(const dealii::Point<dim> &)>;

/// The place between two points where the material changes most, by halving, and what holds on either side of it.
struct Change
{
  double place; ///< 0 at the first point, 1 at the second
  Lame before, after;
};

template <int dim>
Change find_change(const Material<dim> &at, const dealii::Point<dim> &from, const Lame &at_from,
                   const dealii::Point<dim> &to, const Lame &at_to, const unsigned int halvings)
{
  Change change{0, at_from, at_to};
  double end = 1;
  for (unsigned int halving = 0; halving < halvings; ++halving)
  {
    const double middle = 0.5 * (change.place + end);
    const Lame at_middle = at(from + middle * (to - from));
    if (difference(change.before, at_middle) > difference(at_middle, change.after))
    {
      end = middle;
      change.after = at_middle;
    }
    else
    {
      change.place = middle;
      change.before = at_middle;
    }
  }
  change.place = 0.5 * (change.place + end);
  return change;
}

/// Sums over parts of a cell.
struct Sum
{
  double volume = 0, inverse_wave = 0, inverse_mu = 0;

  void add(const Lame &material, const double part)
  {
    volume += part;
    inverse_wave += part / (material.lambda + 2 * material.mu);
    inverse_mu += part / material.mu;
  }
  Lame mean() const
  {
    const double mu = volume / inverse_mu;
    return {volume / inverse_wave - 2 * mu, mu};
  }
};

constexpr double inset = 1. / 64; // from the faces, where another cell's material may hold

/// Adds the column of a cell through `base` along an axis.
template <int dim>
void add_column(const Material<dim> &at, dealii::Point<dim> base, const unsigned int axis, Sum &sum)
{
  constexpr unsigned int n = 8, halvings = 8;
  base[axis] = inset;
  dealii::Point<dim> from = base;
  Lame at_from = at(from);
  for (unsigned int i = 1; i <= n; ++i)
  {
    dealii::Point<dim> to = base;
    to[axis] = i < n ? double(i) / n : 1 - inset;
    const Lame at_to = at(to);
    const double begin = i == 1 ? 0 : from[axis], end = i == n ? 1 : to[axis];
    double middle = 0.5 * (begin + end);
    if (!same(at_from, at_to))
      middle = from[axis] + find_change(at, from, at_from, to, at_to, halvings).place * (to[axis] - from[axis]);
    sum.add(at_from, middle - begin);
    sum.add(at_to, end - middle);
    from = to;
    at_from = at_to;
  }
}

} // namespace

template <int dim>
std::optional<Lame> mean_of_cut_cell(const Lame &centre, const std::function<Lame(const dealii::Point<dim> &)> &at)
{
  using Cell = dealii::GeometryInfo<dim>;
  constexpr unsigned int halvings = 10; // a smooth change becomes a thousandth of itself
  constexpr double jump = 0.1;
  std::array<Lame, Cell::vertices_per_cell> corners;
  dealii::Point<dim> middle, farthest;
  for (unsigned int d = 0; d < dim; ++d)
    middle[d] = 0.5;
  Lame most_different = centre;
  for (const unsigned int corner : Cell::vertex_indices())
  {
    dealii::Point<dim> point = Cell::unit_cell_vertex(corner);
    for (unsigned int d = 0; d < dim; ++d)
      point[d] += point[d] < 0.5 ? inset : -inset;
    corners[corner] = at(point);
    if (difference(corners[corner], centre) > difference(most_different, centre))
    {
      most_different = corners[corner];
      farthest = point;
    }
  }
  if (same(most_different, centre))
    return {};
  const Change change = find_change(at, middle, centre, farthest, most_different, halvings);
  if (difference(change.before, change.after) < jump * difference(centre, most_different))
    return {};

  // Columns along the axis across which most corners differ: a plane crosses them where it is found by halving.
  unsigned int axis = dim - 1, most_edges = 0;
  for (unsigned int d = dim; d-- > 0;)
  {
    unsigned int edges = 0;
    for (const unsigned int corner : Cell::vertex_indices())
      edges += (corner >> d & 1) == 0 && !same(corners[corner], corners[corner | 1u << d]) ? 1 : 0;
    if (edges > most_edges)
    {
      most_edges = edges;
      axis = d;
    }
  }
  constexpr unsigned int n = 4;
  Sum sum;
  for (unsigned int column = 0; column < (dim == 2 ? n : n * n); ++column)
  {
    dealii::Point<dim> base;
    for (unsigned int d = 0, rest = column; d < dim; ++d)
      if (d != axis)
      {
        base[d] = (rest % n + 0.5) / n;
        rest /= n;
      }
    add_column(at, base, axis, sum);
  }
  return sum.mean();
}

template std::optional<Lame> mean_of_cut_cell<2>(const Lame &, const std::function<Lame(const dealii::Point<2> &)> &);
template std::optional<Lame> mean_of_cut_cell<3>(const Lame &, const std::function<Lame(const dealii::Point<3> &)> &);

} // namespace lodestone
