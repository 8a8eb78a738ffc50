#pragma once

#include <lodestone/discretization/mesh.h>

#include <algorithm>

namespace lodestone
{

/// The correlation length where none is given: a tenth of the larger of the model's horizontal extents (m).
template <int dim>
double default_length(const Mesh<dim> &mesh)
{
  double width = mesh.upper()[0] - mesh.lower()[0];
  for (unsigned int d = 1; d + 1 < dim; ++d)
    width = std::max(width, mesh.upper()[d] - mesh.lower()[d]);
  return 0.1 * width;
}

} // namespace lodestone
