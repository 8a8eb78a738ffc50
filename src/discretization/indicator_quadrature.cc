#include <lodestone/discretization/region_quadrature.h>

#include <deal.II/base/quadrature_lib.h>

#include <array>
#include <numeric>
#include <optional>

namespace lodestone
{

namespace
{

/// Samples stay this far (in units of the cube) off its faces.
constexpr double margin = 1e-6;
constexpr unsigned int line_intervals = 16;
/// How often rectangles are divided one after the other, all directions together.
constexpr unsigned int max_divisions = 9;
/// The first divisions along a direction go to the place where lines change in kind: exact for edges along the axes.
constexpr unsigned int located_divisions = 2;
constexpr double bisection_width = 1e-10;

double sample_position(const unsigned int k, const unsigned int n)
{
  return margin + (1 - 2 * margin) * k / (n - 1);
}

/// Builds the rule for one cube.
template <int d>
class CutRule
{
public:
  using Indicator = std::function<bool(const dealii::Point<d> &)>;

  CutRule(const Indicator &inside, const unsigned int n_points)
      : inside_(inside), gauss_(n_points), axis_(line_axis()), n_points_(n_points)
  {
  }

  dealii::Quadrature<d> build()
  {
    Rectangle all;
    subdivide(all, 5);
    return dealii::Quadrature<d>(points_, weights_);
  }

private:
  /// A box of the directions across the lines; its entry for the lines' own axis is not used.
  struct Rectangle
  {
    dealii::Point<d> lower;
    dealii::Point<d> upper = all_ones();
    std::array<unsigned int, d> divisions{};

    unsigned int n_divisions() const { return std::accumulate(divisions.begin(), divisions.end(), 0u); }

    static dealii::Point<d> all_ones()
    {
      dealii::Point<d> p;
      for (int k = 0; k < d; ++k)
        p[k] = 1;
      return p;
    }
  };

  /// How the indicator changes along a line: at its start, how often, and where (in sample intervals) first.
  struct Pattern
  {
    bool starts_inside = false;
    int changes = 0, first_change = 0;

    bool like(const Pattern &o) const { return starts_inside == o.starts_inside && changes == o.changes; }
  };

  const Indicator &inside_;
  const dealii::QGauss<1> gauss_;
  const int axis_;
  const unsigned int n_points_;
  std::vector<dealii::Point<d>> points_;
  std::vector<double> weights_;

  /// The axis along which a grid of samples changes most often; of several such axes the last one, since layers are
  /// mostly horizontal.
  int line_axis() const
  {
    constexpr unsigned int n = 9;
    std::array<unsigned int, d> stride;
    unsigned int size = 1;
    for (int k = 0; k < d; ++k, size *= n)
      stride[k] = size;
    std::vector<char> grid(size);
    for (unsigned int i = 0; i < size; ++i)
    {
      dealii::Point<d> p;
      for (int k = 0; k < d; ++k)
        p[k] = sample_position(i / stride[k] % n, n);
      grid[i] = inside_(p);
    }
    int best = d - 1;
    unsigned int most = 0;
    for (int k = d - 1; k >= 0; --k)
    {
      unsigned int changes = 0;
      for (unsigned int i = 0; i < size; ++i)
        if (i / stride[k] % n + 1 < n && grid[i] != grid[i + stride[k]])
          ++changes;
      if (changes > most)
      {
        most = changes;
        best = k;
      }
    }
    return best;
  }

  bool inside(dealii::Point<d> across, const double along) const
  {
    across[axis_] = along;
    return inside_(across);
  }

  Pattern pattern(const dealii::Point<d> &across) const
  {
    Pattern p;
    bool last = p.starts_inside = inside(across, sample_position(0, line_intervals + 1));
    for (unsigned int k = 1; k <= line_intervals; ++k)
    {
      const bool here = inside(across, sample_position(k, line_intervals + 1));
      if (here != last && p.changes++ == 0)
        p.first_change = k;
      last = here;
    }
    return p;
  }

