// The matrix-free operator against matrices of cells that are integrated entry by entry with FEValues: on cubes, on
// bricks of many sizes, with hanging nodes, and where some cells are skewed, so that blocks of bricks and deal.II's
// loops work side by side. Tolerances are rounding.
#include <lodestone/solver/cell_matrices.h>
#include <lodestone/solver/simd.h>
#include <lodestone/solver/stiffness_operator.h>

#include <deal.II/fe/fe_q.h>
#include <deal.II/grid/grid_tools.h>

#include <gtest/gtest.h>

#include "verification/elastic_problem.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

enum class Shape
{
  cubes,
  bricks,
  refined,
  some_skewed
};

template <int dim>
struct Model
{
  ElasticProblem<dim> problem;
  Moduli moduli{problem.mesh.make_cell_field(), problem.mesh.make_cell_field()};

  Model(const Shape shape, const unsigned int degree, const bool springs)
      : problem(mesh(shape), degree, {}, conditions(springs), [shape](Mesh<dim> &mesh) { change(shape, mesh); })
  {
    for (const auto i : moduli.mu.locally_owned_elements())
    {
      moduli.lambda(i) = 1 + .3 * (i % 5);
      moduli.mu(i) = 2 - .2 * (i % 7);
    }
  }

  static typename Mesh<dim>::Parameters mesh(const Shape shape)
  {
    dealii::Point<dim> upper;
    for (unsigned int d = 0; d < dim; ++d)
      upper[d] = shape == Shape::cubes || shape == Shape::refined ? 1 : 1 + .4 * d;
    auto parameters = box<dim>({}, upper, std::vector<unsigned int>(dim, 4));
    if (shape == Shape::bricks)
      parameters.grading.assign(dim, 3.);
    return parameters;
  }

  static typename BoundaryConditions<dim>::Parameters conditions(const bool springs)
  {
    typename BoundaryConditions<dim>::Parameters parameters;
    parameters.rollers = "west";
    parameters.fixed = "bottom";
    if (springs)
      parameters.springs = {{"east", "3 Pa/m", "2 Pa/m"}};
    return parameters;
  }

  static void change(const Shape shape, Mesh<dim> &mesh)
  {
    using Triangulation = std::decay_t<decltype(mesh.triangulation())>;
    auto &triangulation = const_cast<Triangulation &>(mesh.triangulation());
    if (shape == Shape::refined)
    {
      for (const auto &cell : triangulation.active_cell_iterators())
        if (cell->is_locally_owned() && cell->center().norm() < .6)
          cell->set_refine_flag();
      triangulation.execute_coarsening_and_refinement();
    }
    if (shape == Shape::some_skewed)
      dealii::GridTools::transform(
          [](dealii::Point<dim> p) {
            if (p[0] > .6 && p[0] < .9)
              p[0] += .1 * p[1];
            return p;
          },
          triangulation);
  }

  /// action(cell, unknowns, matrix for lambda, matrix for mu, place in cell fields)
  template <typename Action>
  void for_each_cell(const Action &action) const
  {
    const auto &space = problem.space;
    dealii::FEValues<dim> values(space.mapping(), space.element(), space.cell_quadrature(),
                                 dealii::update_gradients | dealii::update_JxW_values);
    std::vector<dealii::types::global_dof_index> dofs(values.dofs_per_cell);
    std::vector<double> s_lambda, s_mu;
    for (const auto &cell : space.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        values.reinit(cell);
        cell_matrices(values, s_lambda, s_mu);
        cell->get_dof_indices(dofs);
        action(dofs, s_lambda, s_mu, cell->global_active_cell_index());
      }
  }

  /// Sum over cells of K_c u_c, and of springs, condensed; u with ghosts.
  DistributedVector product(const DistributedVector &u) const
  {
    DistributedVector out = problem.space.make_vector();
    const auto &constraints = problem.boundary_conditions.constraints();
    for_each_cell([&](const auto &dofs, const auto &s_lambda, const auto &s_mu, const auto c) {
      const unsigned int n = dofs.size();
      dealii::Vector<double> local(n);
      for (unsigned int i = 0; i < n; ++i)
        for (unsigned int j = 0; j < n; ++j)
          local(i) += (moduli.lambda(c) * s_lambda[i * n + j] + moduli.mu(c) * s_mu[i * n + j]) * u(dofs[j]);
      constraints.distribute_local_to_global(local, dofs, out);
    });
    add_springs(u, out);
    out.compress(dealii::VectorOperation::add);
    return out;
  }

