// Manufactured solution with a jump of E: u = (x - 1/2)^2 g(x, y, z) has no strain on the plane x = 1/2, so tractions
// are continuous there whatever E is on either side; the body force is -div sigma(u), by central differences in long
// double. Expected: L2 error falls with h^(k+1) for Q_k, within 0.15 between the two finest meshes (pre-asymptotic
// terms are of order h).
#include <gtest/gtest.h>

#include "elastic_problem.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{
using Real = long double;

template <int dim>
std::array<Real, 3> exact(const std::array<Real, 3> &p)
{
  const Real q = (p[0] - 0.5L) * (p[0] - 0.5L);
  return {{q * std::sin(2 * p[1] + p[2]), q * std::cos(p[0] + p[1]), q * std::exp(p[2]) * (1 + p[0])}};
}

// In 2-D coordinates are (x, z) and the displacement (u_x, u_z), with y = 0.
template <int dim>
std::array<Real, 3> model_point(const dealii::Point<dim> &p)
{
  return {{p[0], dim == 3 ? p[1] : 0., p[dim - 1]}};
}

constexpr int model_axis(const int dim, const int d)
{
  return dim == 2 && d == 1 ? 2 : d;
}

template <int dim>
dealii::Tensor<1, dim> exact_displacement(const dealii::Point<dim> &p)
{
  const auto u = exact<dim>(model_point<dim>(p));
  dealii::Tensor<1, dim> result;
  for (int d = 0; d < dim; ++d)
    result[d] = u[model_axis(dim, d)];
  return result;
}

template <int dim>
Real second_derivative(const std::array<Real, 3> &p, const int component, const int a, const int b)
{
  // Central differences; in long double the step's error, h^2 = 1e-8 of the force, is far below the discretisation's.
  const Real h = 1e-4L;
  const auto value = [&](const int sa, const int sb) {
    auto q = p;
    q[a] += sa * h;
    q[b] += sb * h;
    return exact<dim>(q)[component];
  };
  return (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * h * h);
}

template <int dim>
dealii::Tensor<1, dim> force(const dealii::Point<dim> &p, const double E, const double nu)
{
  const Real lambda = E * nu / ((1 + nu) * (1 - 2 * nu)), mu = E / (2 * (1 + nu));
  const auto q = model_point<dim>(p);
  dealii::Tensor<1, dim> f;
  for (int d = 0; d < dim; ++d)
  {
    const int i = model_axis(dim, d);
    Real sum = 0;
    for (int e = 0; e < dim; ++e)
    {
      const int j = model_axis(dim, e);
      sum += (lambda + mu) * second_derivative<dim>(q, j, i, j) + mu * second_derivative<dim>(q, i, j, j);
    }
    f[d] = -sum;
  }
  return f;
}

template <int dim>
double error(const unsigned int degree, const unsigned int n)
{
  typename BoundaryConditions<dim>::Parameters conditions;
  const std::vector<std::string> names =
      dim == 2 ? std::vector<std::string>{"west", "east", "bottom", "top"}
               : std::vector<std::string>{"west", "east", "south", "north", "bottom", "top"};
  for (const auto &name : names)
    conditions.prescribed.push_back(
        {name,
         {{dim == 2 ? "(x-0.5)^2*sin(z)" : "(x-0.5)^2*sin(2*y+z)", "(x-0.5)^2*cos(x+y)", "(x-0.5)^2*exp(z)*(1+x)"}}});
  typename Parametrization<dim>::Parameters material;
  material.young = "if(x < 0.5, 1, 7)";
  material.poisson = "0.3";
  dealii::Point<dim> lower, upper;
  for (int d = 0; d < dim; ++d)
    upper[d] = 1;
  lower[dim - 1] = -1;
  upper[dim - 1] = 0;
  ElasticProblem<dim> problem(box<dim>(lower, upper, std::vector<unsigned int>(dim, n)), degree, material, conditions);
  problem.set_loads({problem.body_force([](const dealii::Point<dim> &p, const dealii::Point<dim> &centre) {
                      return force<dim>(p, centre[0] < 0.5 ? 1 : 7, 0.3);
                    })},
                    SolverMethod::amg);
  return problem.l2_error(problem.solve(), exact_displacement<dim>);
}

template <int dim>
void expect_rate(const unsigned int degree, const unsigned int n)
{
  const double rate = std::log2(error<dim>(degree, n) / error<dim>(degree, 2 * n));
  EXPECT_NEAR(rate, degree + 1, 0.15) << "dim " << dim << ", degree " << degree;
}

} // namespace

TEST(ManufacturedParallel, RatesQ1)
{
  expect_rate<2>(1, 16);
  expect_rate<3>(1, 8);
}

TEST(ManufacturedParallel, RatesQ2)
{
  expect_rate<2>(2, 8);
  expect_rate<3>(2, 4);
}
