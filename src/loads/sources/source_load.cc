#include <lodestone/base/collective.h>
#include <lodestone/base/number_text.h>
#include <lodestone/discretization/mesh_extent.h>
#include <lodestone/discretization/region_quadrature.h>
#include <lodestone/discretization/upward.h>
#include <lodestone/loads/half_space/add_incident_field.h>
#include <lodestone/loads/sources/source_load.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{
const Choice<Formulation> formulations = {{Formulation::incident, "incident"}, {Formulation::mesh, "mesh"}};

/// Whether the point lies on a face of the cell that belongs to the boundary, and not to the surface of the model.
template <int dim>
bool on_side(const typename PointLocator<dim>::Hit &hit)
{
  constexpr double slack = 1e-9;
  for (unsigned int f = 0; f < dealii::GeometryInfo<dim>::faces_per_cell; ++f)
    if (hit.cell->at_boundary(f) && std::abs(hit.unit_point[f / 2] - f % 2) < slack &&
        upward<dim>(hit.cell, f) <= steepest_surface)
      return true;
  return false;
}
} // namespace

template <int dim>
void SourceLoad<dim>::add_own_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter(
      "Hold stiffness near source", hold_stiffness_,
      "Whether the cells that hold the source, and one ring of cells around them, keep their "
      "background stiffness, because the data can hardly tell that stiffness from the source's strength.");
  add_choice(handler, "Formulation", formulation_, formulations,
             "incident: the known field of the source in a half-space is used, and the mesh computes what differs from "
             "it, so that the source has no mesh error; where that is not possible, mesh is taken and the log says "
             "why. mesh: the source strains the cells that hold it.");
}

template <int dim>
std::vector<std::optional<BodyModuli>> SourceLoad<dim>::moduli_at(const std::vector<dealii::Point<dim>> &points,
                                                                  const LoadAssembler<dim> &assembler) const
{
  std::vector<unsigned int> missing;
  std::vector<double> here(2 * points.size()), everywhere(here.size());
  for (const auto &found : assembler.locator().owners(points, missing))
  {
    const BodyModuli moduli = assembler.surroundings()->moduli(found.hit.cell->global_active_cell_index());
    here[2 * found.point] = moduli.lambda;
    here[2 * found.point + 1] = moduli.mu;
  }
  dealii::Utilities::MPI::sum(here, assembler.space().mesh().communicator(), everywhere);
  std::vector<std::optional<BodyModuli>> result;
  for (std::size_t i = 0; i < points.size(); ++i)
    result.emplace_back(BodyModuli{everywhere[2 * i], everywhere[2 * i + 1]});
  for (const unsigned int i : missing)
    result[i].reset();
  return result;
}

template <int dim>
std::vector<BodyModuli> SourceLoad<dim>::find_moduli(const LoadAssembler<dim> &assembler) const
{
  const std::vector<dealii::Point<dim>> points = body_points();
  const auto found = moduli_at(points, assembler);
  std::vector<BodyModuli> moduli;
  for (std::size_t i = 0; i < points.size(); ++i)
  {
    if (!found[i])
      throw InputError(this->where(position_entry()),
                       "the place " + point_text<dim>(points[i]) + " of the source lies outside the mesh",
                       mesh_extent_text(assembler.space().mesh()) + ": move the source or enlarge the mesh.");
    moduli.push_back(*found[i]);
  }
  return moduli;
}

template <int dim>
std::string SourceLoad<dim>::obstacle(const LoadAssembler<dim> &assembler, const std::vector<BodyModuli> &moduli) const
{
  const Surroundings<dim> &surroundings = *assembler.surroundings();
  const MPI_Comm comm = assembler.space().mesh().communicator();
  std::vector<unsigned int> missing;
  (void)assembler.locator().owners(outline(), missing);
  if (!missing.empty())
    return "a part of the source lies outside the mesh";
  bool on_a_side = false, unknown = false, between = false;
  for (const auto &point : outline())
    for (const auto &hit : assembler.locator().touching(point))
      on_a_side = on_a_side || on_side<dim>(hit);
  if (on_any_rank(on_a_side, comm))
    return "the source touches a side of the mesh";
  CellField of_source = assembler.space().mesh().make_cell_field();
  this->mark_source_cells(assembler.space().mesh(), of_source);
  for (unsigned int c = 0; c < of_source.locally_owned_size(); ++c)
    unknown = unknown || (of_source.local_element(c) > 0 && surroundings.constant.local_element(c) == 0);
  if (on_any_rank(unknown, comm))
    return "the stiffness of the cells that hold the source is unknown";
  if (has_integrable_strain())
    return "";
  const auto points = body_points();
  for (std::size_t i = 0; i < points.size(); ++i)
    for (const auto &hit : assembler.locator().touching(points[i]))
      between = between || !(surroundings.moduli(hit.cell->global_active_cell_index()) == moduli[i]);
  if (on_any_rank(between, comm))
    return "the source lies between cells of different stiffness";
  return "";
}

