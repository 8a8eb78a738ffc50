#include <lodestone/discretization/cell_averaging.h>
#include <lodestone/discretization/coarser_cells.h>

#include <deal.II/base/partitioner.h>

#include <algorithm>
#include <boost/serialization/utility.hpp>
#include <memory>
#include <utility>

namespace lodestone
{

template <int dim>
CellAveraging<dim>::CellAveraging(const Mesh<dim> &fine, const Mesh<dim> &coarse)
{
  using dealii::types::global_cell_index;
  const CoarserCells<dim> coarser(fine, coarse);
  const auto holders = coarser.template ask<std::pair<global_cell_index, double>>(
      [](const auto &cell) { return std::make_pair(cell->global_active_cell_index(), cell->measure()); });

  const auto own = coarse.make_cell_field();
  std::vector<global_cell_index> indices;
  for (const auto &holder : holders)
    indices.push_back(holder.first);
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  dealii::IndexSet needed(own.size());
  needed.add_indices(indices.begin(), indices.end());
  sum_.reinit(std::make_shared<const dealii::Utilities::MPI::Partitioner>(own.locally_owned_elements(), needed,
                                                                          coarse.communicator()));
  for (const auto &cell : fine.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto &[index, volume] = holders[coarser.number()[share_.size()]];
      holder_.push_back(sum_.get_partitioner()->global_to_local(index));
      share_.push_back(cell->measure() / volume);
    }
}

template <int dim>
void CellAveraging<dim>::average(const CellField &fine, CellField &coarse) const
{
  sum_ = 0;
  for (unsigned int i = 0; i < share_.size(); ++i)
    sum_.local_element(holder_[i]) += share_[i] * fine.local_element(i);
  sum_.compress(dealii::VectorOperation::add);
  coarse.copy_locally_owned_data_from(sum_);
}

template class CellAveraging<2>;
template class CellAveraging<3>;

} // namespace lodestone
