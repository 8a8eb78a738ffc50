#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/io/result_directory.h>

#include <deal.II/base/symmetric_tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Fields with their names; cell fields have one value per active cell, displacements belong to a DisplacementSpace.
using NamedFields = std::vector<std::pair<std::string, DistributedVector>>;

/// Numbers of the cells of this rank, in the order of global_active_cell_index: whole ones, or the components of
/// symmetric tensors.
struct CellArray
{
  std::string name;
  std::vector<std::int32_t> numbers; ///< empty for tensors
  std::vector<dealii::SymmetricTensor<2, 3>>
      tensors; ///< axes as ParaView has them: in 2-D the third is out of the plane
};

/// Fields on the mesh for ParaView: NAME-0003.vtu per step, all ranks in one file, and NAME.pvd, which lists them.
///
/// Cell fields and arrays are cell data (tensors as xx, yy, zz, xy, yz, xz), displacements three-component point data
/// (second-order cells when the space is). Double precision; NaN stays NaN, and ParaView shows it as "no value". In
/// 2-D, (x, z) become ParaView's (x, y). Files are renamed into place when complete, and listed after that: a run that
/// is killed leaves no torn file in the list.
template <int dim>
class VtuWriter
{
public:
  VtuWriter(const DisplacementSpace<dim> &space, const ResultDirectory &directory, const std::string &name);

  /// Collective. @param step becomes ParaView's time; a step written again replaces the earlier file
  /// @throws InputError on all ranks when a file cannot be written
  void write(unsigned int step, const NamedFields &cell_fields, const NamedFields &displacements,
             const std::vector<CellArray> &cell_arrays = {});

private:
  void list_earlier_steps();
  const DisplacementSpace<dim> &space_;
  const ResultDirectory &directory_;
  std::string name_;
  std::map<double, std::string> steps_; ///< on rank 0, of a continued run too
};

} // namespace lodestone
