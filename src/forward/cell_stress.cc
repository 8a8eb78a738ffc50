#include <lodestone/forward/cell_stress.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

namespace lodestone
{

template <int dim>
CellTensors strain_at_centres(const DisplacementSpace<dim> &space, const DistributedVector &u)
{
  const dealii::QMidpoint<dim> centre;
  const dealii::FEValuesExtractors::Vector displacement(0);
  dealii::FEValues<dim> values(space.mapping(), space.element(), centre, dealii::update_gradients);
  std::vector<dealii::SymmetricTensor<2, dim>> at_centre(1);
  CellTensors result;
  result.reserve(space.mesh().triangulation().n_locally_owned_active_cells());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      values.reinit(cell);
      values[displacement].get_function_symmetric_gradients(u, at_centre);
      result.emplace_back();
      for (unsigned int i = 0; i < dim; ++i)
        for (unsigned int j = i; j < dim; ++j)
          result.back()[i][j] = at_centre[0][i][j];
    }
  return result;
}

template <int dim>
CellTensors strain_at_centres(const DisplacementSpace<dim> &space, const std::vector<LoadVector<dim>> &loads,
                              const State &state)
{
  CellTensors result = strain_at_centres(space, state.step.front());
  std::vector<dealii::Point<dim>> centres;
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
      centres.push_back(cell->center());
  for (unsigned int l = 0; l < loads.size(); ++l)
    if (loads[l].incident && state.load_factors[l] != 0)
    {
      const auto strain = loads[l].incident->field->strain(centres);
      for (unsigned int c = 0; c < result.size(); ++c)
        for (unsigned int i = 0; i < dim; ++i)
          for (unsigned int j = i; j < dim; ++j)
            result[c][i][j] += state.load_factors[l] * strain[c][i][j];
    }
  return result;
}

CellTensors stress(const CellTensors &strain, const Moduli &moduli)
{
  CellTensors result;
  result.reserve(strain.size());
  for (unsigned int c = 0; c < strain.size(); ++c)
    result.push_back(moduli.lambda.local_element(c) * trace(strain[c]) * dealii::unit_symmetric_tensor<3>() +
                     2 * moduli.mu.local_element(c) * strain[c]);
  return result;
}

template CellTensors strain_at_centres<2>(const DisplacementSpace<2> &, const DistributedVector &);
template CellTensors strain_at_centres<3>(const DisplacementSpace<3> &, const DistributedVector &);
template CellTensors strain_at_centres<2>(const DisplacementSpace<2> &, const std::vector<LoadVector<2>> &,
                                          const State &);
template CellTensors strain_at_centres<3>(const DisplacementSpace<3> &, const std::vector<LoadVector<3>> &,
                                          const State &);

} // namespace lodestone
