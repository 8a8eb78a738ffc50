#pragma once

#include <lodestone/discretization/mesh.h>

#include <vector>

namespace lodestone
{

/// Takes a field from the cells of a mesh to those of a coarser one: a cell gets the mean over the cells that it was split
/// into, weighted with their volumes.
///
/// The two meshes may be distributed differently. Collective.
template <int dim>
class CellAveraging
{
public:
  /// @param fine the finer mesh
  /// @param coarse a mesh that CoarserCells takes with it, such as fine.make_coarser()
  CellAveraging(const Mesh<dim> &fine, const Mesh<dim> &coarse);
  /// coarse = the means of fine; ghosts are neither used nor set.
  void average(const CellField &fine, CellField &coarse) const;

private:
  std::vector<double> share_;        ///< of each owned fine cell in the volume of the coarse cell that holds it
  std::vector<unsigned int> holder_; ///< that coarse cell: its local number in sum_
  mutable CellField sum_;            ///< owned coarse cells, and those that hold owned fine cells
};

} // namespace lodestone