template <int dim>
double SourceLoad<dim>::moment(const LoadAssembler<dim> &assembler) const
{
  const auto moduli = moduli_at(potency_points(), assembler);
  const std::vector<Potency<dim>> potency = potencies();
  dealii::SymmetricTensor<2, dim> m;
  for (std::size_t i = 0; i < moduli.size(); ++i)
    if (moduli[i])
      m += moduli[i]->lambda * potency[i].dilatation * dealii::unit_symmetric_tensor<dim>() +
           2 * moduli[i]->mu * potency[i].strain;
  return m.norm() / std::sqrt(2.);
}

template <int dim>
void SourceLoad<dim>::add_to(LoadAssembler<dim> &assembler) const
{
  std::string reason = "nothing is known of the body around it";
  if (assembler.surroundings() != nullptr)
  {
    const std::vector<BodyModuli> moduli = find_moduli(assembler);
    if (dim == 3)
      assembler.load().amounts = {{"moment", moment(assembler), "N m", false}};
    reason = formulation_ == Formulation::mesh ? "as asked for" : assembler.surroundings()->no_half_space;
    if (reason.empty())
    {
      reason = obstacle(assembler, moduli);
      if (reason.empty())
      {
        add_incident_field<dim>(assembler, half_space_sources(moduli, assembler.space().mesh().surface_elevation()));
        CellField cells = assembler.space().mesh().make_cell_field();
        this->mark_source_cells(assembler.space().mesh(), cells);
        assembler.acts_in(cells); // and not where the field is corrected
        assembler.load().formulation = "by its field in a half-space";
        return;
      }
    }
  }
  add_to_mesh(assembler);
  assembler.load().formulation = "by the strain of cells (" + reason + ")";
}

template <int dim>
void SourceLoad<dim>::report(const Mesh<dim> &mesh, const LoadVector<dim> &load, Log &log) const
{
  log.line("    put into the model " + load.formulation);
  constexpr double close = 0.3; // edges of a cell: there the error falls below a few per cent
  if (!load.incident)
    report_in_mesh(mesh, log);
  else if (load.incident->contrast_distance < close)
    log.warning(
        this->where() + ": a point lies within " + significant(load.incident->contrast_distance, 2) +
        " cells of cells of another stiffness, and the mesh cannot follow what they do to its field: predictions "
        "may be wrong by tens of per cent. Move it a third of a cell away, or refine the mesh there (Source "
        "refinements)");
}

template <int dim>
void mark_cells_near(std::vector<dealii::Point<dim>> points, const double distance, const Mesh<dim> &mesh,
                     CellField &cells)
{
  // Sorted along x, so that a cell looks at few of them.
  std::sort(points.begin(), points.end(), [](const auto &a, const auto &b) { return a[0] < b[0]; });
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto box = CellShape<dim>(cell).bounding_box();
      const double reach = distance + 1e-9 * cell->diameter();
      auto point = std::lower_bound(points.begin(), points.end(), box.lower_bound(0) - reach,
                                    [](const auto &p, const double x) { return p[0] < x; });
      for (; point != points.end() && (*point)[0] <= box.upper_bound(0) + reach; ++point)
        if (distance_to_box(*point, box) <= reach)
        {
          cells(cell->global_active_cell_index()) = 1;
          break;
        }
    }
}

template class SourceLoad<2>;
template class SourceLoad<3>;
template void mark_cells_near<2>(std::vector<dealii::Point<2>>, double, const Mesh<2> &, CellField &);
template void mark_cells_near<3>(std::vector<dealii::Point<3>>, double, const Mesh<3> &, CellField &);

} // namespace lodestone
