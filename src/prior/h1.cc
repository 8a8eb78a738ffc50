#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/correlated_squares.h>
#include <lodestone/prior/correlated_volume.h>
#include <lodestone/prior/default_length.h>
#include <lodestone/prior/gaussian_prior.h>
#include <lodestone/prior/prior_kinds.h>

namespace lodestone
{

/// The squares are those of mass and faces (see make_cell_squares). With the standard deviation s and the correlation
/// lengths L_h and L_v their weights are
///
///   delta = 1/(s^2 V_L)        gamma_h = L_h^2 delta        gamma_v = L_v^2 delta
///   V_L   = 8 pi L_h^2 L_v in 3-D, 2 pi L_h L_v in 2-D
///
/// so that J approximates 1/(2 s^2 V_L) int m^2 + L_h^2 |grad_h m|^2 + L_v^2 (dm/dz)^2. V_L is the volume over which
/// exp(-r/L) correlates: a field that is constant over much more than V_L has the likelihood that the variance s^2
/// gives it. Where the weights themselves are given, in the length unit of the model,
///
///   delta = `Mass weight`      gamma_h = gamma_v = `Gradient weight`      of the field
template <int dim>
std::unique_ptr<Prior> make_h1(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                               const std::shared_ptr<const ParameterLayout> &layout)
{
  const std::size_t n_fields = layout->fields.size();
  std::vector<CellWeights> weights(n_fields);
  if (!parameters.mass_weight.empty())
  {
    const auto mass = parameters.mass_factors(n_fields), gradient = parameters.gradient_factors(n_fields);
    for (std::size_t k = 0; k < n_fields; ++k)
      weights[k] = {mass[k], gradient[k], gradient[k]};
  }
  else
  {
    const auto deviations = parameters.standard_deviations(n_fields);
    const auto horizontal = parameters.horizontal_lengths(n_fields, default_length(cells.mesh()));
    const auto vertical = parameters.vertical_lengths(n_fields, horizontal);
    for (std::size_t k = 0; k < n_fields; ++k)
    {
      const double mass = 1 / (deviations[k] * deviations[k] * correlated_volume<dim>(horizontal[k], vertical[k]));
      weights[k] = {mass, mass * horizontal[k] * horizontal[k], mass * vertical[k] * vertical[k]};
    }
  }
  auto squares = make_cell_squares(cells, layout, weights, make_cut(parameters.cut_at, cells.mesh()));
  return std::make_unique<GaussianPrior>(layout,
                                         correlated(std::move(squares), parameters.field_correlation(n_fields)));
}

template std::unique_ptr<Prior> make_h1<2>(const PriorParameters &, const ParameterCells<2> &,
                                           const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_h1<3>(const PriorParameters &, const ParameterCells<3> &,
                                           const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
