#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/gmsh_reader.h>

#include <deal.II/base/geometry_info.h>
#include <deal.II/base/mpi.h>
#include <deal.II/grid/grid_in.h>

#include <set>
#include <sstream>

namespace lodestone
{

namespace
{

/// What deal.II's reader does not tell: the element types and the names of groups that the file lists.
struct Contents
{
  std::set<unsigned int> element_types;
  std::map<std::string, unsigned int> names[4]; ///< by dimension of the group
};

const std::string convert_remedy = "Write it with: gmsh -save -format msh22 -o NEW.msh FILE";

bool next_line(std::istream &in, std::string &line)
{
  if (!std::getline(in, line))
    return false;
  if (!line.empty() && line.back() == '\r')
    line.pop_back();
  return true;
}

void scan_names(std::istream &in, const std::string &file, Contents &contents)
{
  std::string line;
  next_line(in, line);
  for (long long left = std::atoll(line.c_str()); left > 0 && next_line(in, line); --left)
  {
    std::istringstream items(line);
    unsigned int group_dim = 4, tag = 0;
    items >> group_dim >> tag;
    const auto open = line.find('"'), close = line.rfind('"');
    if (!items || group_dim > 3 || open == std::string::npos || close <= open)
      throw InputError(file, "found '" + line + "' in $PhysicalNames", "It should read: DIMENSION TAG \"NAME\".");
    const std::string name = line.substr(open + 1, close - open - 1);
    if (!contents.names[group_dim].emplace(name, tag).second)
      throw InputError(file, "two physical groups are called \"" + name + "\"", "Give each its own name.");
  }
}

/// Reads the element types: in format 2.2 there is one element per line, in 4.1 there are blocks of elements of one
/// type.
void scan_elements(std::istream &in, bool blocks, Contents &contents)
{
  std::string line;
  next_line(in, line);
  long long left = std::atoll(line.c_str());
  for (; left > 0 && next_line(in, line); --left)
  {
    std::istringstream items(line);
    long long first = 0, second = 0, type = 0, count = 0;
    if (blocks)
    {
      items >> first >> second >> type >> count;
      for (; count > 0 && next_line(in, line); --count)
        ;
    }
    else
      items >> first >> type;
    contents.element_types.insert(static_cast<unsigned int>(type));
  }
}

Contents scan(const std::string &text, const std::string &file)
{
  std::istringstream in(text);
  Contents contents;
  std::string line, version;
  while (next_line(in, line))
    if (line == "$MeshFormat")
    {
      int binary = 0;
      next_line(in, line);
      std::istringstream(line) >> version >> binary;
      if ((version != "2.2" && version != "4.1") || binary != 0)
        throw InputError(file, "found format " + version + (binary != 0 ? ", binary" : ""),
                         "Known are 2.2 and 4.1, ASCII. " + convert_remedy);
    }
    else if (line == "$PhysicalNames")
      scan_names(in, file, contents);
    else if (line == "$Elements")
      scan_elements(in, version == "4.1", contents);
  if (version.empty())
    throw InputError(file, "this is no gmsh mesh: it has no $MeshFormat", convert_remedy);
  return contents;
}

template <int dim>
void check_contents(const Contents &contents, const std::string &file)
{
  const std::string cells = dim == 2 ? "quadrilaterals" : "hexahedra";
  const std::string volume = dim == 2 ? "Physical Surface" : "Physical Volume";
  const std::string face = dim == 2 ? "Physical Curve" : "Physical Surface";
  for (const unsigned int type : contents.element_types)
  {
    if (type > 7 && type != 15)
      throw InputError(file, "it holds curved elements (gmsh type " + std::to_string(type) + ")",
                       "Mesh it with Mesh.ElementOrder = 1.");
    if (type == 2 || type == 4 || type == 6 || type == 7)
      throw InputError(
          file,
          std::string("it holds ") + (type == 2   ? "triangles"
                                      : type == 4 ? "tetrahedra"
                                      : type == 6 ? "prisms"
                                                  : "pyramids"),
          "All cells must be " + cells + ": in gmsh use Recombine Surface or Mesh.RecombineAll = 1" +
              (dim == 3 ? ", with Mesh.SubdivisionAlgorithm = 2 for volumes that are not extruded." : "."));
  }
  if (dim == 2 && contents.element_types.count(5) != 0)
    throw InputError(file, "it holds hexahedra", "Dimension = 2 needs a mesh of quadrilaterals; set Dimension = 3.");
  if (contents.element_types.count(dim == 2 ? 3 : 5) == 0)
    throw InputError(file, "it holds no " + cells,
                     "Name all of the body with " + volume + " and mesh it with gmsh -" + std::to_string(dim) + ".");
  if (contents.names[dim].empty())
    throw InputError(file, "no zone has a name", "Name all of the body: " + volume + "(\"rock\") = {...};");
  if (contents.names[dim - 1].empty())
    throw InputError(file, "no boundary has a name", "Name it: " + face + "(\"top\") = {...};");
}

/// @throws InputError when the Jacobian is not positive at a vertex of some cell
template <int dim>
void check_shapes(const dealii::Triangulation<dim> &triangulation, const std::string &file)
{
  constexpr unsigned int n = dealii::GeometryInfo<dim>::vertices_per_cell;
  unsigned int bad = 0;
  dealii::Point<dim> first;
  for (const auto &cell : triangulation.active_cell_iterators())
  {
    dealii::Point<dim> vertices[n];
    dealii::Tensor<0, dim> jacobians[n];
    for (unsigned int v = 0; v < n; ++v)
      vertices[v] = cell->vertex(v);
    dealii::GeometryInfo<dim>::alternating_form_at_vertices(vertices, jacobians);
    if (std::any_of(jacobians, jacobians + n, [](const double jacobian) { return !(jacobian > 0); }))
      if (bad++ == 0)
        first = cell->center();
  }
  if (bad > 0)
    throw InputError(file, std::to_string(bad) + " cells are flat or fold over, the first at " + point_text(first),
                     dim == 2 ? "Use a finer or structured mesh; a section lies in gmsh's x-y plane, y upward."
                              : "Use a finer or structured mesh, or gmsh's Mesh.Optimize.");
}

/// Keeps the names that occur, and refuses groups without one.
template <int dim>
GmshNames names_in_use(const dealii::Triangulation<dim> &triangulation, const Contents &contents,
                       const std::string &file)
{
  std::set<unsigned int> zones, boundaries;
  for (const auto &cell : triangulation.active_cell_iterators())
  {
    zones.insert(cell->material_id());
    for (const unsigned int face : cell->face_indices())
      if (cell->face(face)->at_boundary())
        boundaries.insert(cell->face(face)->boundary_id());
  }
  GmshNames names;
  for (const auto &[name, tag] : contents.names[dim])
    if (zones.erase(tag) != 0)
      names.zones.emplace(name, tag);
  for (const auto &[name, tag] : contents.names[dim - 1])
    if (boundaries.erase(tag) != 0)
      names.boundaries.emplace(name, tag);
  boundaries.erase(0); // faces in no group: a free boundary
  const std::string volume = dim == 2 ? "Physical Surface" : "Physical Volume";
  const std::string face = dim == 2 ? "Physical Curve" : "Physical Surface";
  if (!zones.empty())
    throw InputError(file,
                     *zones.begin() == 0 ? "some cells belong to no " + volume
                                         : volume + " " + std::to_string(*zones.begin()) + " has no name",
                     "Put every cell in one named group: " + volume + "(\"rock\") = {...};");
  if (!boundaries.empty())
    throw InputError(file, face + " " + std::to_string(*boundaries.begin()) + " has no name",
                     "Name it: " + face + "(\"top\") = {...};");
  if (names.boundaries.empty())
    throw InputError(file, "no named group lies on the boundary", "Name it: " + face + "(\"top\") = {...};");
  return names;
}

} // namespace

template <int dim>
GmshNames read_gmsh(const std::string &file, dealii::parallel::distributed::Triangulation<dim> &triangulation)
{
  const std::string text = read_text_file(file, triangulation.get_communicator(), "Mesh/File");
  const Contents contents = scan(text, file);
  check_contents<dim>(contents, file);

  // The mesh is first made on each rank alone: a distributed mesh cannot be left half made.
  dealii::Triangulation<dim> coarse;
  try
  {
    std::istringstream in(text);
    dealii::GridIn<dim> reader(coarse);
    reader.read_msh(in);
  }
  catch (const dealii::ExceptionBase &error)
  {
    std::ostringstream what;
    error.print_info(what);
    std::string reason = what.str();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    throw InputError(file, "this mesh cannot be used:" + reason,
                     "Physical groups of " + std::string(dim == 2 ? "curves" : "surfaces") +
                         " may only lie on the outer boundary, and each entity may be in one group only. " +
                         convert_remedy);
  }
  check_shapes(coarse, file);
  GmshNames names = names_in_use(coarse, contents, file);
  triangulation.copy_triangulation(coarse);
  return names;
}

template GmshNames read_gmsh<2>(const std::string &, dealii::parallel::distributed::Triangulation<2> &);
template GmshNames read_gmsh<3>(const std::string &, dealii::parallel::distributed::Triangulation<3> &);

} // namespace lodestone
