#pragma once

#include <lodestone/discretization/mesh.h>

#include <cstdint>
#include <vector>

namespace lodestone
{

/// The corners of a mesh and which of them belong to each cell, with one number per corner on all ranks: what a script
/// needs to draw the mesh or to build it again.
///
/// Every rank holds a part: the corners [first_vertex, first_vertex + coordinates.size() / dim) and its own cells, in
/// the order of global_active_cell_index. The corners of a cell stand in VTK's order. A corner that hangs on the side
/// of a larger cell belongs to the smaller cells alone.
template <int dim>
struct VertexTable
{
  static constexpr unsigned int per_cell = 1 << dim;

  std::uint64_t n_vertices = 0, first_vertex = 0;
  std::vector<double> coordinates;        ///< m, dim per corner
  std::vector<std::int64_t> connectivity; ///< per_cell numbers per cell

  /// Collective.
  explicit VertexTable(const Mesh<dim> &mesh);
};

} // namespace lodestone
