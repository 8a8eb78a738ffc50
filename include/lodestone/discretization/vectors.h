#pragma once

#include <lodestone/base/vectors.h>

namespace lodestone
{

/// One value per active cell, with index cell->global_active_cell_index() and ghosts on the ghost cells.
/// Mesh::make_cell_field makes them.
using CellField = DistributedVector;

} // namespace lodestone
