#pragma once

#include <lodestone/base/vectors.h>

namespace lodestone
{

/// One value per active cell (index: cell->global_active_cell_index()), ghosted on the ghost cells. See Mesh::make_cell_field.
using CellField = DistributedVector;

} // namespace lodestone
