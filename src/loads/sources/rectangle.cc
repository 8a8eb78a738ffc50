#include <lodestone/loads/sources/rectangle.h>

#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{
constexpr double degree = dealii::numbers::PI / 180;
} // namespace

template <int dim>
Rectangle<dim> Rectangle<dim>::at(const dealii::Point<dim> &centre, const double strike, const double dip,
                                  const double length, const double width)
{
  Rectangle r;
  r.centre = centre;
  r.width = width;
  const double cos_strike = std::cos(strike * degree), sin_strike = std::sin(strike * degree);
  const double cos_dip = std::cos(dip * degree), sin_dip = std::sin(dip * degree);
  r.up_dip[0] = -cos_strike * cos_dip;
  r.normal[0] = cos_strike * sin_dip;
  if constexpr (dim == 3)
  {
    r.length = length;
    r.along_strike[0] = sin_strike;
    r.along_strike[1] = cos_strike;
    r.up_dip[1] = sin_strike * cos_dip;
    r.normal[1] = -sin_strike * sin_dip;
  }
  r.up_dip[dim - 1] = sin_dip;
  r.normal[dim - 1] = cos_dip;
  return r;
}

template <int dim>
dealii::Tensor<1, dim> Rectangle<dim>::jump(const double slip, const double rake, const double opening) const
{
  return slip * (std::cos(rake * degree) * along_strike + std::sin(rake * degree) * up_dip) + opening * normal;
}

template <int dim>
Potency<dim> Rectangle<dim>::potency_density(const dealii::Tensor<1, dim> &jump) const
{
  const dealii::SymmetricTensor<2, dim> strain = dealii::symmetrize(dealii::outer_product(jump, normal));
  return {strain, jump * normal};
}

template <int dim>
std::vector<dealii::Point<dim>> Rectangle<dim>::patch_centres(const unsigned int n_length,
                                                              const unsigned int n_width) const
{
  std::vector<dealii::Point<dim>> points;
  for (unsigned int i = 0; i < n_length; ++i)
    for (unsigned int j = 0; j < n_width; ++j)
      points.push_back(centre + length * ((i + 0.5) / n_length - 0.5) * along_strike +
                       width * ((j + 0.5) / n_width - 0.5) * up_dip);
  return points;
}

template <int dim>
bool Rectangle<dim>::reached_by(const std::vector<dealii::Point<dim>> &vertices) const
{
  const auto reaches = [&](const dealii::Tensor<1, dim> &axis, const double half) {
    double low = std::numeric_limits<double>::max(), high = -low;
    for (const auto &v : vertices)
    {
      low = std::min(low, (v - centre) * axis);
      high = std::max(high, (v - centre) * axis);
    }
    const double slack = 1e-9 * (high - low);
    return low <= half + slack && high >= -half - slack;
  };
  return reaches(normal, 0) && reaches(up_dip, 0.5 * width) && (dim == 2 || reaches(along_strike, 0.5 * length));
}

template struct Rectangle<2>;
template struct Rectangle<3>;

} // namespace lodestone
