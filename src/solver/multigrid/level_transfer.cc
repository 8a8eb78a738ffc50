#include <lodestone/discretization/coarser_cells.h>
#include <lodestone/solver/multigrid/level_transfer.h>

#include <deal.II/base/geometry_info.h>

#include <algorithm>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <cmath>
#include <utility>

namespace lodestone
{

namespace
{

using dealii::types::global_dof_index;
using Column = std::pair<global_dof_index, float>;
/// The free unknowns of the coarser level that each unknown of a cell depends on.
using CellColumns = std::vector<std::vector<Column>>;

/// Of every node of a finer cell, the nodes of the coarser cell with their weights: first for the same cell, then for
/// each child.
template <int dim>
std::vector<std::vector<std::vector<std::pair<unsigned int, float>>>> node_weights(const DisplacementSpace<dim> &fine,
                                                                                   const DisplacementSpace<dim> &coarse)
{
  const auto &nodes = fine.element().base_element(0).get_unit_support_points();
  const auto &functions = coarse.element().base_element(0);
  constexpr unsigned int n_children = dealii::GeometryInfo<dim>::max_children_per_cell;
  std::vector<std::vector<std::vector<std::pair<unsigned int, float>>>> result(n_children + 1);
  for (unsigned int place = 0; place <= n_children; ++place)
    for (const auto &node : nodes)
    {
      const auto point = place == 0 ? node : dealii::GeometryInfo<dim>::child_to_cell_coordinates(node, place - 1);
      result[place].emplace_back();
      for (unsigned int n = 0; n < functions.n_dofs_per_cell(); ++n)
        if (const double weight = functions.shape_value(n, point); std::abs(weight) > 1e-12)
          result[place].back().emplace_back(n, weight);
    }
  return result;
}

template <int dim>
CellColumns cell_columns(const typename CoarserCells<dim>::Cell &cell, const DisplacementSpace<dim> &space,
                         const dealii::AffineConstraints<double> &constraints)
{
  std::vector<global_dof_index> unknowns(space.element().n_dofs_per_cell());
  typename dealii::DoFHandler<dim>::active_cell_iterator(*cell, &space.dof_handler())->get_dof_indices(unknowns);
  CellColumns result;
  for (const auto unknown : unknowns)
  {
    result.emplace_back();
    if (!constraints.is_constrained(unknown))
      result.back().emplace_back(unknown, 1.f);
    else
      for (const auto &[master, weight] : *constraints.get_constraint_entries(unknown))
        result.back().emplace_back(master, weight);
  }
  return result;
}

constexpr unsigned int none = dealii::numbers::invalid_unsigned_int;

/// Where an unknown of the finer level lies: which answer about coarser cells holds for it, in which place of that
/// cell (0: all of it, else a child), and which unknown of the finer cell it is.
struct Origin
{
  unsigned int answer, place, local;
};

/// Adds up the weights of columns that appear more than once.
void merge(std::vector<Column> &row)
{
  std::sort(row.begin(), row.end());
  std::size_t n = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (n > 0 && row[n - 1].first == row[i].first)
      row[n - 1].second += row[i].second;
    else
      row[n++] = row[i];
  row.resize(n);
}

} // namespace

template <int dim>
LevelTransfer<dim>::LevelTransfer(const DisplacementSpace<dim> &fine,
                                  const dealii::AffineConstraints<double> &fine_constraints,
                                  const DisplacementSpace<dim> &coarse,
                                  const dealii::AffineConstraints<double> &coarse_constraints)
{
  const CoarserCells<dim> coarser(fine.mesh(), coarse.mesh());
  const auto answers = coarser.template ask<CellColumns>(
      [&](const auto &cell) { return cell_columns<dim>(cell, coarse, coarse_constraints); });
  const auto weights = node_weights(fine, coarse);

  const auto &owned = fine.dof_handler().locally_owned_dofs();
  std::vector<Origin> origins(owned.n_elements(), {none, 0, 0}); // of free unknowns
  std::vector<global_dof_index> unknowns(fine.element().n_dofs_per_cell());
  std::size_t n = 0;
  for (const auto &cell : fine.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      cell->get_dof_indices(unknowns);
      const unsigned int place = coarser.is_child()[n] ? 1 + *(cell->id().get_child_indices().end() - 1) : 0;
      for (unsigned int i = 0; i < unknowns.size(); ++i)
        if (owned.is_element(unknowns[i]) && !fine_constraints.is_constrained(unknowns[i]))
          origins[owned.index_within_set(unknowns[i])] = {coarser.number()[n], place, i};
      ++n;
    }

  std::vector<global_dof_index> columns;
  std::vector<Column> row;
  row_starts_.assign(1, 0);
  for (const Origin &origin : origins)
  {
    row.clear();
    if (origin.answer != none)
    {
      const auto [component, node] = fine.element().system_to_component_index(origin.local);
      for (const auto &[coarse_node, weight] : weights[origin.place][node])
        for (const auto &[column, factor] :
             answers[origin.answer][coarse.element().component_to_system_index(component, coarse_node)])
          row.emplace_back(column, weight * factor);
      merge(row);
    }
    for (const auto &[column, weight] : row)
    {
      columns.push_back(column);
      weights_.push_back(weight);
    }
    row_starts_.push_back(columns.size());
  }
  columns.shrink_to_fit();
  weights_.shrink_to_fit();

  std::vector<global_dof_index> needed = columns;
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  dealii::IndexSet relevant(coarse.n_dofs());
  relevant.add_indices(needed.begin(), needed.end());
  coarse_.reinit(std::make_shared<const dealii::Utilities::MPI::Partitioner>(coarse.dof_handler().locally_owned_dofs(),
                                                                             relevant, coarse.mesh().communicator()));
  columns_.reserve(columns.size());
  for (const auto column : columns)
    columns_.push_back(coarse_.get_partitioner()->global_to_local(column));
}

template <int dim>
void LevelTransfer<dim>::prolongate_and_add(Vector &fine, const Vector &coarse) const
{
  coarse_.copy_locally_owned_data_from(coarse);
  coarse_.update_ghost_values();
  for (unsigned int i = 0; i + 1 < row_starts_.size(); ++i)
  {
    float sum = 0;
    for (unsigned int k = row_starts_[i]; k < row_starts_[i + 1]; ++k)
      sum += weights_[k] * coarse_.local_element(columns_[k]);
    fine.local_element(i) += sum;
  }
}

template <int dim>
void LevelTransfer<dim>::restrict_and_add(Vector &coarse, const Vector &fine) const
{
  coarse_ = 0;
  for (unsigned int i = 0; i + 1 < row_starts_.size(); ++i)
    for (unsigned int k = row_starts_[i]; k < row_starts_[i + 1]; ++k)
      coarse_.local_element(columns_[k]) += weights_[k] * fine.local_element(i);
  coarse_.compress(dealii::VectorOperation::add);
  for (unsigned int j = 0; j < coarse.locally_owned_size(); ++j)
    coarse.local_element(j) += coarse_.local_element(j);
}

template <int dim>
std::size_t LevelTransfer<dim>::memory_consumption() const
{
  return (row_starts_.capacity() + columns_.capacity()) * sizeof(unsigned int) + weights_.capacity() * sizeof(float) +
         coarse_.memory_consumption();
}

template class LevelTransfer<2>;
template class LevelTransfer<3>;

} // namespace lodestone
