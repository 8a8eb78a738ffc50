#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/gmsh_reader.h>
#include <lodestone/discretization/msh_file.h>

#include <deal.II/base/geometry_info.h>
#include <deal.II/grid/grid_tools.h>
#include <deal.II/grid/tria.h>

#include <algorithm>
#include <boost/pending/disjoint_sets.hpp>
#include <cmath>
#include <sstream>
#include <tuple>

namespace lodestone
{

namespace
{

/// What gmsh calls a group of cells and a group of faces.
template <int dim>
constexpr const char *cell_group = dim == 2 ? "Physical Surface" : "Physical Volume";
template <int dim>
constexpr const char *face_group = dim == 2 ? "Physical Curve" : "Physical Surface";

template <int dim>
void check_contents(const MshFile &mesh, const std::string &file)
{
  const std::string volume = cell_group<dim>;
  if (mesh.cells.empty())
    throw InputError(file, std::string("it holds no ") + (dim == 2 ? "quadrilaterals" : "hexahedra"),
                     "Name all of the body with " + volume + " and mesh it with gmsh -" + std::to_string(dim) + ".");
  if (mesh.names[dim].empty())
    throw InputError(file, "no zone has a name", "Name all of the body: " + volume + "(\"rock\") = {...};");
  if (mesh.names[dim - 1].empty())
    throw InputError(file, "no boundary has a name", "Name it: " + std::string(face_group<dim>) + "(\"top\") = {...};");
}

/// "Physical Surface "top""
std::string group_text(const std::string &kind, const std::map<std::string, int> &names, const int tag)
{
  for (const auto &[name, known] : names)
    if (known == tag)
      return kind + " \"" + name + "\"";
  return kind + " " + std::to_string(tag);
}

/// Turns what a file holds into cells for deal.II and groups of faces. Vertices are the nodes that cells use.
template <int dim>
class GmshMesh
{
public:
  /// @throws InputError
  GmshMesh(const MshFile &mesh, const double scale, const std::string &file)
      : mesh_(mesh), scale_(scale), file_(file),
        vertex_of_node_(mesh.nodes.size(), dealii::numbers::invalid_unsigned_int)
  {
    add_cells();
    turn_cells();
    collect_faces();
    check_joints<1>(parts_of_cells<1>());
    if constexpr (dim == 3)
      check_joints<2>(parts_of_cells<2>());
    dealii::GridTools::consistently_order_cells(cells_); // it may not end for cells that are folded over one another
    group_faces();
  }

  /// Makes the triangulation, with the groups as material ids and boundary ids.
  void fill(dealii::Triangulation<dim> &triangulation) const;
  /// The names of the groups that occur. @throws InputError for groups without one
  GmshNames names() const;
  /// Adds the faces of the interior surfaces to the names.
  void find_interior_faces(const dealii::Triangulation<dim> &triangulation, GmshNames &names) const;

private:
  static constexpr unsigned int n_cell = dealii::GeometryInfo<dim>::vertices_per_cell;
  static constexpr unsigned int n_face = dealii::GeometryInfo<dim>::vertices_per_face;
  using Face = std::array<unsigned int, n_face>; ///< vertices in ascending order
  /// A face as one cell has it.
  struct FaceOfCell
  {
    Face vertices;
    std::size_t cell;
    Face cycle; ///< the vertices around the face, the cell behind it (2-D: on the left), from the smallest one on
    bool operator<(const FaceOfCell &other) const
    {
      return std::tie(vertices, cell) < std::tie(other.vertices, other.cell);
    }
  };

  const MshFile &mesh_;
  double scale_;
  const std::string &file_;
  std::vector<unsigned int> vertex_of_node_;
  std::vector<dealii::Point<dim>> vertices_;
  std::vector<dealii::CellData<dim>> cells_;
  std::vector<FaceOfCell> faces_;       ///< of all cells, sorted; those inside the body stand here twice
  std::map<Face, int> boundary_groups_; ///< groups of faces of one cell
  std::set<int> zone_groups_;
  std::map<Face, std::set<int>> interior_groups_; ///< groups of faces of two cells

  void add_cells();
  void turn_cells();
  void collect_faces();
  Face cycle_of(std::size_t cell, unsigned int face) const;
  template <std::size_t size>
  std::vector<std::vector<std::array<unsigned int, size>>> parts_of_cells() const;
  template <std::size_t size>
  void check_joints(const std::vector<std::vector<std::array<unsigned int, size>>> &parts) const;
  void group_faces();

