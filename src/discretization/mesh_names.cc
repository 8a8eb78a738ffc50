#include <lodestone/base/error.h>
#include <lodestone/discretization/gmsh_reader.h>
#include <lodestone/discretization/mesh_names.h>

namespace lodestone
{

namespace
{

/// @param what "boundary" or "zone"
template <typename Id>
Id find_name(const std::map<std::string, Id> &names, const std::string &name, const std::string &where,
             const std::string &what)
{
  const auto found = names.find(name);
  if (found != names.end())
    return found->second;
  if (names.empty())
    throw InputError(where, "'" + name + "' is no " + what + ": this mesh has none",
                     what == "zone" ? "Name zones in Mesh/Zones, or read a gmsh mesh that has them as physical groups."
                                    : "Read a gmsh mesh that names them.");
  std::vector<std::string> known;
  for (const auto &entry : names)
    known.push_back(entry.first);
  throw InputError(where, "there is no " + what + " '" + name + "' in the mesh", name_advice(name, known));
}

} // namespace

dealii::types::boundary_id find_boundary(const BoundaryNames &names, const std::string &name, const std::string &where)
{
  return find_name(names, name, where, "boundary");
}

dealii::types::material_id find_zone(const ZoneNames &names, const std::string &name, const std::string &where)
{
  return find_name(names, name, where, "zone");
}

template <>
BoundaryNames box_boundaries<2>()
{
  return {{"west", 0}, {"east", 1}, {"bottom", 2}, {"top", 3}};
}

template <>
BoundaryNames box_boundaries<3>()
{
  return {{"west", 0}, {"east", 1}, {"south", 2}, {"north", 3}, {"bottom", 4}, {"top", 5}};
}

template <int dim>
MeshNames mesh_names(const typename Mesh<dim>::Parameters &parameters, MPI_Comm comm)
{
  if (parameters.source == MeshSource::box)
  {
    ZoneNames zones;
    for (const auto &zone : parameters.zones)
      zones.emplace(zone.name, zones.size());
    return {box_boundaries<dim>(), zones, {}};
  }
  dealii::parallel::distributed::Triangulation<dim> triangulation(comm);
  GmshNames names = read_gmsh(parameters.file, parameters.scale, triangulation);
  std::set<std::string> surfaces;
  for (const auto &surface : names.interior_surfaces)
    surfaces.insert(surface.first);
  return {std::move(names.boundaries), std::move(names.zones), std::move(surfaces)};
}

template MeshNames mesh_names<2>(const Mesh<2>::Parameters &, MPI_Comm);
template MeshNames mesh_names<3>(const Mesh<3>::Parameters &, MPI_Comm);

} // namespace lodestone
