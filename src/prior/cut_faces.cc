#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/prior/cut_faces.h>

#include <deal.II/base/mpi.h>

#include <optional>

namespace lodestone
{

namespace
{

template <int dim>
using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

const std::string where = "Prior/Cut at";

/// Whether two neighbours lie on different sides of the cut.
template <int dim>
using AreSeparate = std::function<bool(const Cell<dim> &, const Cell<dim> &)>;

/// What the entry asks for: a list of names, or a formula.
template <int dim>
struct Request
{
  bool zones = false;
  std::vector<std::string> surfaces;
  std::optional<Formula<dim>> formula;

  Request(const std::string &text, const bool has_zones, const std::set<std::string> &known)
  {
    for (const std::string &item : split_list(text))
      if (item == "zones")
        zones = true;
      else if (known.count(item) != 0)
        surfaces.push_back(item);
      else
      {
        read_formula(text, item, known);
        return;
      }
    if (zones && !has_zones)
      throw InputError(where, "the mesh has no zones", "Name some in Mesh/Zones, or give a formula.");
  }

private:
  void read_formula(const std::string &text, const std::string &item, const std::set<std::string> &known)
  {
    zones = false;
    surfaces.clear();
    try
    {
      formula.emplace(text, where);
    }
    catch (const InputError &error)
    {
      std::vector<std::string> names(known.begin(), known.end());
      throw InputError(where,
                       "\"" + item + "\" is neither `zones` nor an interior surface of the mesh, nor is \"" + text +
                           "\" a formula of position",
                       names.empty() ? "This mesh has no named interior surfaces. Give zones, or a formula whose sign "
                                       "changes where smoothing stops, such as x - 2 km."
                                     : name_advice(item, names));
    }
  }
};

/// @param cell is not finer than its neighbours at the face
template <int dim>
bool any_is_separate(const Cell<dim> &cell, const unsigned int face, const AreSeparate<dim> &are_separate)
{
  if (!cell->face(face)->has_children())
    return are_separate(cell, cell->neighbor(face));
  for (unsigned int s = 0; s < cell->face(face)->n_children(); ++s)
    if (are_separate(cell, cell->neighbor_child_on_subface(face, s)))
      return true;
  return false;
}

template <int dim>
CutFaces<dim> faces_between(const AreSeparate<dim> &are_separate)
{
  return [are_separate](const Cell<dim> &cell, const unsigned int face) {
    if (cell->at_boundary(face))
      return false;
    if (cell->neighbor_is_coarser(face))
      return any_is_separate<dim>(cell->neighbor(face), cell->neighbor_of_coarser_neighbor(face).first, are_separate);
    return any_is_separate<dim>(cell, face, are_separate);
  };
}

template <int dim>
bool cuts_anything(const CutFaces<dim> &cut, const Mesh<dim> &mesh)
{
  bool found = false;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
        found = found || cut(cell, f);
  return dealii::Utilities::MPI::max(found ? 1 : 0, mesh.communicator()) != 0;
}

} // namespace

template <int dim>
CutFaces<dim> make_cut(const std::string &text, const Mesh<dim> &mesh)
{
  if (is_blank(text))
    return {};
  const Request<dim> request(text, !mesh.zone_names().empty(), mesh.interior_surface_names());
  CutFaces<dim> cut;
  if (request.formula)
    cut = faces_between<dim>([formula = *request.formula](const auto &a, const auto &b) {
      return (formula.value(a->center()) < 0) != (formula.value(b->center()) < 0);
    });
  else
    cut = [&mesh, surfaces = request.surfaces, zones = request.zones,
           between_zones = faces_between<dim>([](const auto &a, const auto &b) {
             return a->material_id() != b->material_id();
           })](const Cell<dim> &cell, const unsigned int face) {
      return std::any_of(surfaces.begin(), surfaces.end(),
                         [&](const std::string &name) { return mesh.lies_on(name, cell, face); }) ||
             (zones && between_zones(cell, face));
    };
  if (!cuts_anything(cut, mesh))
    throw InputError(where, "\"" + trimmed(text) + "\" cuts nothing",
                     request.formula
                         ? "Give a formula of position whose sign changes inside the mesh, such as x - 2 km."
                         : "Cells of two zones must touch: see Mesh/Zones.");
  return cut;
}

template <int dim>
void check_cut(const std::string &text, const MeshNames &names)
{
  (void)Request<dim>(text, !names.zones.empty(), names.interior_surfaces);
}

template CutFaces<2> make_cut<2>(const std::string &, const Mesh<2> &);
template CutFaces<3> make_cut<3>(const std::string &, const Mesh<3> &);
template void check_cut<2>(const std::string &, const MeshNames &);
template void check_cut<3>(const std::string &, const MeshNames &);

} // namespace lodestone