  void add_springs(const DistributedVector &u, DistributedVector &out) const
  {
    const auto &space = problem.space;
    const auto &springs = problem.boundary_conditions.springs();
    dealii::FEFaceValues<dim> values(space.mapping(), space.element(), space.face_quadrature(),
                                     dealii::update_values | dealii::update_normal_vectors | dealii::update_JxW_values);
    const dealii::FEValuesExtractors::Vector displacement(0);
    std::vector<dealii::types::global_dof_index> dofs(values.dofs_per_cell);
    std::vector<dealii::Tensor<1, dim>> at_points(values.n_quadrature_points);
    for (const auto &cell : space.dof_handler().active_cell_iterators())
      if (cell->is_locally_owned())
        for (const auto &face : cell->face_iterators())
          if (face->at_boundary() && springs.count(face->boundary_id()) != 0)
          {
            const auto spring = springs.at(face->boundary_id());
            values.reinit(cell, face);
            values[displacement].get_function_values(u, at_points);
            dealii::Vector<double> local(dofs.size());
            for (unsigned int q = 0; q < values.n_quadrature_points; ++q)
            {
              const auto normal = values.normal_vector(q);
              const auto along = (at_points[q] * normal) * normal;
              for (unsigned int i = 0; i < local.size(); ++i)
                local(i) += (spring.normal * along + spring.tangential * (at_points[q] - along)) *
                            values[displacement].value(i, q) * values.JxW(q);
            }
            cell->get_dof_indices(dofs);
            problem.boundary_conditions.constraints().distribute_local_to_global(local, dofs, out);
          }
  }

  DistributedVector rough(const double seed) const
  {
    DistributedVector v = problem.space.make_vector();
    for (const auto i : v.locally_owned_elements())
      v(i) = std::sin(seed * i * i + i);
    return v;
  }
};

template <typename Number>
constexpr double tolerance = std::is_same<Number, double>::value ? 1e-13 : 3e-6;

template <typename Vector>
double relative_difference(const Vector &ours, const DistributedVector &reference)
{
  double largest = 0;
  for (unsigned int i = 0; i < reference.locally_owned_size(); ++i)
    largest = std::max(largest, std::abs(double(ours.local_element(i)) - reference.local_element(i)));
  return dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD) / reference.linfty_norm();
}

/// K x with unit rows on constrained entries; vectors of Number.
template <int dim, typename Number>
void expect_product(const Model<dim> &model, const StiffnessOperator<dim, Number> &stiffness,
                    const bool zero_where_constrained)
{
  const auto &constraints = model.problem.boundary_conditions.constraints();
  DistributedVector u = model.rough(.7);
  if (zero_where_constrained)
    constraints.set_zero(u);
  DistributedVector full = u;
  constraints.distribute(full);
  full.update_ghost_values();
  DistributedVector expected = model.product(full);
  for (const auto i : expected.locally_owned_elements())
    if (constraints.is_constrained(i))
      expected(i) = u(i);

  typename StiffnessOperator<dim, Number>::Vector x, y;
  stiffness.initialize_vector(x);
  stiffness.initialize_vector(y);
  for (unsigned int i = 0; i < x.locally_owned_size(); ++i)
    x.local_element(i) = u.local_element(i);
  stiffness.vmult(y, x);
  EXPECT_LT(relative_difference(y, expected), tolerance<Number>);

  // The same in ranges: each entry begun once, then finished once, with its final value.
  std::vector<unsigned int> begun(y.locally_owned_size(), 0), ended(begun);
  std::vector<Number> seen(begun.size());
  for (unsigned int i = 0; i < y.locally_owned_size(); ++i)
    y.local_element(i) = 1e10;
  stiffness.vmult(
      y, x,
      [&](const unsigned int begin, const unsigned int end) {
        for (unsigned int i = begin; i < end; ++i)
        {
          ++begun[i];
          y.local_element(i) = 0;
        }
      },
      [&](const unsigned int begin, const unsigned int end) {
        for (unsigned int i = begin; i < end; ++i)
        {
          ended[i] += begun[i];
          seen[i] = y.local_element(i);
        }
      });
  for (unsigned int i = 0; i < begun.size(); ++i)
  {
    EXPECT_EQ(begun[i], 1u) << i;
    EXPECT_EQ(ended[i], 1u) << i;
    EXPECT_EQ(seen[i], y.local_element(i)) << i;
  }
  EXPECT_LT(relative_difference(y, expected), tolerance<Number>);
}

