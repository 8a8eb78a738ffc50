// The gradient of linear elements, recovered at points:
//
// - Exact for every quadratic field, anywhere in cells of unequal sizes, at sides, across faces with hanging nodes
//   (where the cell that holds the point has none itself), and beside a jump of the material that the field follows.
// - Even in its error: of z^3, that of the slope is h^2/8 * 6 + nothing that depends on the place in the cell.
#include <lodestone/loads/point_gradient.h>

#include <gtest/gtest.h>

#include "load_fixture.h"
#include <cmath>

using namespace lodestone;

namespace
{

template <int dim>
using Field = std::function<double(const dealii::Point<dim> &)>;

template <int dim>
Field<dim> product(const unsigned int a, const unsigned int b)
{
  return [a, b](const dealii::Point<dim> &p) { return p[a] * p[b]; };
}

/// Places in a unit cell: its middle, near corners, on faces.
template <int dim>
std::vector<dealii::Point<dim>> unit_places()
{
  std::vector<dealii::Point<dim>> places;
  for (const std::array<double, 3> &p :
       {std::array<double, 3>{{0.5, 0.5, 0.5}}, {{0.1, 0.8, 0.3}}, {{0.9, 0.2, 0.95}}, {{0, 0.4, 0.7}}, {{0.6, 1, 0}}})
  {
    places.emplace_back();
    for (int d = 0; d < dim; ++d)
      places.back()[d] = p[d];
  }
  return places;
}

template <int dim>
bool has_hanging_nodes(const DisplacementSpace<dim> &space, const typename PointLocator<dim>::Cell &cell)
{
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  cell->get_dof_indices(dofs);
  return std::any_of(dofs.begin(), dofs.end(), [&](const auto i) { return space.hanging_nodes().is_constrained(i); });
}

/// Where the nodes of displacement unknowns lie.
template <int dim>
std::map<dealii::types::global_dof_index, dealii::Point<dim>> node_places(const DisplacementSpace<dim> &space)
{
  std::map<dealii::types::global_dof_index, dealii::Point<dim>> places;
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (!cell->is_artificial())
    {
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < dofs.size(); ++i)
        places[dofs[i]] = cell->vertex(space.element().system_to_component_index(i).second);
    }
  return places;
}

template <int dim>
dealii::Tensor<1, dim> gradient_of(const PointGradient<dim> &gradient, const Field<dim> &v,
                                   const std::map<dealii::types::global_dof_index, dealii::Point<dim>> &places)
{
  dealii::Tensor<1, dim> sum;
  for (std::size_t n = 0; n < gradient.gradients.size(); ++n)
    for (unsigned int c = 0; c < dim; ++c) // every component names the same node
      sum += gradient.gradients[n] * v(places.at(gradient.unknowns[n][c])) / dim;
  return sum;
}

template <int dim>
void expect_exact_for_quadratics(const LoadFixture<dim> &fixture)
{
  const auto places = node_places(fixture.space);
  unsigned int n = 0;
  for (const auto &cell : fixture.space.dof_handler().active_cell_iterators())
    if (cell->is_locally_owned() && !has_hanging_nodes<dim>(fixture.space, cell))
      for (const auto &unit : unit_places<dim>())
      {
        const auto gradient = recovered_gradient<dim>(fixture.space, {cell, unit}, nullptr);
        const auto p = fixture.space.mapping().transform_unit_to_real_cell(cell, unit);
        for (unsigned int a = 0; a < dim; ++a)
          for (unsigned int b = a; b < dim; ++b)
          {
            dealii::Tensor<1, dim> exact;
            exact[a] += p[b];
            exact[b] += p[a];
            EXPECT_LT((gradient_of(gradient, product<dim>(a, b), places) - exact).norm(), 1e-11) << p << ": " << a << b;
            ++n;
          }
      }
  EXPECT_GT(dealii::Utilities::MPI::sum(n, MPI_COMM_WORLD), 200u);
}

} // namespace

TEST(PointGradientParallel, IsExactForQuadraticsOnUnevenCells)
{
  auto plane = LoadFixture<2>::box({-3, -2}, {3, 0}, {7, 5});
  plane.grading = {3, 4};
  expect_exact_for_quadratics<2>(LoadFixture<2>(plane));
  auto space = LoadFixture<3>::box({-3, -3, -2}, {3, 3, 0}, {5, 4, 5});
  space.grading = {3, 2, 4};
  expect_exact_for_quadratics<3>(LoadFixture<3>(space));
}

TEST(PointGradientParallel, IsExactForQuadraticsAcrossHangingNodes)
{
  auto plane = LoadFixture<2>::box({-3, -3}, {3, 0}, {8, 8});
  plane.surface_refinements = 2;
  plane.surface_distance = 0.8;
  expect_exact_for_quadratics<2>(LoadFixture<2>(plane));
  auto space = LoadFixture<3>::box({-3, -3, -3}, {3, 3, 0}, {4, 4, 5});
  space.surface_refinements = 1;
  space.surface_distance = 1;
  expect_exact_for_quadratics<3>(LoadFixture<3>(space));
}

TEST(PointGradient, StaysOnItsSideOfAnInterface)
{
  const LoadFixture<2> fixture(LoadFixture<2>::box({0, -6}, {6, 0}, {6, 6}));
  Surroundings<2> surroundings;
  surroundings.lambda = surroundings.mu = fixture.mesh.make_cell_field();
  for (const auto &cell : fixture.space.dof_handler().active_cell_iterators())
    surroundings.mu(cell->global_active_cell_index()) = cell->center()[1] > -3 ? 1 : 2;
  const auto places = node_places(fixture.space);
  const Field<2> kinked = [](const dealii::Point<2> &p) { return std::max(p[1] + 3, 0.) * (5 + p[0] + p[1]); };
  for (const auto &cell : fixture.space.dof_handler().active_cell_iterators())
    for (const auto &unit : unit_places<2>())
    {
      const auto p = fixture.space.mapping().transform_unit_to_real_cell(cell, unit);
      const dealii::Tensor<1, 2> exact = cell->center()[1] > -3
                                             ? dealii::Tensor<1, 2>({p[1] + 3, 5 + p[0] + p[1] + p[1] + 3})
                                             : dealii::Tensor<1, 2>();
      const auto found = gradient_of(recovered_gradient<2>(fixture.space, {cell, unit}, &surroundings), kinked, places);
      EXPECT_LT((found - exact).norm(), 1e-12) << p;
    }
}

TEST(PointGradient, ItsErrorDoesNotDependOnThePlaceInTheCell)
{
  const LoadFixture<2> fixture(LoadFixture<2>::box({0, -6}, {6, 0}, {6, 12}));
  const auto places = node_places(fixture.space);
  const double h = 0.5;
  for (double z = -4.2; z < -1; z += 0.0371)
    for (const auto &hit : fixture.locator.touching(dealii::Point<2>(2.3, z)))
    {
      const auto found = gradient_of<2>(
          recovered_gradient<2>(fixture.space, hit, nullptr), [](const auto &p) { return std::pow(p[1], 3); }, places);
      // the slope at a middle, from nodes: 3 z^2 + h^2/4; the spline adds h^2/8 * 6
      EXPECT_NEAR(found[1] - 3 * z * z, h * h / 4 + h * h / 8 * 6, 1e-11) << z;
    }
}
