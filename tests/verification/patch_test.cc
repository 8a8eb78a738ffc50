// Patch test: a displacement that is linear in position satisfies the equations whatever the mesh, and lies in the
// finite-element space, so it must come out exactly. Expected error: rounding, 1e-12 of the displacement (direct
// solver, condition about 1e3).
//
// The same with Winkler springs under the box. u = a + c (z + H), H the depth of the bottom, has the constant stress
// sigma_iz = mu c_i (i horizontal) and sigma_zz = (lambda + 2 mu) c_z there, which the springs balance where k_t a_i =
// mu c_i and k_n a_z = (lambda + 2 mu) c_z. Springs act on what is prescribed beside them too, so that the bottom must
// come out exactly where the sides take these values. A translation v strains nothing: w'Kv is that of the springs
// alone, k times the integral of v.w over the bottom.
//
// The same body turned by 20 degrees, with what pushes it and its rollers, moves as before, turned: rollers that do not
// lie along an axis give the same displacement, to rounding. And of two forces anywhere, on the rollers too, each does
// as much work on the other's displacement (Betti).
#include <deal.II/grid/grid_tools.h>
#include <deal.II/numerics/vector_tools_interpolate.h>

#include <gtest/gtest.h>

#include "elastic_problem.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

template <int dim>
typename BoundaryConditions<dim>::Parameters linear_displacement_on_all_sides()
{
  typename BoundaryConditions<dim>::Parameters conditions;
  const std::vector<std::string> names =
      dim == 2 ? std::vector<std::string>{"west", "east", "bottom", "top"}
               : std::vector<std::string>{"west", "east", "south", "north", "bottom", "top"};
  for (const auto &name : names)
    conditions.prescribed.push_back({name,
                                     {{dim == 2 ? "1e-3*(1 + 2*x - 0.5*z)" : "1e-3*(1 + 2*x - 0.5*z + 0.3*y)",
                                       "1e-3*(0.2*x + y - z)", "1e-3*(0.7*z - x)"}}});
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
      [&](const dealii::Point<dim> &p) {
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

constexpr double shear = 1.2, lambda = 1.2;                // Pa: E = 3 Pa, Poisson's ratio 0.25
constexpr double normal_spring = 5, tangential_spring = 2; // Pa/m

template <int dim>
double spring(const unsigned int direction)
{
  return direction == dim - 1 ? normal_spring : tangential_spring;
}

/// Displacement of the bottom, of the box [0, 1]^(dim-1) x [-1, 0].
template <int dim>
dealii::Tensor<1, dim> bottom_displacement()
{
  dealii::Tensor<1, dim> a;
  a[0] = 1e-3;
  if (dim == 3)
    a[1] = -2e-3;
  a[dim - 1] = 3e-3;
  return a;
}

template <int dim>
dealii::Tensor<1, dim> displacement_on_springs(const dealii::Point<dim> &p)
{
  dealii::Tensor<1, dim> u = bottom_displacement<dim>();
  for (unsigned int d = 0; d < dim; ++d)
    u[d] += (p[dim - 1] + 1) * spring<dim>(d) * u[d] / (d == dim - 1 ? lambda + 2 * shear : shear);
  return u;
}

template <int dim>
typename BoundaryConditions<dim>::Parameters springs_at_the_bottom()
{
  typename BoundaryConditions<dim>::Parameters conditions;
  conditions.springs = {
      {"bottom", std::to_string(normal_spring) + " Pa/m", std::to_string(tangential_spring) + " Pa/m"}};
  conditions.spring_names = "bottom";
  return conditions;
}

template <int dim>
typename BoundaryConditions<dim>::Parameters springs_between_prescribed_sides()
{
  auto conditions = springs_at_the_bottom<dim>();
  std::array<std::string, 3> formulas;
  const auto a = bottom_displacement<dim>();
  for (unsigned int d = 0; d < dim; ++d)
  {
    char text[80];
    std::snprintf(text, sizeof(text), "%.17g*(1 + (z + 1)*%.17g)", a[d],
                  spring<dim>(d) / (d == dim - 1 ? lambda + 2 * shear : shear));
    formulas[d == dim - 1 ? 2 : d] = text;
  }
  for (const std::string name : {"west", "east", "south", "north", "top"})
    if (dim == 3 || (name != "south" && name != "north"))
      conditions.prescribed.push_back({name, formulas});
  return conditions;
}

template <int dim>
State interpolate(const ElasticProblem<dim> &problem,
                  const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &field)
{
  struct Field : dealii::Function<dim>
  {
    explicit Field(const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &values)
        : dealii::Function<dim>(dim), f(values)
    {
    }
    double value(const dealii::Point<dim> &p, const unsigned int component) const override { return f(p)[component]; }
    const std::function<dealii::Tensor<1, dim>(const dealii::Point<dim> &)> &f;
  };
  State u = problem.forward->make_state(0);
  u.step[0].zero_out_ghost_values();
  dealii::VectorTools::interpolate(problem.space.mapping(), problem.space.dof_handler(), Field(field), u.step[0]);
  u.step[0].update_ghost_values();
  return u;
}

template <int dim>
void expect_exact_on_springs(const std::function<void(Mesh<dim> &)> &refine)
{
  typename Parametrization<dim>::Parameters material;
  material.young = "3 Pa";
  material.poisson = "0.25";
  for (const unsigned int degree : {1u, 2u})
  {
    SCOPED_TRACE("degree " + std::to_string(degree) + ", " + std::to_string(dim) + "-D");
    ElasticProblem<dim> held(unit_box<dim>(), degree, material, springs_between_prescribed_sides<dim>(), refine);
    held.set_loads({});
    EXPECT_LT(held.l2_error(held.solve(), displacement_on_springs<dim>), 1e-14);
    StateDual r = held.forward->make_dual(0);
    State exact = interpolate<dim>(held, displacement_on_springs<dim>);
    exact.affine = 1;
    held.forward->residual(0, exact, r);
    EXPECT_LT(r.step[0].linfty_norm(), 1e-14);

    ElasticProblem<dim> loose(unit_box<dim>(), degree, material, springs_at_the_bottom<dim>(), refine);
    loose.set_loads({});
    for (unsigned int d = 0; d < dim; ++d)
    {
      const auto along = [d](const double value) {
        dealii::Tensor<1, dim> v;
        v[d] = value;
        return v;
      };
      const State moved = interpolate<dim>(loose, [&](const dealii::Point<dim> &) { return along(1); });
      const State test = interpolate<dim>(
          loose, [&](const dealii::Point<dim> &p) { return along(1 + 2 * p[0] - (dim == 3 ? p[1] : 0)); });
      const double mean = dim == 3 ? 1.5 : 2; // of the test field over the bottom, whose area is 1
      StateDual of_moved = loose.forward->make_dual(0), of_test = loose.forward->make_dual(0);
      loose.forward->apply_jacobian(0, moved, of_moved);
      loose.forward->apply_jacobian_transpose(0, test, of_test);
      EXPECT_NEAR(of_moved.step[0] * test.step[0], spring<dim>(d) * mean, 1e-12) << "dr/du, direction " << d;
      EXPECT_NEAR(of_test.step[0] * moved.step[0], spring<dim>(d) * mean, 1e-12) << "its transpose, direction " << d;
      StateDual of_loads = loose.forward->make_dual(0);
      loose.forward->residual(0, moved, of_loads);
      EXPECT_NEAR(of_loads.step[0] * test.step[0], spring<dim>(d) * mean, 1e-12) << "residual, direction " << d;
      // Springs are not made of the rock: a translation feels nothing of a change of its stiffness.
      ParameterVector m_hat = loose.parametrization.make_vector();
      m_hat.values() = 1;
      loose.forward->apply_parameter_jacobian(0, moved, m_hat, of_moved);
      EXPECT_LT(of_moved.step[0].linfty_norm(), 1e-13) << "dr/dm, direction " << d;
    }
  }
}

} // namespace

TEST(PatchTestParallel, SpringsBesidePrescribedDisplacement)
{
  expect_exact_on_springs<2>([](Mesh<2> &) {});
  expect_exact_on_springs<3>([](Mesh<3> &) {});
  expect_exact_on_springs<3>(distort<3>);
}

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

namespace
{
/// Rollers below and to the west, the rest free; turned about the y axis (in 2-D in the plane) as a whole.
template <int dim>
struct TurnedBody
{
  double cosine, sine;
  ElasticProblem<dim> problem;

  TurnedBody(const double angle, const unsigned int degree)
      : cosine(std::cos(angle)), sine(std::sin(angle)),
        problem(box<dim>({0, 0}, {3, 2}, {6, 4}), degree, {}, conditions(), [&](Mesh<dim> &mesh) {
          auto &triangulation = const_cast<dealii::parallel::distributed::Triangulation<dim> &>(mesh.triangulation());
          dealii::GridTools::transform([&](const dealii::Point<dim> &p) { return turned(p); }, triangulation);
        })
  {
  }

  static typename BoundaryConditions<dim>::Parameters conditions()
  {
    typename BoundaryConditions<dim>::Parameters parameters;
    parameters.rollers = "bottom, west";
    return parameters;
  }

  dealii::Point<dim> turned(const dealii::Tensor<1, dim> &v) const
  {
    return dealii::Point<dim>(cosine * v[0] - sine * v[1], sine * v[0] + cosine * v[1]);
  }
  dealii::Point<dim> turned_back(const dealii::Tensor<1, dim> &v) const
  {
    return dealii::Point<dim>(cosine * v[0] + sine * v[1], -sine * v[0] + cosine * v[1]);
  }
};
} // namespace

TEST(PatchTestParallel, ObliqueRollers)
{
  for (const unsigned int degree : {1u, 2u})
  {
    std::vector<State> states;
    std::vector<double> work;
    TurnedBody<2> upright(0, degree), turned(dealii::numbers::PI / 9, degree);
    for (TurnedBody<2> *body : {&upright, &turned})
    {
      // A weight and a push to the east in the body's own directions, largest on the rollers.
      body->problem.set_loads({body->problem.body_force([body](const dealii::Point<2> &p, const dealii::Point<2> &) {
        const auto x = body->turned_back(p);
        return body->turned(dealii::Tensor<1, 2>({1e9 * (3 - x[0]), -2e9 * (2 - x[1])}));
      })});
      states.push_back(body->problem.solve());
    }
    const auto &upright_u = states[0].step[0], &turned_u = states[1].step[0];
    double difference = 0, largest = 0;
    for (const auto i : upright_u.locally_owned_elements())
      if (i % 2 == 0) // both components of a node are on one rank
      {
        const auto back = turned.turned_back(dealii::Tensor<1, 2>({turned_u(i), turned_u(i + 1)}));
        const dealii::Tensor<1, 2> expected({upright_u(i), upright_u(i + 1)});
        difference = std::max(difference, (back - expected).norm());
        largest = std::max(largest, expected.norm());
      }
    difference = dealii::Utilities::MPI::max(difference, MPI_COMM_WORLD);
    largest = dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
    EXPECT_GT(largest, 0);
    EXPECT_LT(difference, 1e-10 * largest) << "degree " << degree;

    auto &forward = *turned.problem.forward;
    StateDual f = forward.make_dual(0), g = f;
    for (const auto i : upright_u.locally_owned_elements())
    {
      f.step[0](i) = std::sin(1. + 3 * i);
      g.step[0](i) = std::cos(2. + 5 * i);
    }
    State of_f = forward.make_state(0), of_g = of_f;
    ASSERT_TRUE(forward.solve_jacobian(0, f, of_f).converged);
    ASSERT_TRUE(forward.solve_jacobian_transpose(0, g, of_g).converged);
    const double one = dot(g, of_f), other = dot(f, of_g);
    EXPECT_NEAR(one, other, 1e-10 * std::abs(one)) << "degree " << degree;
  }
}
