#pragma once

#include <lodestone/discretization/mesh.h>

#include <map>
#include <string>

namespace lodestone
{

using BoundaryNames = std::map<std::string, dealii::types::boundary_id>;
using ZoneNames = std::map<std::string, dealii::types::material_id>;

/// The ids of a boundary and of a zone. @throws InputError naming `where`, the nearest name, and those that exist
dealii::types::boundary_id find_boundary(const BoundaryNames &names, const std::string &name, const std::string &where);
dealii::types::material_id find_zone(const ZoneNames &names, const std::string &name, const std::string &where);

/// The names of a mesh that is not built yet: wrong names in a parameter file are found before the mesh is refined.
struct MeshNames
{
  BoundaryNames boundaries;
  ZoneNames zones;
  std::set<std::string> interior_surfaces; ///< of gmsh, between cells

  void check_boundary(const std::string &name, const std::string &where) const
  {
    find_boundary(boundaries, name, where);
  }
  void check_zone(const std::string &name, const std::string &where) const { find_zone(zones, name, where); }
};

/// The names that the mesh of these parameters will have. Collective, since a gmsh file is read. @throws InputError
template <int dim>
MeshNames mesh_names(const typename Mesh<dim>::Parameters &parameters, MPI_Comm comm);

/// The names of a box's boundaries, west to top, with their ids, which are the numbers of a brick's faces in deal.II's
/// order.
template <int dim>
BoundaryNames box_boundaries();

} // namespace lodestone
