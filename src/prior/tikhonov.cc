#include <lodestone/prior/cell_squares.h>
#include <lodestone/prior/correlated_squares.h>
#include <lodestone/prior/gaussian_prior.h>
#include <lodestone/prior/prior_kinds.h>

#include <deal.II/base/mpi.h>

namespace lodestone
{

namespace
{

template <int dim>
double mean_volume(const ParameterCells<dim> &cells)
{
  if (cells.n() == 0)
    return 1;
  double volume = 0;
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
      volume += cell->measure();
  return dealii::Utilities::MPI::sum(volume, cells.mesh().communicator()) / cells.n();
}

} // namespace

/// The squares are those of mass alone (see make_cell_squares), with the standard deviation s and the mean volume
/// V_mean of parameter cells:
///
///   delta = 1/(s^2 V_mean)     J = 1/(2 s^2) sum_j m_j^2 V_j/V_mean
///   delta = `Mass weight`      where it is given, in m^-dim
template <int dim>
std::unique_ptr<Prior> make_tikhonov(const PriorParameters &parameters, const ParameterCells<dim> &cells,
                                     const std::shared_ptr<const ParameterLayout> &layout)
{
  const std::size_t n_fields = layout->fields.size();
  std::vector<CellWeights> weights(n_fields);
  if (!parameters.mass_weight.empty())
  {
    const auto mass = parameters.mass_factors(n_fields);
    for (std::size_t k = 0; k < n_fields; ++k)
      weights[k].mass = mass[k];
  }
  else
  {
    const double volume = mean_volume(cells);
    const std::vector<double> deviations = parameters.standard_deviations(n_fields);
    for (std::size_t k = 0; k < n_fields; ++k)
      weights[k].mass = 1 / (deviations[k] * deviations[k] * volume);
  }
  return std::make_unique<GaussianPrior>(
      layout, correlated(make_cell_squares(cells, layout, weights), parameters.field_correlation(n_fields)));
}

template std::unique_ptr<Prior> make_tikhonov<2>(const PriorParameters &, const ParameterCells<2> &,
                                                 const std::shared_ptr<const ParameterLayout> &);
template std::unique_ptr<Prior> make_tikhonov<3>(const PriorParameters &, const ParameterCells<3> &,
                                                 const std::shared_ptr<const ParameterLayout> &);

} // namespace lodestone
