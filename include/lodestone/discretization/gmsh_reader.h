#pragma once

#include <deal.II/base/types.h>
#include <deal.II/distributed/tria.h>

#include <map>
#include <string>

namespace lodestone
{

/// The names of gmsh's physical groups: groups of faces (edges in 2-D) are boundaries, groups of cells are zones.
struct GmshNames
{
  std::map<std::string, dealii::types::boundary_id> boundaries;
  std::map<std::string, dealii::types::material_id> zones;
};

/// Reads a mesh of quadrilaterals or hexahedra from gmsh's .msh (ASCII, format 2.2 or 4.1) into an empty triangulation.
///
/// Boundary ids and material ids are the tags of the physical groups. Coordinates are metres, z up in 3-D; a 2-D mesh
/// lies in gmsh's x-y plane, whose y is the vertical. Rank 0 reads the file and sends it to the others. Collective.
/// @throws InputError on all ranks, with a remedy: no such file, another format, triangles, tetrahedra or curved
/// elements, physical groups missing or without a name, cells turned inside out, a boundary group inside the body
template <int dim>
GmshNames read_gmsh(const std::string &file, dealii::parallel::distributed::Triangulation<dim> &triangulation);

} // namespace lodestone
