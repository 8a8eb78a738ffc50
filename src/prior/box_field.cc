#include <lodestone/prior/box_field.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

template <int dim>
std::size_t BoxGrid<dim>::n_cells() const
{
  std::size_t n = 1;
  for (const unsigned int along_axis : cells)
    n *= along_axis;
  return n;
}

template <int dim>
double BoxGrid<dim>::cell_volume() const
{
  double volume = 1;
  for (unsigned int d = 0; d < dim; ++d)
    volume *= cell_size(d);
  return volume;
}

template <int dim>
double BoxGrid<dim>::interpolate(const std::vector<double> &values, const dealii::Point<dim> &p) const
{
  std::array<std::size_t, dim> first{};
  std::array<double, dim> share{}; // of the next cell
  for (unsigned int d = 0; d < dim; ++d)
  {
    const double last = cells[d] - 1., x = std::clamp((p[d] - lower[d]) / cell_size(d) - 0.5, 0., last);
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
      cell = cell * cells[d] + std::min<std::size_t>(first[d] + (next ? 1 : 0), cells[d] - 1);
    }
    sum += weight * values[cell];
  }
  return sum;
}

template <int dim>
bool BoxWeights<dim>::is_tilted() const
{
  constexpr double rounding = 1e-12;
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int j = 0; j < i; ++j)
      if (std::abs(gamma[i][j]) > rounding * std::sqrt(gamma[i][i] * gamma[j][j]))
        return true;
  return false;
}

template struct BoxGrid<2>;
template struct BoxGrid<3>;
template struct BoxWeights<2>;
template struct BoxWeights<3>;

} // namespace lodestone
