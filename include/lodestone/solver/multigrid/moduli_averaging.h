#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

#include <deal.II/multigrid/mg_transfer_global_coarsening.h>

namespace lodestone
{

/// Computes the moduli of a coarser mesh from those of the finer one: a parent gets the mean over its children,
/// weighted with their volumes.
///
/// Arithmetic means of the moduli make the coarse operator an upper bound of the fine one on coarse functions, which
/// multigrid needs; geometric and harmonic means lose this property at high contrast. The two meshes are distributed
/// differently, and the piecewise-constant transfer of deal.II's global coarsening communicates between them.
/// Collective.
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

  dealii::MGTwoLevelTransfer<dim, DistributedVector> transfer_;
  DistributedVector fine_volume_, coarse_volume_;
};

} // namespace lodestone
