#include <lodestone/base/collective.h>
#include <lodestone/discretization/upward.h>
#include <lodestone/forward/make_surroundings.h>

#include <cmath>

namespace lodestone
{

namespace
{
template <int dim>
std::string why_no_half_space(const Mesh<dim> &mesh, const BoundaryConditions<dim> &boundary_conditions)
{
  const double surface = mesh.surface_elevation(), slack = 1e-9 * mesh.lower().distance(mesh.upper());
  bool uneven = false, held = false;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->at_boundary())
      for (const unsigned int f : cell->face_indices())
        if (cell->face(f)->at_boundary() && upward<dim>(cell, f) > steepest_surface)
        {
          for (const unsigned int v : cell->face(f)->vertex_indices())
            uneven = uneven || std::abs(cell->face(f)->vertex(v)[dim - 1] - surface) > slack;
          held = held || !boundary_conditions.is_free(cell->face(f)->boundary_id());
        }
  if (on_any_rank(uneven, mesh.communicator()))
    return "the surface is not flat";
  return on_any_rank(held, mesh.communicator()) ? "the surface is not free" : "";
}
} // namespace

template <int dim>
Surroundings<dim> surroundings(const Parametrization<dim> &parametrization,
                               const BoundaryConditions<dim> &boundary_conditions)
{
  const auto &cells = parametrization.cells();
  const Mesh<dim> &mesh = cells.mesh();
  const Moduli background = parametrization.value(parametrization.make_vector());
  Surroundings<dim> result = {background.lambda, background.mu, mesh.make_cell_field(),
                              why_no_half_space(mesh, boundary_conditions)};
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && (cells.n() == 0 || cells.index(cell) == dealii::numbers::invalid_dof_index))
      result.constant(cell->global_active_cell_index()) = 1;
  for (CellField *const field : {&result.lambda, &result.mu, &result.constant})
    field->update_ghost_values();
  return result;
}

template Surroundings<2> surroundings<2>(const Parametrization<2> &, const BoundaryConditions<2> &);
template Surroundings<3> surroundings<3>(const Parametrization<3> &, const BoundaryConditions<3> &);

} // namespace lodestone
