#pragma once

#include <lodestone/base/number_text.h>
#include <lodestone/discretization/mesh.h>

#include <string>

namespace lodestone
{

/// "The mesh spans (-10000, -10000, -8000) to (10000, 10000, 0) m, z up": what a message about a place outside it
/// should say.
template <int dim>
std::string mesh_extent_text(const Mesh<dim> &mesh)
{
  return "The mesh spans " + point_text(mesh.lower()) + " to " + point_text(mesh.upper()) + " m, z up";
}

} // namespace lodestone