template <int dim>
void expect_plain_product(const Model<dim> &model, const StiffnessOperator<dim, double> &stiffness)
{
  const auto &constraints = model.problem.boundary_conditions.constraints();
  DistributedVector u = model.rough(.3); // prescribed values among it
  model.problem.space.hanging_nodes().distribute(u);
  u.update_ghost_values();
  DistributedVector expected = model.product(u);
  constraints.set_zero(expected);
  DistributedVector x, y;
  stiffness.initialize_vector(x);
  stiffness.initialize_vector(y);
  x.copy_locally_owned_data_from(u);
  stiffness.apply_plain(model.moduli, true, x, y);
  EXPECT_LT(relative_difference(y, expected), tolerance<double>);
}

template <int dim>
void expect_duals(const Model<dim> &model, const StiffnessOperator<dim, double> &stiffness)
{
  DistributedVector u = model.rough(.3), p = model.rough(.9), x, y;
  for (DistributedVector *v : {&u, &p})
  {
    model.problem.space.hanging_nodes().distribute(*v);
    v->update_ghost_values();
  }
  stiffness.initialize_vector(x);
  stiffness.initialize_vector(y);
  x.copy_locally_owned_data_from(u);
  y.copy_locally_owned_data_from(p);
  Moduli dual{model.problem.mesh.make_cell_field(), model.problem.mesh.make_cell_field()};
  stiffness.add_moduli_dual(x, y, dual);
  model.for_each_cell([&](const auto &dofs, const auto &s_lambda, const auto &s_mu, const auto c) {
    const unsigned int n = dofs.size();
    double of_lambda = 0, of_mu = 0, size = 0;
    for (unsigned int i = 0; i < n; ++i)
      for (unsigned int j = 0; j < n; ++j)
      {
        of_lambda += u(dofs[i]) * s_lambda[i * n + j] * p(dofs[j]);
        of_mu += u(dofs[i]) * s_mu[i * n + j] * p(dofs[j]);
        size += std::abs(u(dofs[i]) * s_mu[i * n + j] * p(dofs[j]));
      }
    EXPECT_NEAR(dual.lambda(c), of_lambda, 1e-13 * size);
    EXPECT_NEAR(dual.mu(c), of_mu, 1e-13 * size);
  });
}

template <int dim, typename Number>
void expect_couplings(const Model<dim> &model, const StiffnessOperator<dim, Number> &stiffness)
{
  const unsigned int degree = model.problem.space.degree();
  const auto &element = model.problem.space.element();
  const auto hierarchic = dealii::FE_Q<dim>(degree).get_poly_space_numbering_inverse();
  std::vector<std::pair<unsigned int, unsigned int>> pairs;
  for (unsigned int a = 0; a < hierarchic.size(); ++a)
    pairs.emplace_back(a, (3 * a + 1) % hierarchic.size());
  std::vector<Number> couplings;
  stiffness.compute_couplings(pairs, couplings);
  const auto cells = model.problem.mesh.triangulation().global_active_cell_index_partitioner().lock();
  model.for_each_cell([&](const auto &dofs, const auto &s_lambda, const auto &s_mu, const auto c) {
    const unsigned int n = dofs.size();
    for (unsigned int p = 0; p < pairs.size(); ++p)
      for (unsigned int d = 0; d < dim; ++d)
      {
        const unsigned int i = element.component_to_system_index(d, hierarchic[pairs[p].first]),
                           j = element.component_to_system_index(d, hierarchic[pairs[p].second]);
        const double expected = model.moduli.lambda(c) * s_lambda[i * n + j] + model.moduli.mu(c) * s_mu[i * n + j];
        EXPECT_NEAR(couplings[(cells->global_to_local(c) * pairs.size() + p) * dim + d], expected,
                    tolerance<Number> * (1 + std::abs(expected)));
      }
  });
}

