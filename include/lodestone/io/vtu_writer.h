#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/io/result_directory.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Fields with their names; cell fields have one value per active cell, displacements belong to a DisplacementSpace.
using NamedFields = std::vector<std::pair<std::string, DistributedVector>>;

/// Fields on the mesh for ParaView: NAME-0003.vtu per step, all ranks in one file, and NAME.pvd, which lists them.
///
/// Cell fields are cell data, displacements three-component point data (second-order cells when the space is). Double
/// precision; NaN stays NaN, and ParaView shows it as "no value". In 2-D, (x, z) become ParaView's (x, y). Files are
/// renamed into place when complete, and listed after that: a run that is killed leaves no torn file in the list.
template <int dim>
class VtuWriter
{
public:
  VtuWriter(const DisplacementSpace<dim> &space, const ResultDirectory &directory, const std::string &name);

  /// Collective. @param step becomes ParaView's time; a step written again replaces the earlier file
  /// @throws InputError on all ranks when a file cannot be written
  void write(unsigned int step, const NamedFields &cell_fields, const NamedFields &displacements);

private:
  void list_earlier_steps();
  const DisplacementSpace<dim> &space_;
  const ResultDirectory &directory_;
  std::string name_;
  std::map<double, std::string> steps_; ///< on rank 0, of a continued run too
};

} // namespace lodestone
