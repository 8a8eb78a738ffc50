#include <lodestone/discretization/parameter_prolongation.h>

#include <boost/serialization/utility.hpp>
#include <cmath>
#include <utility>

namespace lodestone
{

template <int dim>
ParameterProlongation<dim>::ParameterProlongation(const ParameterCells<dim> &coarse, const ParameterCells<dim> &fine)
    : coarse_(coarse), fine_(fine), holders_(fine.mesh(), coarse.mesh())
{
  using Zone = std::pair<bool, dealii::types::material_id>; // whether the coarser cell has an unknown, and its zone
  const auto zones = holders_.template ask<Zone>([&](const auto &cell) {
    return Zone(coarse_.index(cell) != dealii::numbers::invalid_dof_index, cell->material_id());
  });
  const auto layout = fine_.make_layout({"one"});
  DistributedVector all(layout->partitioner), of_zone(layout->partitioner); // volumes
  const auto for_each_cell = [&](const auto &visit) {
    auto number = holders_.number().begin();
    for (const auto &cell : fine_.mesh().triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        const auto &[has_unknown, zone] = zones[*number++];
        visit(cell, has_unknown && fine_.index(cell) != dealii::numbers::invalid_dof_index,
              zone == cell->material_id());
      }
  };
  for_each_cell([&](const auto &cell, const bool has_unknown, const bool same_zone) {
    if (has_unknown)
      all(fine_.index(cell)) += cell->measure();
    if (has_unknown && same_zone)
      of_zone(fine_.index(cell)) += cell->measure();
  });
  for (DistributedVector *volumes : {&all, &of_zone})
  {
    volumes->compress(dealii::VectorOperation::add);
    volumes->update_ghost_values();
  }
  for_each_cell([&](const auto &cell, const bool has_unknown, const bool same_zone) {
    const double volume = has_unknown ? of_zone(fine_.index(cell)) : 0;
    if (!has_unknown || (volume > 0 && !same_zone))
      share_.push_back(0);
    else
      share_.push_back(cell->measure() / (volume > 0 ? volume : all(fine_.index(cell))));
  });
}

template <int dim>
void ParameterProlongation<dim>::apply(const ParameterVector &coarse, ParameterVector &fine) const
{
  const std::size_t n_fields = fine.layout().fields.size();
  DistributedVector &values = fine.values();
  values.zero_out_ghost_values();
  values = 0;
  for (std::size_t field = 0; field < n_fields; ++field)
  {
    const CellField of_cells = coarse_.on_cells(coarse, field);
    const auto found =
        holders_.template ask<double>([&](const auto &cell) { return of_cells(cell->global_active_cell_index()); });
    std::size_t c = 0;
    for (const auto &cell : fine_.mesh().triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        if (share_[c] > 0)
          values(fine_.index(cell) * n_fields + field) += share_[c] * found[holders_.number()[c]];
        ++c;
      }
  }
  values.compress(dealii::VectorOperation::add);
  values.update_ghost_values();
}

template <int dim>
void ParameterProlongation<dim>::apply_to_dual(const ParameterVector &coarse, ParameterVector &fine) const
{
  ParameterVector density = coarse;
  density.values().zero_out_ghost_values();
  const DistributedVector coarse_volumes = coarse_.volumes(coarse.layout()), volumes = fine_.volumes(fine.layout());
  for (unsigned int i = 0; i < coarse_volumes.locally_owned_size(); ++i)
    density.values().local_element(i) /= coarse_volumes.local_element(i);
  apply(density, fine);
  fine.values().zero_out_ghost_values();
  for (unsigned int i = 0; i < volumes.locally_owned_size(); ++i)
    fine.values().local_element(i) *= volumes.local_element(i);
}

template class ParameterProlongation<2>;
template class ParameterProlongation<3>;

} // namespace lodestone
