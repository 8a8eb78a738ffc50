#pragma once

#include <deal.II/base/point.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace lodestone
{

/// An edge, a quadrilateral or a hexahedron of a .msh file.
struct MshElement
{
  std::array<unsigned int, 8> corners{}; ///< places in MshFile::nodes, in gmsh's order; as many as the shape has
  int group = 0;                         ///< tag of its physical group; 0: it is in none
};

/// What a .msh file of gmsh holds for a mesh of quadrilaterals (dim = 2) or hexahedra (dim = 3), as it stands there.
struct MshFile
{
  std::map<std::string, int> names[4]; ///< tags of the physical groups that have a name, by dimension of the group
  std::vector<dealii::Point<3>> nodes; ///< in the unit of the file
  std::vector<MshElement> cells;       ///< an element in two groups stands here twice
  std::vector<MshElement> faces;       ///< of dimension dim - 1, those in a physical group
};

/// Reads the text of a .msh file, format 2.2 or 4.1, ASCII or binary. Counts are compared with the size of the file
/// before memory is taken.
/// @param file the file's name, for errors
/// @throws InputError naming file and line (byte, where the file is binary): another format, a damaged file, elements
/// that are no quadrilaterals or hexahedra of first order
MshFile parse_msh(const std::string &text, const std::string &file, unsigned int dim);

} // namespace lodestone
