#pragma once

// A forward problem built from its parts, for tests that need to reach inside.

#include <lodestone/base/error.h>
#include <lodestone/base/log.h>
#include <lodestone/discretization/displacement_space.h>
#include <lodestone/forward/elastic_forward_solver.h>
#include <lodestone/material/parametrization.h>

#include <deal.II/fe/fe_values.h>

#include <functional>
#include <memory>

namespace lodestone::testing
{

template <int dim>
typename Mesh<dim>::Parameters box(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                   const std::vector<unsigned int> &cells)
{
  typename Mesh<dim>::Parameters parameters;
  parameters.lower = lower;
  parameters.upper = upper;
  parameters.cells = cells;
  return parameters;
}

template <int dim>
struct ElasticProblem
{
  Log log;
  Mesh<dim> mesh;
  DisplacementSpace<dim> space;
  Parametrization<dim> parametrization;
  BoundaryConditions<dim> boundary_conditions;
  ParameterVector background;
  std::unique_ptr<ElasticForwardSolver<dim>> forward;

  /// @param refine moves vertices or refines before the space is made
  ElasticProblem(
      const typename Mesh<dim>::Parameters &mesh_parameters, const unsigned int degree,
      const typename Parametrization<dim>::Parameters &material,
      const typename BoundaryConditions<dim>::Parameters &conditions,
      const std::function<void(Mesh<dim> &)> &refine = [](Mesh<dim> &) {})
      : log(MPI_COMM_WORLD, true), mesh(mesh_parameters, MPI_COMM_WORLD), space((refine(mesh), mesh), degree),
        parametrization(mesh, material, ".", mesh.make_cell_field(), log), boundary_conditions(space, conditions)
  {
  }

  /// One load case with these loads.
  void set_loads(std::vector<LoadVector<dim>> loads, const SolverMethod method = SolverMethod::direct,
                 const double tolerance = 1e-13)
  {
    LinearSolver::Parameters solver;
    solver.method = method;
    solver.tolerance = tolerance;
    forward = std::make_unique<ElasticForwardSolver<dim>>(space, boundary_conditions, parametrization,
                                                          std::vector<std::vector<LoadVector<dim>>>{std::move(loads)},
                                                          solver);
    background = parametrization.make_vector();
    background.values().update_ghost_values();
    forward->linearize_at(background);
  }

  State solve()
  {
    State u = forward->make_state(0);
    u.affine = 1;
    for (unsigned int l = 0; l < forward->n_loads(0); ++l)
      u.load_factors[l] = forward->loads(0)[l].strength;
    const SolveReport report = forward->solve(0, u);
    if (!report.converged)
      throw SolverError(report.reason);
    return u;
  }

  /// Body force integrated with many Gauss points.
  LoadVector<dim> body_force(
      const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &, const dealii::Point<dim> &)> &force) const
  {
    using namespace dealii;
    LoadVector<dim> load;
    load.fixed = space.make_vector();
    FEValues<dim> values(space.mapping(), space.element(), QGauss<dim>(space.degree() + 2),
                         update_values | update_quadrature_points | update_JxW_values);
    std::vector<types::global_dof_index> dofs(values.dofs_per_cell);
    for (const auto &cell : space.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        values.reinit(cell);
        Vector<double> local(values.dofs_per_cell);
        for (unsigned int q = 0; q < values.n_quadrature_points; ++q)
        {
          const auto f = force(values.quadrature_point(q), cell->center());
          for (unsigned int i = 0; i < values.dofs_per_cell; ++i)
            local(i) +=
                f[space.element().system_to_component_index(i).first] * values.shape_value(i, q) * values.JxW(q);
        }
        cell->get_dof_indices(dofs);
        space.hanging_nodes().distribute_local_to_global(local, dofs, load.fixed);
      }
    load.fixed.compress(VectorOperation::add);
    return load;
  }

  /// L2 norm of u_h - u over the domain.
  double l2_error(const State &state,
                  const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &exact) const
  {
    using namespace dealii;
    FEValues<dim> values(space.mapping(), space.element(), QGauss<dim>(space.degree() + 2),
                         update_values | update_quadrature_points | update_JxW_values);
    std::vector<Tensor<1, dim>> u(values.n_quadrature_points);
    double sum = 0;
    for (const auto &cell : space.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        values.reinit(cell);
        values[FEValuesExtractors::Vector(0)].get_function_values(state.step[0], u);
        for (unsigned int q = 0; q < values.n_quadrature_points; ++q)
          sum += (u[q] - exact(values.quadrature_point(q))).norm_square() * values.JxW(q);
      }
    return std::sqrt(Utilities::MPI::sum(sum, MPI_COMM_WORLD));
  }
};

} // namespace lodestone::testing