  unsigned int vertex_of(const unsigned int node)
  {
    if (vertex_of_node_[node] == dealii::numbers::invalid_unsigned_int)
    {
      vertex_of_node_[node] = vertices_.size();
      dealii::Point<dim> p;
      for (int d = 0; d < dim; ++d)
        p[d] = scale_ * mesh_.nodes[node][d];
      vertices_.push_back(p);
    }
    return vertex_of_node_[node];
  }
  template <typename Vertices>
  std::string middle_of(const Vertices &vertices) const
  {
    dealii::Point<dim> sum;
    for (const unsigned int v : vertices)
      sum += vertices_[v] / double(vertices.size());
    return point_text(sum);
  }
};

template <int dim>
void GmshMesh<dim>::add_cells()
{
  std::map<std::array<unsigned int, n_cell>, int> known; // by vertices in ascending order
  for (const MshElement &element : mesh_.cells)
  {
    dealii::CellData<dim> cell;
    cell.material_id = element.group;
    std::array<unsigned int, n_cell> vertices;
    for (unsigned int c = 0; c < n_cell; ++c)
      vertices[c] = cell.vertices[dealii::GeometryInfo<dim>::ucd_to_deal[c]] = vertex_of(element.corners[c]);
    std::sort(vertices.begin(), vertices.end());
    if (std::adjacent_find(vertices.begin(), vertices.end()) != vertices.end())
      throw InputError(file_, "the cell at " + middle_of(vertices) + " has the same corner twice",
                       std::string("All cells must be ") + (dim == 2 ? "quadrilaterals." : "hexahedra."));
    const auto [other, is_new] = known.emplace(vertices, element.group);
    if (is_new)
      cells_.push_back(cell);
    else if (other->second != element.group)
      throw InputError(file_,
                       "the cell at " + middle_of(vertices) + " lies in " +
                           group_text(cell_group<dim>, mesh_.names[dim], other->second) + " and in " +
                           group_text(cell_group<dim>, mesh_.names[dim], element.group),
                       std::string("A cell belongs to one zone: put every part of the body in one ") + cell_group<dim> +
                           " only.");
    zone_groups_.insert(element.group);
  }
}

/// Turns cells of negative orientation.
/// @throws InputError when the Jacobian does not have one sign at the vertices of some cell
template <int dim>
void GmshMesh<dim>::turn_cells()
{
  unsigned int bad = 0;
  std::string first;
  for (auto &cell : cells_)
  {
    dealii::Point<dim> corners[n_cell];
    dealii::Tensor<0, dim> jacobians[n_cell];
    for (unsigned int v = 0; v < n_cell; ++v)
      corners[v] = vertices_[cell.vertices[v]];
    dealii::GeometryInfo<dim>::alternating_form_at_vertices(corners, jacobians);
    const auto all = [&jacobians](const double sign) {
      return std::all_of(jacobians, jacobians + n_cell,
                         [sign](const double j) { return sign * j > 0 && std::isfinite(j); });
    };
    if (all(-1)) // the mirror image exchanges two opposite faces
      std::swap_ranges(cell.vertices.begin(), cell.vertices.begin() + n_cell / 2, cell.vertices.begin() + n_cell / 2);
    else if (!all(1) && bad++ == 0)
      first = middle_of(cell.vertices);
  }
  if (bad > 0)
    throw InputError(file_, std::to_string(bad) + " cells are flat or fold over, the first at " + first,
                     dim == 2 ? "Use a finer or structured mesh; a section lies in gmsh's x-y plane, y upward."
                              : "Use a finer or structured mesh, or gmsh's Mesh.Optimize.");
}

template <int dim>
void GmshMesh<dim>::collect_faces()
{
  faces_.reserve(cells_.size() * dealii::GeometryInfo<dim>::faces_per_cell);
  for (std::size_t c = 0; c < cells_.size(); ++c)
    for (unsigned int f = 0; f < dealii::GeometryInfo<dim>::faces_per_cell; ++f)
    {
      Face face;
      for (unsigned int v = 0; v < n_face; ++v)
        face[v] = cells_[c].vertices[dealii::GeometryInfo<dim>::face_to_cell_vertices(f, v)];
      std::sort(face.begin(), face.end());
      faces_.push_back({face, c, cycle_of(c, f)});
    }
  std::sort(faces_.begin(), faces_.end());
  const std::string remedy =
      "Cells lie on one another: mesh every part of the body once (in gmsh: Coherence, or BooleanFragments).";
  for (std::size_t i = 1; i < faces_.size(); ++i)
  {
    if (faces_[i].vertices != faces_[i - 1].vertices)
      continue;
    if (i > 1 && faces_[i].vertices == faces_[i - 2].vertices)
      throw InputError(file_, "more than two cells share the face at " + middle_of(faces_[i].vertices), remedy);
    // Neighbours lie on either side of the face: they see its vertices go around in opposite directions.
    Face opposite = faces_[i - 1].cycle;
    std::reverse(opposite.begin() + 1, opposite.end());
    if (dim == 2 ? faces_[i].cycle == faces_[i - 1].cycle : faces_[i].cycle != opposite)
      throw InputError(file_, "two cells lie on the same side of their face at " + middle_of(faces_[i].vertices),
                       remedy);
  }
}

template <int dim>
typename GmshMesh<dim>::Face GmshMesh<dim>::cycle_of(const std::size_t cell, const unsigned int face) const
{
  const auto vertex = [&](const unsigned int v) {
    return cells_[cell].vertices[dealii::GeometryInfo<dim>::face_to_cell_vertices(face, v)];
  };
  // deal.II's vertices of a face and the axis across it are right-handed on both of the faces across that axis.
  const bool is_upper = face % 2 == 1;
  Face cycle;
  if constexpr (dim == 2)
  {
    // The edges on the left (0) and on the right (1) go up, those below (2) and above (3) go to the right.
    const bool counterclockwise = is_upper == (face < 2);
    cycle = {{vertex(counterclockwise ? 0 : 1), vertex(counterclockwise ? 1 : 0)}};
  }
  else
  {
    cycle = {{vertex(0), vertex(is_upper ? 1 : 2), vertex(3), vertex(is_upper ? 2 : 1)}};
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  }
  return cycle;
}

/// The vertices (size 1) or edges (size 2) of every cell.
template <int dim>
template <std::size_t size>
std::vector<std::vector<std::array<unsigned int, size>>> GmshMesh<dim>::parts_of_cells() const
{
  using Geometry = dealii::GeometryInfo<dim>;
  std::vector<std::vector<std::array<unsigned int, size>>> parts(cells_.size());
  for (std::size_t c = 0; c < cells_.size(); ++c)
    if constexpr (size == 1)
      for (const unsigned int vertex : cells_[c].vertices)
        parts[c].push_back({{vertex}});
    else
      for (unsigned int line = 0; line < Geometry::lines_per_cell; ++line)
      {
        const auto end = [&](const unsigned int v) {
          return cells_[c].vertices[Geometry::line_to_cell_vertices(line, v)];
        };
        parts[c].push_back({{std::min(end(0), end(1)), std::max(end(0), end(1))}});
      }
  return parts;
}

/// @throws InputError if cells share a vertex or an edge and no chain of cells joins them there face by face: such a body
/// would have a hinge, and p4est cannot refine it
template <int dim>
template <std::size_t size>
void GmshMesh<dim>::check_joints(const std::vector<std::vector<std::array<unsigned int, size>>> &parts) const
{
  const std::size_t n_parts = parts.front().size(); // of a cell
  std::vector<std::size_t> rank(cells_.size() * n_parts), parent(rank.size());
  boost::disjoint_sets<std::size_t *, std::size_t *> joined(rank.data(), parent.data());
  for (std::size_t part = 0; part < rank.size(); ++part)
    joined.make_set(part);
  for (std::size_t i = 1; i < faces_.size(); ++i)
    if (faces_[i].vertices == faces_[i - 1].vertices)
    {
      const Face &face = faces_[i].vertices;
      const auto &of_one = parts[faces_[i - 1].cell], &of_other = parts[faces_[i].cell];
      for (std::size_t k = 0; k < n_parts; ++k)
        if (std::includes(face.begin(), face.end(), of_one[k].begin(), of_one[k].end()))
          if (const auto same = std::find(of_other.begin(), of_other.end(), of_one[k]); same != of_other.end())
            joined.union_set(faces_[i - 1].cell * n_parts + k, faces_[i].cell * n_parts + (same - of_other.begin()));
    }
  std::map<std::array<unsigned int, size>, std::size_t> set_of_part;
  for (std::size_t part = 0; part < rank.size(); ++part)
  {
    const auto &vertices = parts[part / n_parts][part % n_parts];
    const std::size_t set = joined.find_set(part);
    if (set_of_part.emplace(vertices, set).first->second != set)
      throw InputError(file_, "cells touch one another only at a point or an edge, at " + middle_of(vertices),
                       "Parts of the body must be joined by faces of cells.");
  }
}

template <int dim>
void GmshMesh<dim>::group_faces()
{
  const auto &names = mesh_.names[dim - 1];
  for (const MshElement &element : mesh_.faces)
  {
    Face face;
    for (unsigned int c = 0; c < n_face; ++c)
      face[c] = vertex_of_node_[element.corners[c]];
    std::sort(face.begin(), face.end());
    const auto begin = std::lower_bound(faces_.begin(), faces_.end(), FaceOfCell{face, 0, {}}),
               end = std::upper_bound(begin, faces_.end(), FaceOfCell{face, cells_.size(), {}});
    if (begin == end)
      throw InputError(file_,
                       "an element of " + group_text(face_group<dim>, names, element.group) + " at " +
                           point_text(scale_ * mesh_.nodes[element.corners[0]]) +
                           (dim == 2 ? " is no edge of a cell" : " is no face of a cell"),
                       "A group must lie on cells and share their nodes (in gmsh: Coherence, or BooleanFragments).");
    if (end - begin == 2)
    {
      interior_groups_[face].insert(element.group);
      continue;
    }
    const auto [other, is_new] = boundary_groups_.emplace(face, element.group);
    if (!is_new && other->second != element.group)
      throw InputError(file_,
                       "the boundary at " + middle_of(face) + " lies in " +
                           group_text(face_group<dim>, names, other->second) + " and in " +
                           group_text(face_group<dim>, names, element.group),
                       std::string("Put every part of the boundary in one ") + face_group<dim> + " only.");
  }
}

template <int dim>
void GmshMesh<dim>::fill(dealii::Triangulation<dim> &triangulation) const
{
  triangulation.create_triangulation(vertices_, cells_, dealii::SubCellData());
  for (const auto &cell : triangulation.active_cell_iterators())
    for (const auto &face : cell->face_iterators())
    {
      if (!face->at_boundary())
        continue;
      Face vertices;
      for (unsigned int v = 0; v < n_face; ++v)
        vertices[v] = face->vertex_index(v);
      std::sort(vertices.begin(), vertices.end());
      if (const auto group = boundary_groups_.find(vertices); group != boundary_groups_.end())
        face->set_boundary_id(group->second); // others keep 0: a free boundary without a name
    }
}

template <int dim>
void GmshMesh<dim>::find_interior_faces(const dealii::Triangulation<dim> &triangulation, GmshNames &names) const
{
  // deal.II may have turned cells: faces have the numbers that the triangulation gives them.
  for (const auto &cell : triangulation.active_cell_iterators())
    for (const unsigned int f : cell->face_indices())
    {
      Face vertices;
      for (unsigned int v = 0; v < n_face; ++v)
        vertices[v] = cell->face(f)->vertex_index(v);
      std::sort(vertices.begin(), vertices.end());
      if (const auto groups = interior_groups_.find(vertices); groups != interior_groups_.end())
        for (auto &[name, faces] : names.interior_surfaces)
          if (groups->second.count(mesh_.names[dim - 1].at(name)) != 0)
            faces.emplace(cell->active_cell_index(), f);
    }
}

template <int dim>
GmshNames GmshMesh<dim>::names() const
{
  std::set<int> zones = zone_groups_, boundaries;
  for (const auto &[face, group] : boundary_groups_)
    boundaries.insert(group);
  GmshNames names;
  for (const auto &[name, group] : mesh_.names[dim])
    if (zones.erase(group) != 0)
      names.zones.emplace(name, group);
  for (const auto &[name, group] : mesh_.names[dim - 1])
  {
    if (boundaries.erase(group) != 0)
      names.boundaries.emplace(name, group);
    for (const auto &interior : interior_groups_)
      if (interior.second.count(group) != 0)
        names.interior_surfaces[name];
  }
  const std::string volume = cell_group<dim>, face = face_group<dim>;
  if (!zones.empty())
    throw InputError(file_,
                     *zones.begin() == 0 ? "some cells belong to no " + volume
                                         : volume + " " + std::to_string(*zones.begin()) + " has no name",
                     "Put every cell in one named group: " + volume + "(\"rock\") = {...};");
  if (!boundaries.empty())
    throw InputError(file_, face + " " + std::to_string(*boundaries.begin()) + " has no name",
                     "Name it: " + face + "(\"top\") = {...};");
  if (names.boundaries.empty())
    throw InputError(file_, "no named group lies on the boundary", "Name it: " + face + "(\"top\") = {...};");
  return names;
}

} // namespace

template <int dim>
GmshNames read_gmsh(const std::string &file, const double scale,
                    dealii::parallel::distributed::Triangulation<dim> &triangulation)
{
  const MshFile mesh = parse_msh(read_text_file(file, triangulation.get_communicator(), "Mesh/File"), file, dim);
  check_contents<dim>(mesh, file);
  const GmshMesh<dim> cells(mesh, scale, file);
  GmshNames names = cells.names();

  // The mesh is first made on each rank alone: a distributed mesh cannot be left half made.
  dealii::Triangulation<dim> coarse;
  try
  {
    cells.fill(coarse);
  }
  catch (const dealii::ExceptionBase &error)
  {
    std::ostringstream what;
    error.print_info(what);
    std::string reason = what.str();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    throw InputError(file, "this mesh cannot be used:" + reason, "Mesh every part of the body once.");
  }
  cells.find_interior_faces(coarse, names);
  triangulation.copy_triangulation(coarse);
  return names;
}

template GmshNames read_gmsh<2>(const std::string &, double, dealii::parallel::distributed::Triangulation<2> &);
template GmshNames read_gmsh<3>(const std::string &, double, dealii::parallel::distributed::Triangulation<3> &);

} // namespace lodestone
