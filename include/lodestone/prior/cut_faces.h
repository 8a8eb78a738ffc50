#pragma once

#include <lodestone/discretization/mesh_names.h>

#include <functional>
#include <string>

namespace lodestone
{

/// Whether a face of an owned cell lies on a cut; both of its sides give the same answer. Faces at the boundary never do.
template <int dim>
using CutFaces =
    std::function<bool(const typename dealii::Triangulation<dim>::active_cell_iterator &cell, unsigned int face)>;

/// The faces at which a prior does not smooth, as the entry `Cut at` says:
///
///   a list of   `zones`, for faces between cells of two zones, and names of interior surfaces of a gmsh mesh
///   a formula   faces between cells at whose centres it has different signs (0 counts as positive)
///
/// A face with a refined side is cut as a whole where one of its parts is.
/// @param text empty: there is no cut, and the function that is returned is empty
/// Collective. @throws InputError when the text cannot be read or no face is cut
template <int dim>
CutFaces<dim> make_cut(const std::string &text, const Mesh<dim> &mesh);

/// Checks the text of `Cut at` before there is a mesh. @throws InputError
template <int dim>
void check_cut(const std::string &text, const MeshNames &names);

} // namespace lodestone