  /// Lines through a rectangle at n positions per direction across.
  struct Grid
  {
    std::array<unsigned int, d> stride{};
    std::vector<dealii::Point<d>> positions;
    std::vector<Pattern> lines;
  };

  Grid sample(const Rectangle &r, const unsigned int n) const
  {
    Grid grid;
    unsigned int size = 1;
    for (int k = 0; k < d; ++k)
      if (k != axis_)
      {
        grid.stride[k] = size;
        size *= n;
      }
    for (unsigned int i = 0; i < size; ++i)
    {
      dealii::Point<d> p;
      for (int k = 0; k < d; ++k)
        if (k != axis_)
          p[k] = r.lower[k] + (r.upper[k] - r.lower[k]) * sample_position(i / grid.stride[k] % n, n);
      grid.positions.push_back(p);
      grid.lines.push_back(pattern(p));
    }
    return grid;
  }

  /// Where to divide the rectangle along direction k: between lines that differ in kind, or where the height of the
  /// boundary jumps.
  std::optional<double> division(const Rectangle &r, const Grid &grid, const unsigned int n, const int k) const
  {
    const double middle = 0.5 * (r.lower[k] + r.upper[k]);
    const unsigned int stride = grid.stride[k];
    for (unsigned int i = 0; i < grid.lines.size(); ++i)
    {
      const unsigned int place = i / stride % n;
      if (place + 1 < n && !grid.lines[i].like(grid.lines[i + stride]))
        return r.divisions[k] < located_divisions ? change_of_kind(grid.positions[i], grid.positions[i + stride], k)
                                                  : middle;
    }
    for (unsigned int i = 0; i < grid.lines.size(); ++i)
    {
      const unsigned int place = i / stride % n;
      if (place + 2 < n && std::abs(grid.lines[i].first_change - 2 * grid.lines[i + stride].first_change +
                                    grid.lines[i + 2 * stride].first_change) > 2)
        return middle;
    }
    return std::nullopt;
  }

  double change_of_kind(dealii::Point<d> low, dealii::Point<d> high, const int k) const
  {
    const Pattern kind = pattern(low);
    while (high[k] - low[k] > 0.01 * margin)
    {
      dealii::Point<d> middle = low;
      middle[k] = 0.5 * (low[k] + high[k]);
      (pattern(middle).like(kind) ? low : high) = middle;
    }
    return 0.5 * (low[k] + high[k]);
  }

  void subdivide(const Rectangle &r, const unsigned int n)
  {
    std::vector<Rectangle> parts = {r};
    if (d > 1 && r.n_divisions() < max_divisions)
    {
      const Grid grid = sample(r, n);
      for (int k = 0; k < d; ++k)
        if (k != axis_)
          if (const auto position = division(r, grid, n, k))
            divide(parts, k, *position);
    }
    if (parts.size() == 1)
      add_lines(r);
    else
      for (const Rectangle &part : parts)
        subdivide(part, 3);
  }

  static void divide(std::vector<Rectangle> &parts, const int k, const double position)
  {
    std::vector<Rectangle> halves;
    for (Rectangle part : parts)
    {
      ++part.divisions[k];
      Rectangle low = part, high = part;
      low.upper[k] = high.lower[k] = position;
      halves.push_back(low);
      halves.push_back(high);
    }
    parts = std::move(halves);
  }

  /// Gauss points across the rectangle, a line through each.
  void add_lines(const Rectangle &r)
  {
    // An undivided cell is crossed by a curved boundary alone: one more point there costs little.
    const dealii::QGauss<1> across(r.n_divisions() == 0 ? n_points_ + 1 : n_points_);
    const unsigned int n = across.size();
    unsigned int size = 1;
    for (int k = 1; k < d; ++k)
      size *= n;
    for (unsigned int i = 0; i < size; ++i)
    {
      dealii::Point<d> p;
      double weight = 1;
      unsigned int rest = i;
      for (int k = 0; k < d; ++k)
        if (k != axis_)
        {
          const double width = r.upper[k] - r.lower[k];
          p[k] = r.lower[k] + width * across.point(rest % n)[0];
          weight *= width * across.weight(rest % n);
          rest /= n;
        }
      add_line(p, weight);
    }
  }