/// The diagonal of the condensed matrix, against products with unit vectors.
template <int dim, typename Number>
void expect_diagonal_of_products(const Model<dim> &model, const StiffnessOperator<dim, Number> &stiffness)
{
  const auto &constraints = model.problem.boundary_conditions.constraints();
  typename StiffnessOperator<dim, Number>::Vector inverse, unit, product;
  stiffness.initialize_vector(unit);
  stiffness.initialize_vector(product);
  stiffness.compute_inverse_diagonal(inverse);
  for (dealii::types::global_dof_index j = 0; j < model.problem.space.n_dofs(); ++j)
  {
    unit = 0;
    if (unit.in_local_range(j))
      unit(j) = 1;
    stiffness.vmult(product, unit);
    if (unit.in_local_range(j) && !constraints.is_constrained(j))
    {
      EXPECT_NEAR(inverse(j) * product(j), 1, 10 * tolerance<Number>) << j;
    }
  }
}

/// Without hanging nodes, where the diagonal is that of the condensed matrix.
template <int dim, typename Number>
void expect_diagonal(const Model<dim> &model, const StiffnessOperator<dim, Number> &stiffness)
{
  DistributedVector expected = model.problem.space.make_vector();
  const auto &constraints = model.problem.boundary_conditions.constraints();
  model.for_each_cell([&](const auto &dofs, const auto &s_lambda, const auto &s_mu, const auto c) {
    for (unsigned int i = 0; i < dofs.size(); ++i)
      expected(dofs[i]) +=
          model.moduli.lambda(c) * s_lambda[i * dofs.size() + i] + model.moduli.mu(c) * s_mu[i * dofs.size() + i];
  });
  expected.compress(dealii::VectorOperation::add);
  for (const auto i : expected.locally_owned_elements())
    expected(i) = constraints.is_constrained(i) ? 1 : 1 / expected(i);
  typename StiffnessOperator<dim, Number>::Vector inverse;
  stiffness.compute_inverse_diagonal(inverse);
  EXPECT_LT(relative_difference(inverse, expected), tolerance<Number>);
}

template <int dim, typename Number>
void expect_operator_of_cells(const Model<dim> &model, const bool has_hanging_nodes, const bool has_springs)
{
  const auto stiffness = make_stiffness_operator<dim, Number>(model.problem.space, model.problem.boundary_conditions);
  stiffness->renew(model.moduli, 1);
  expect_product<dim, Number>(model, *stiffness, true);
  expect_product<dim, Number>(model, *stiffness, false);
  expect_couplings<dim, Number>(model, *stiffness);
  if (!has_hanging_nodes && !has_springs)
    expect_diagonal<dim, Number>(model, *stiffness);
  // On one rank all cells with hanging nodes are in blocks; GeneralCells takes a simpler diagonal there.
  if (has_hanging_nodes && !has_springs && model.problem.space.degree() == 1 &&
      dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) == 1)
    expect_diagonal_of_products<dim, Number>(model, *stiffness);
  if constexpr (std::is_same<Number, double>::value)
  {
    expect_plain_product(model, *stiffness);
    expect_duals(model, *stiffness);
  }
}

template <int dim>
void expect_operators_of_cells(const unsigned int degree)
{
  for (const Shape shape : {Shape::cubes, Shape::bricks, Shape::refined, Shape::some_skewed})
    for (const bool springs : {false, true})
    {
      SCOPED_TRACE(std::to_string(dim) + "-D, Q" + std::to_string(degree) + ", shape " + std::to_string(int(shape)) +
                   (springs ? ", springs" : ""));
      const Model<dim> model(shape, degree, springs);
      EXPECT_EQ(dealii::Utilities::MPI::sum(model.problem.space.hanging_nodes().n_constraints(), MPI_COMM_WORLD) > 0,
                shape == Shape::refined);
      expect_operator_of_cells<dim, double>(model, shape == Shape::refined, springs);
      expect_operator_of_cells<dim, float>(model, shape == Shape::refined, springs);
    }
}

} // namespace

TEST(StiffnessOperatorParallel, LinearElementsAreTheirCellsMatrices)
{
  expect_operators_of_cells<2>(1);
  expect_operators_of_cells<3>(1);
}

TEST(StiffnessOperatorParallel, QuadraticElementsAreTheirCellsMatrices)
{
  expect_operators_of_cells<2>(2);
  expect_operators_of_cells<3>(2);
}
