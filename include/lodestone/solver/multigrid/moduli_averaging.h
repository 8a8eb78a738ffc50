#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

#include <vector>

namespace lodestone
{

/// Computes the moduli of a coarser mesh from those of the finer one: a parent gets the mean over its children,
/// weighted with their volumes.
///
/// Arithmetic means of the moduli make the coarse operator an upper bound of the fine one on coarse functions, which
/// multigrid needs; geometric and harmonic means lose this property at high contrast. The two meshes may be distributed
/// differently. Collective.
template <int dim>
class ModuliAveraging
{
public:
  /// @param fine the finer mesh
  /// @param coarse the result of fine.make_coarser()
  ModuliAveraging(const Mesh<dim> &fine, const Mesh<dim> &coarse);
  /// coarse = the means of fine.
  void average(const Moduli &fine, Moduli &coarse) const;

private:
  void average(const CellField &fine, CellField &coarse) const;

  std::vector<double> share_;        ///< of each owned fine cell in the volume of the coarse cell that holds it
  std::vector<unsigned int> holder_; ///< that coarse cell: its local number in sum_
  mutable CellField sum_;            ///< owned coarse cells, and those that hold owned fine cells
};

} // namespace lodestone
