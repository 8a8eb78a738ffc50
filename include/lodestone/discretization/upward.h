#pragma once

#include <deal.II/grid/tria.h>

namespace lodestone
{

/// A face whose outward normal has less than this upward belongs to a side or to the bottom.
constexpr double steepest_surface = 1e-6;

/// The upward component of a face's outward unit normal, taken at its middle. Not collective.
/// @param face number of a face of the cell
template <int dim>
double upward(const typename dealii::Triangulation<dim>::cell_iterator &cell, unsigned int face);

} // namespace lodestone
