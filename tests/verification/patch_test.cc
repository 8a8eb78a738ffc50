// Patch test: a displacement that is linear in position satisfies the equations whatever the mesh, and lies in the finite-element
// space, so it must come out exactly. Expected error: rounding, 1e-12 of the displacement (direct solver, condition about 1e3).
#include "elastic_problem.h"

#include <gtest/gtest.h>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

template <int dim>
typename BoundaryConditions<dim>::Parameters linear_displacement_on_all_sides()
{
  typename BoundaryConditions<dim>::Parameters conditions;
  const std::vector<std::string> names = dim == 2 ? std::vector<std::string>{"west", "east", "bottom", "top"}
                                                  : std::vector<std::string>{"west", "east", "south", "north", "bottom", "top"};
  for (const auto &name : names)
    conditions.prescribed.push_back(
        {name, {{dim == 2 ? "1e-3*(1 + 2*x - 0.5*z)" : "1e-3*(1 + 2*x - 0.5*z + 0.3*y)", "1e-3*(0.2*x + y - z)", "1e-3*(0.7*z - x)"}}});
  return conditions;
}

template <int dim>
dealii::Tensor<1, dim> linear_displacement(const dealii::Point<dim> &p)
{
  dealii::Tensor<1, dim> u;
  const double x = p[0], z = p[dim - 1], y = dim == 3 ? p[1] : 0;
  u[0] = 1e-3 * (1 + 2 * x - 0.5 * z + (dim == 3 ? 0.3 * y : 0));
  if (dim == 3)
    u[1] = 1e-3 * (0.2 * x + y - z);
  u[dim - 1] = 1e-3 * (0.7 * z - x);
  return u;
}

template <int dim>
void expect_exact(const typename Mesh<dim>::Parameters &mesh, const std::function<void(Mesh<dim> &)> &refine)
{
  typename Parametrization<dim>::Parameters material;
  material.young = "3 Pa";
  for (const unsigned int degree : {1u, 2u})
  {
    ElasticProblem<dim> problem(mesh, degree, material, linear_displacement_on_all_sides<dim>(), refine);
    problem.set_loads({});
    EXPECT_LT(problem.l2_error(problem.solve(), linear_displacement<dim>), 1e-15) << "degree " << degree;
  }
}

template <int dim>
void distort(Mesh<dim> &mesh)
{
  auto &triangulation = const_cast<dealii::parallel::distributed::Triangulation<dim> &>(mesh.triangulation());
  const auto lower = mesh.lower(), upper = mesh.upper();
  dealii::GridTools::transform(
      [&](const dealii::Point<dim> &p)
      {
        dealii::Point<dim> moved = p;
        double bubble = 1;
        for (unsigned int d = 0; d < dim; ++d)
          bubble *= std::sin(dealii::numbers::PI * (p[d] - lower[d]) / (upper[d] - lower[d]));
        for (unsigned int d = 0; d < dim; ++d)
          moved[d] += (0.08 - 0.03 * d) * bubble * (1 + std::cos(7 * p[0] + 3 * p[dim - 1] + d));
        return moved;
      },
      triangulation);
}

template <int dim>
void refine_locally(Mesh<dim> &mesh)
{
  dealii::Point<dim> corner = mesh.upper();
  corner[0] = mesh.lower()[0];
  mesh.refine({corner}, {});
}

template <int dim>
typename Mesh<dim>::Parameters unit_box()
{
  dealii::Point<dim> lower, upper;
  for (unsigned int d = 0; d < dim; ++d)
    upper[d] = 1;
  lower[dim - 1] = -1;
  upper[dim - 1] = 0;
  return box<dim>(lower, upper, std::vector<unsigned int>(dim, 4));
}

} // namespace

TEST(PatchTestParallel, DistortedMesh)
{
  expect_exact<2>(unit_box<2>(), distort<2>);
  expect_exact<3>(unit_box<3>(), distort<3>);
}

TEST(PatchTestParallel, LocallyRefinedMesh)
{
  auto flat = unit_box<2>();
  flat.observation_refinements = 2;
  flat.observation_distance = 0.3;
  expect_exact<2>(flat, refine_locally<2>);
  auto solid = unit_box<3>();
  solid.observation_refinements = 1;
  solid.observation_distance = 0.3;
  expect_exact<3>(solid, refine_locally<3>);
}
