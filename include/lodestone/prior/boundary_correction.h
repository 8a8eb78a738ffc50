#pragma once

#include <lodestone/discretization/parameter_cells.h>
#include <lodestone/prior/box_deviation.h>

namespace lodestone
{

/// What the field of one unknown is in a box, and what its standard deviation shall be.
template <int dim>
struct FieldInBox
{
  BoxWeights<dim> weights;
  double deviation;
};

/// Factors that give fields their standard deviation everywhere in a box, beside its boundary too: `deviation` over that
/// of BoxDeviation. Every level of refinement has its own, whose cells are as large as those of this level where these are all
/// equal and not more than 64 along an axis. Elsewhere there are 64, and the factors are `without_boundary` over the
/// deviation: they leave alone what cells of different size make of the operator inside. Where a mesh fills less than 9/10 of its bounding box all factors are 1. Those of
/// unknowns of no cell are 1. Collective.
/// @param fields one per field of the layout
template <int dim>
ParameterVector boundary_correction(const ParameterCells<dim> &cells,
                                    const std::shared_ptr<const ParameterLayout> &layout,
                                    const std::vector<FieldInBox<dim>> &fields);

} // namespace lodestone
