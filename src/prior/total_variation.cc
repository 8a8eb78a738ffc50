#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/correlated_volume.h>
#include <lodestone/prior/default_length.h>
#include <lodestone/prior/prior_kinds.h>
#include <lodestone/prior/total_variation_prior.h>

#include <cmath>

namespace lodestone
{

/// See TotalVariationPrior. With the standard deviation s and the correlation lengths L_h and L_v, the weight of a face
/// that is normal to axis i is
///
///   w_f = A_f L_i / (4 dim s V),   V = L_h^(dim-1) L_v
///
/// so that a block of these lengths that differs by s from all around it has J = 1/2. The quadratic part is delta M with
/// delta = 1/(s^2 V_L), V_L the volume over which exp(-r/L) correlates, as for H1: a sixth of a hundred of what the block
/// has. Where the weights themselves are given,
///
///   w_f = A_f `Variation weight`      delta = `Mass weight`
template <int dim>
std::unique_ptr<Prior> make_total_variation(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                            const std::shared_ptr<const ParameterLayout> &layout)
{
  const std::size_t n_fields = layout->fields.size();
  std::vector<CellWeights> mass(n_fields);
  std::vector<typename FaceSquares<dim>::Weights> faces(n_fields);
  if (!parameters.mass_weight.empty())
  {
    const auto masses = parameters.mass_factors(n_fields), variation = parameters.variation_factors(n_fields);
    for (std::size_t k = 0; k < n_fields; ++k)
    {
      mass[k].mass = masses[k];
      faces[k] = {variation[k], variation[k]};
    }
  }
  else
  {
    const auto deviations = parameters.standard_deviations(n_fields);
    const auto horizontal = parameters.horizontal_lengths(n_fields, default_length(cells.mesh()));
    const auto vertical = parameters.vertical_lengths(n_fields, horizontal);
    for (std::size_t k = 0; k < n_fields; ++k)
    {
      const double s = deviations[k], h = horizontal[k], v = vertical[k], volume = std::pow(h, dim - 1) * v;
      mass[k].mass = 1 / (s * s * correlated_volume<dim>(h, v));
      faces[k] = {h / (4 * dim * s * volume), v / (4 * dim * s * volume)};
    }
  }
  const auto cut = make_cut(parameters.cut_at, cells.mesh());
  return std::make_unique<TotalVariationPrior>(layout, std::make_shared<FaceSquares<dim>>(cells, faces, cut),
                                               make_cell_squares(cells, layout, mass), parameters.smallest_jump());
}

template std::unique_ptr<Prior> make_total_variation<2>(const PriorParameters &, const ParameterCells<2> &,
                                                        const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_total_variation<3>(const PriorParameters &, const ParameterCells<3> &,
                                                        const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
