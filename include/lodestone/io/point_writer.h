#pragma once

#include <deal.II/base/mpi.h>
#include <deal.II/base/point.h>

#include <string>
#include <vector>

namespace lodestone
{

/// Named numbers at points; three components make an arrow in ParaView. `values[i * components + k]` is component k at
/// point i.
struct PointArray
{
  std::string name;
  unsigned int components = 1;
  std::vector<double> values;
};

/// Texts at points, such as the names of stations.
struct PointTexts
{
  std::string name;
  std::vector<std::string> values;
};

/// Points with arrays for ParaView (.vtp). Points and arrays are the same on all ranks; atomic; collective.
/// In 2-D runs give (x, z, 0), as VtuWriter does.
/// @throws InputError on all ranks when the file cannot be written
void write_points(const std::string &file, const std::vector<dealii::Point<3>> &points,
                  const std::vector<PointArray> &arrays, MPI_Comm comm, const std::vector<PointTexts> &texts = {});

} // namespace lodestone