  void add_line(const dealii::Point<d> &across, const double weight)
  {
    double start = 0, last_position = sample_position(0, line_intervals + 1);
    bool last = inside(across, last_position);
    for (unsigned int k = 1; k <= line_intervals; ++k)
    {
      const double position = sample_position(k, line_intervals + 1);
      const bool here = inside(across, position);
      if (here != last)
      {
        const double change = transition(across, last_position, position, last);
        if (last)
          add_interval(across, start, change, weight);
        start = change;
      }
      last = here;
      last_position = position;
    }
    if (last)
      add_interval(across, start, 1, weight);
  }

  double transition(const dealii::Point<d> &across, double low, double high, const bool low_inside) const
  {
    while (high - low > bisection_width)
    {
      const double middle = 0.5 * (low + high);
      (inside(across, middle) == low_inside ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

  void add_interval(dealii::Point<d> p, const double start, const double end, const double weight)
  {
    for (unsigned int q = 0; q < gauss_.size(); ++q)
    {
      p[axis_] = start + (end - start) * gauss_.point(q)[0];
      points_.push_back(p);
      weights_.push_back(weight * (end - start) * gauss_.weight(q));
    }
  }
};

} // namespace

template <int d>
dealii::Quadrature<d> indicator_quadrature(const std::function<bool(const dealii::Point<d> &)> &inside,
                                           const unsigned int n_points)
{
  return CutRule<d>(inside, n_points).build();
}

template <int d>
RegionSide sample_unit_cube(const std::function<bool(const dealii::Point<d> &)> &inside, const unsigned int n)
{
  bool any_inside = false, any_outside = false;
  // count[k] samples along direction k, at position(k, i)
  const auto visit = [&](const std::array<unsigned int, d> &count, const auto &position) {
    unsigned int size = 1;
    for (int k = 0; k < d; ++k)
      size *= count[k];
    for (unsigned int i = 0; i < size && !(any_inside && any_outside); ++i)
    {
      dealii::Point<d> p;
      unsigned int rest = i;
      for (int k = 0; k < d; ++k)
      {
        p[k] = position(k, rest % count[k]);
        rest /= count[k];
      }
      (inside(p) ? any_inside : any_outside) = true;
    }
  };
  std::array<unsigned int, d> count;
  count.fill(n);
  visit(count, [&](int, const unsigned int i) { return sample_position(i, n); });
  for (int along = 0; along < d; ++along)
  {
    count.fill(3);
    count[along] = n - 1;
    visit(count, [&](const int k, const unsigned int i) {
      return k == along ? sample_position(2 * i + 1, 2 * n - 1) : sample_position(i, 3);
    });
  }
  return !any_inside ? RegionSide::outside : any_outside ? RegionSide::cut : RegionSide::inside;
}

template dealii::Quadrature<1> indicator_quadrature<1>(const std::function<bool(const dealii::Point<1> &)> &,
                                                       unsigned int);
template dealii::Quadrature<2> indicator_quadrature<2>(const std::function<bool(const dealii::Point<2> &)> &,
                                                       unsigned int);
template dealii::Quadrature<3> indicator_quadrature<3>(const std::function<bool(const dealii::Point<3> &)> &,
                                                       unsigned int);
template RegionSide sample_unit_cube<1>(const std::function<bool(const dealii::Point<1> &)> &, unsigned int);
template RegionSide sample_unit_cube<2>(const std::function<bool(const dealii::Point<2> &)> &, unsigned int);
template RegionSide sample_unit_cube<3>(const std::function<bool(const dealii::Point<3> &)> &, unsigned int);

} // namespace lodestone
