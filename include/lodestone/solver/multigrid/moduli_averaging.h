#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

#include <deal.II/multigrid/mg_transfer_global_coarsening.h>

namespace lodestone
{

/// Moduli of a coarser mesh from those of the finer one: of each parent the mean over its children, weighted with their volumes.
///
/// Arithmetic means of the moduli make the coarse operator an upper bound of the fine one on coarse functions, which multigrid needs;
/// geometric and harmonic ones lose it at high contrast. Meshes are distributed differently: the piecewise-constant transfer of
/// deal.II's global coarsening does the communication.
template <int dim>
class ModuliAveraging
{
public:
  /// @param coarse fine.make_coarser()
  ModuliAveraging(const Mesh<dim> &fine, const Mesh<dim> &coarse);
  void average(const Moduli &fine, Moduli &coarse) const;

private:
  void average(const CellField &fine, CellField &coarse) const;

  dealii::MGTwoLevelTransfer<dim, DistributedVector> transfer_;
  DistributedVector fine_volume_, coarse_volume_;
};

} // namespace lodestone
