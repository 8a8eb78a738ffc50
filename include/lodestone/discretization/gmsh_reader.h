#pragma once

#include <deal.II/base/types.h>
#include <deal.II/distributed/tria.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace lodestone
{

/// Faces of coarsest cells: index of the cell, number of its face. A face between two cells stands here for both.
using CoarseFaces = std::set<std::pair<unsigned int, unsigned int>>;

/// The names of gmsh's physical groups: groups of faces (edges in 2-D) are boundaries, groups of cells are zones.
struct GmshNames
{
  std::map<std::string, dealii::types::boundary_id> boundaries;
  std::map<std::string, dealii::types::material_id> zones;
  /// Groups of faces (edges in 2-D) between two cells: no boundary.
  std::map<std::string, CoarseFaces> interior_surfaces;
};

/// Reads a mesh of quadrilaterals or hexahedra from gmsh's .msh (format 2.2 or 4.1, ASCII or binary) into an empty
/// triangulation.
///
/// Boundary ids and material ids are the tags of the physical groups. Coordinates are those of the file times `scale`,
/// metres, z up in 3-D; a 2-D mesh lies in gmsh's x-y plane, whose y is the vertical. Cells of negative orientation are
/// turned. Rank 0 reads the file and sends it to the others. Collective.
/// @param scale metres in a unit of the file
/// @throws InputError on all ranks, with a remedy: no such file, another format, a damaged file, triangles, tetrahedra
/// or curved elements, physical groups missing or without a name, cells that fold over, cells or faces of the boundary
/// in two groups, more than two cells at a face
template <int dim>
GmshNames read_gmsh(const std::string &file, double scale,
                    dealii::parallel::distributed::Triangulation<dim> &triangulation);

} // namespace lodestone
