#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/material/moduli.h>

#include <deal.II/base/symmetric_tensor.h>

#include <vector>

namespace lodestone
{

/// One tensor per cell of this rank, in the order of global_active_cell_index. Axes x, y, z; in 2-D x, z and, third,
/// the one out of the plane.
using CellTensors = std::vector<dealii::SymmetricTensor<2, 3>>;

/// Strain 1/2 (grad u + grad u^T) at the centre of each cell. Collective.
/// @param u with valid ghosts (m)
template <int dim>
CellTensors strain_at_centres(const DisplacementSpace<dim> &space, const DistributedVector &u);

/// The same of a state: incident fields of the loads add their exact strain there.
template <int dim>
CellTensors strain_at_centres(const DisplacementSpace<dim> &space, const std::vector<LoadVector<dim>> &loads,
                              const State &state);

/// lambda tr(strain) I + 2 mu strain (Pa), positive where it pulls. It is what the stiffness answers to the whole
/// strain: the effective stress where a pore pressure acts; of an eigenstrain (slip, opening, volume change) nothing is
/// taken off in the cells that it strains. The incident field of a source has no such cells: its strain there is the
/// elastic one, without the source's own.
CellTensors stress(const CellTensors &strain, const Moduli &moduli);

} // namespace lodestone
