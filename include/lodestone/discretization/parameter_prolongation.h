#pragma once

#include <lodestone/discretization/coarser_cells.h>
#include <lodestone/discretization/parameter_cells.h>

#include <vector>

namespace lodestone
{

/// Takes unknowns of the parameter cells of one mesh to those of a finer mesh, which are smaller or the same.
///
/// A parameter cell takes the mean, weighted with volumes, of what its finite-element cells find in the coarser cells that
/// hold them. Cells whose zone is another one than that of the coarser cell do not count where others do: the value of a
/// zone goes to the same zone. Where the coarser mesh holds its background, unknowns are 0. Piecewise constant functions
/// are exact if every parameter cell lies in one of the coarser mesh. The meshes may be distributed differently.
template <int dim>
class ParameterProlongation
{
public:
  /// Both must outlive this object. Collective.
  /// @param coarse on a mesh that CoarserCells takes with that of `fine`
  ParameterProlongation(const ParameterCells<dim> &coarse, const ParameterCells<dim> &fine);

  /// fine = P coarse, for primal vectors: models and increments. Ghosts of `fine` are set. Collective.
  void apply(const ParameterVector &coarse, ParameterVector &fine) const;
  /// The same for dual vectors, which grow with the volume of the parameter cell: what is prolonged is the number per
  /// volume. Collective.
  void apply_to_dual(const ParameterVector &coarse, ParameterVector &fine) const;

private:
  const ParameterCells<dim> &coarse_, &fine_;
  CoarserCells<dim> holders_;
  std::vector<double> share_; ///< of each owned fine cell in its parameter cell; 0 where it has none, or does not count
};

} // namespace lodestone
