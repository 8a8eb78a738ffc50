#pragma once

#include <lodestone/prior/gaussian_prior.h>
#include <lodestone/prior/make_prior.h>

#include <cmath>
#include <functional>

namespace lodestone
{

template <int dim>
using Region = std::function<bool(const dealii::Point<dim> &)>;

/// A mesh with the prior on it: one parameter cell a zone on meshes of gmsh, else one a cell or ancestor.
template <int dim>
struct SmallProblem
{
  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<ParameterCells<dim>> cells;
  std::shared_ptr<const ParameterLayout> layout;
  std::unique_ptr<Prior> prior;

  SmallProblem(const typename Mesh<dim>::Parameters &mesh_parameters, const PriorParameters &parameters,
               const std::vector<std::string> &fields = {"m"}, const unsigned int coarsening = 0,
               const Region<dim> &held_region = {}, const MPI_Comm comm = MPI_COMM_WORLD,
               const std::function<void(Mesh<dim> &)> &deform = {})
  {
    mesh = std::make_unique<Mesh<dim>>(mesh_parameters, comm);
    mesh->refine({}, {});
    if (deform)
      deform(*mesh);
    CellField held = mesh->make_cell_field();
    for (const auto &cell : mesh->triangulation().active_cell_iterators())
      if (cell->is_locally_owned() && held_region && held_region(cell->center()))
        held(cell->global_active_cell_index()) = 1;
    held.update_ghost_values();
    const auto kind = mesh_parameters.source == MeshSource::gmsh ? ParameterCellKind::zones : ParameterCellKind::cells;
    cells = std::make_unique<ParameterCells<dim>>(*mesh, typename ParameterCells<dim>::Parameters{kind, coarsening, {}},
                                                  held);
    layout = cells->make_layout(fields);
    prior = make_prior(parameters, *cells, layout);
  }

  const GaussianPrior &gaussian() const { return dynamic_cast<const GaussianPrior &>(*prior); }

  /// m_k = f(centre of the parameter cell) in field k; for parameter cells that are cells or, uniformly, ancestors of
  /// them.
  ParameterVector field(const std::function<double(const dealii::Point<dim> &)> &f, const unsigned int k = 0) const
  {
    ParameterVector m(layout);
    DistributedVector volume = cells->volumes(*layout);
    for (const auto &cell : mesh->triangulation().active_cell_iterators())
      if (cell->is_locally_owned() && cells->index(cell) != dealii::numbers::invalid_dof_index)
      {
        const auto i = cells->index(cell) * layout->fields.size() + k;
        m.values()(i) += f(cell->center()) * cell->measure();
      }
    m.values().compress(dealii::VectorOperation::add);
    for (const auto i : m.values().locally_owned_elements())
      m.values()(i) /= volume(i);
    return m;
  }
};

template <int dim>
typename Mesh<dim>::Parameters box(const std::vector<unsigned int> &cells, const double width = 4,
                                   const double depth = 1)
{
  typename Mesh<dim>::Parameters p;
  for (unsigned int d = 0; d < dim; ++d)
  {
    p.lower[d] = d == dim - 1 ? -depth : 0;
    p.upper[d] = d == dim - 1 ? 0 : width;
  }
  p.cells = cells;
  return p;
}

/// Locally refined at the surface, two levels.
template <int dim>
typename Mesh<dim>::Parameters refined_box(const std::vector<unsigned int> &cells)
{
  auto p = box<dim>(cells);
  p.surface_refinements = 2;
  p.surface_distance = 0.2;
  return p;
}

template <int dim>
typename Mesh<dim>::Parameters graded_box(const std::vector<unsigned int> &cells)
{
  auto p = box<dim>(cells);
  p.grading = std::vector<double>(dim, 3.);
  return p;
}

inline PriorParameters raw(const double gradient, const double mass)
{
  PriorParameters p;
  p.type = PriorType::h1;
  p.gradient_weight = std::to_string(gradient);
  p.mass_weight = std::to_string(mass);
  return p;
}

inline PriorParameters smooth(const double deviation, const double horizontal, const double vertical)
{
  PriorParameters p;
  p.type = PriorType::h1;
  p.standard_deviation = std::to_string(deviation);
  p.horizontal_length = std::to_string(horizontal);
  p.vertical_length = std::to_string(vertical);
  return p;
}

inline double wave2(const dealii::Point<2> &p)
{
  return std::sin(3 * p[0]) * std::cos(4 * p[1]) + 0.3 * p[0];
}

inline double wave3(const dealii::Point<3> &p)
{
  return std::sin(3 * p[0] - p[1]) * std::cos(4 * p[2]) + 0.3 * p[1];
}

inline double random_wave(const dealii::types::global_dof_index i, const double frequency)
{
  return std::sin(frequency * (i + 1));
}

inline ParameterVector pseudo_random(const std::shared_ptr<const ParameterLayout> &layout, const double frequency)
{
  ParameterVector m(layout);
  for (const auto i : m.values().locally_owned_elements())
    m.values()(i) = random_wave(i, frequency);
  return m;
}

} // namespace lodestone
