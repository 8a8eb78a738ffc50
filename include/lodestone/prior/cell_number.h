#pragma once

#include <lodestone/prior/squares.h>

#include <deal.II/grid/cell_id.h>
#include <deal.II/grid/tria.h>

namespace lodestone
{

/// A number that names a cell on any number of ranks, from its ancestor on the coarsest mesh and its place there.
template <int dim>
std::uint64_t cell_number(const typename dealii::Triangulation<dim>::active_cell_iterator &cell)
{
  std::uint64_t number = 0;
  for (const unsigned int part : cell->id().template to_binary<dim>())
    number = mixed(number, part);
  return number;
}

} // namespace lodestone
