#pragma once

#include <lodestone/discretization/mesh.h>

#include <map>
#include <string>

namespace lodestone
{

using BoundaryNames = std::map<std::string, dealii::types::boundary_id>;
using ZoneNames = std::map<std::string, dealii::types::material_id>;

/// @throws InputError naming `where`, the nearest name, and those that exist
dealii::types::boundary_id find_boundary(const BoundaryNames &names, const std::string &name, const std::string &where);
dealii::types::material_id find_zone(const ZoneNames &names, const std::string &name, const std::string &where);

/// The names of a mesh before it is built, so that a deck's mistakes cost no refinement.
struct MeshNames
{
  BoundaryNames boundaries;
  ZoneNames zones;

  void check_boundary(const std::string &name, const std::string &where) const
  {
    find_boundary(boundaries, name, where);
  }
  void check_zone(const std::string &name, const std::string &where) const { find_zone(zones, name, where); }
};

/// Collective: a gmsh file is read. @throws InputError
template <int dim>
MeshNames mesh_names(const typename Mesh<dim>::Parameters &parameters, MPI_Comm comm);

/// West, east ... top of a box, with their ids: its faces in deal.II's order.
template <int dim>
BoundaryNames box_boundaries();

} // namespace lodestone
