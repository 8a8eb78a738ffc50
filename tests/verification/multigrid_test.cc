// The V-cycle as a preconditioner: symmetric, independent of the mesh and of units, renewed with the moduli.
//
// Model: cubes, moduli of each cell independent of its neighbours' (a hash of the cell's place; contrast 7.4 = e^2, or
// as stated), clamped below, rollers around, a load on all of the volume. Iterations are those to a residual of 1e-8
// without a first guess.
#include <lodestone/solver/multigrid/multigrid_solver.h>

#include <gtest/gtest.h>

#include "elastic_problem.h"
#include "multigrid_units.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

struct Model
{
  ElasticProblem<3> problem;
  std::unique_ptr<StiffnessOperator<3, double>> stiffness;
  Moduli moduli;
  DistributedVector b;

  Model(const unsigned int n, const unsigned int degree, const double contrast = std::exp(2.))
      : problem(box<3>({0, 0, 0}, {1, 1, 1}, {n, n, n}), degree, {}, conditions()),
        stiffness(make_stiffness_operator<3, double>(problem.space, problem.boundary_conditions)),
        moduli{problem.mesh.make_cell_field(), problem.mesh.make_cell_field()}
  {
    set_moduli(1, contrast, n);
    b = problem
            .body_force([](const dealii::Point<3> &p, const dealii::Point<3> &) {
              return dealii::Tensor<1, 3>({std::sin(3 * p[1]), 0.3, -1 - p[0]});
            })
            .fixed;
    problem.boundary_conditions.constraints().set_zero(b);
  }

  static BoundaryConditions<3>::Parameters conditions()
  {
    BoundaryConditions<3>::Parameters parameters;
    parameters.fixed = "bottom";
    parameters.rollers = "west, east, south, north";
    return parameters;
  }

  void set_moduli(const unsigned int seed, const double contrast, const unsigned int n)
  {
    for (const auto &cell : problem.mesh.triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
      {
        std::uint64_t x = seed;
        for (unsigned int d = 0; d < 3; ++d)
          x = 6364136223846793005u * (x + std::uint64_t(cell->center()[d] * n)) + 1442695040888963407u;
        x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9u;
        const double random = (x >> 11) * 0x1p-53, young = std::pow(contrast, random - .5);
        moduli.lambda(cell->global_active_cell_index()) = 0.4 * young; // nu = 1/4
        moduli.mu(cell->global_active_cell_index()) = 0.4 * young;
      }
  }

  MultigridSolver<3> make_solver() { return {problem.space, problem.boundary_conditions, *stiffness, {}}; }

  unsigned int iterations(MultigridSolver<3> &solver)
  {
    DistributedVector x = problem.space.make_vector();
    const SolveReport report = solver.solve(b, x, 1e-8);
    EXPECT_TRUE(report.converged) << report.reason;
    return report.iterations;
  }
};

unsigned int iterations(const unsigned int n, const unsigned int degree, const double contrast = std::exp(2.))
{
  Model model(n, degree, contrast);
  auto solver = model.make_solver();
  solver.renew(model.moduli);
  return model.iterations(solver);
}

} // namespace

// <V a, b> = <a, V b> to single precision: conjugate gradients needs it.
TEST(MultigridParallel, VCycleIsSymmetric)
{
  for (const unsigned int degree : {1u, 2u})
  {
    Model model(8, degree);
    GeometricMultigrid<3> multigrid(model.problem.space, model.problem.boundary_conditions, {});
    multigrid.renew(model.moduli);
    DistributedVector a, b, va, vb;
    for (DistributedVector *v : {&a, &b, &va, &vb})
      model.stiffness->initialize_vector(*v);
    for (const auto i : a.locally_owned_elements())
      if (!model.problem.boundary_conditions.constraints().is_constrained(i))
      {
        a(i) = std::sin(0.37 * i);
        b(i) = std::cos(1.91 * i);
      }
    multigrid.vmult(va, a);
    multigrid.vmult(vb, b);
    EXPECT_NEAR(va * b, a * vb, 3e-6 * va.l2_norm() * b.l2_norm());
    EXPECT_GT(va * a, 0);
  }
}

// 9 iterations (prototypes of the same method on 100,000 to 6,400,000 unknowns: 9 to 10), less what the full-multigrid
// start saves.
TEST(MultigridParallel, IterationsDoNotGrow)
{
  EXPECT_LE(iterations(8, 1), 10u);
  EXPECT_LE(iterations(16, 1), 10u);
  EXPECT_LE(iterations(32, 1), 10u);
  EXPECT_LE(iterations(8, 2), 10u);
  EXPECT_LE(iterations(16, 2), 10u);
}

TEST(MultigridParallel, HighContrast)
{
  EXPECT_LE(iterations(16, 1, 1e3), 24u);
  EXPECT_LE(iterations(16, 1, 1e4), 36u);
}

// A renewed solver is as good as a new one: near the last model, where eigenvalues are reused, and after a change to a
// contrast of 1e4 that moves the largest eigenvalue from 2.9 to 4.
TEST(MultigridParallel, Renewal)
{
  Model model(16, 1);
  auto solver = model.make_solver();
  solver.renew(model.moduli);
  for (const auto &[seed, contrast] : {std::make_pair(1u, 6.), std::make_pair(2u, 1e4), std::make_pair(3u, 1e4)})
  {
    model.set_moduli(seed, contrast, 16);
    solver.renew(model.moduli);
    const unsigned int renewed = model.iterations(solver);
    auto fresh = model.make_solver();
    fresh.renew(model.moduli);
    EXPECT_NEAR(renewed, model.iterations(fresh), 1);
  }
}

// Small steps that end far away: what is kept while moduli are near those of the last estimate does not age with them.
TEST(MultigridParallel, ManyNearRenewals)
{
  constexpr unsigned int n_steps =
      160; // by at most a factor of (e 100)^(1 / 160) = 1.036 each: some five in a row are near
  Model model(16, 1), end(16, 1);
  end.set_moduli(2, 1e4, 16);
  const Moduli from = model.moduli, to = end.moduli;
  auto solver = model.make_solver();
  for (unsigned int step = 0; step <= n_steps; ++step)
  {
    const double t = double(step) / n_steps;
    for (const auto field : {&Moduli::lambda, &Moduli::mu})
      for (unsigned int c = 0; c < (from.*field).locally_owned_size(); ++c)
        (model.moduli.*field).local_element(c) =
            std::pow((from.*field).local_element(c), 1 - t) * std::pow((to.*field).local_element(c), t);
    solver.renew(model.moduli);
    if (step % 23 != 0) // at some of these estimates are new, at others old
      continue;
    auto fresh = model.make_solver();
    fresh.renew(model.moduli);
    EXPECT_LE(model.iterations(solver), model.iterations(fresh) + 1) << "step " << step;
  }
}

TEST(MultigridParallel, UnitsDoNotMatter)
{
  Model model(8, 1);
  expect_units_do_not_matter(model, 90, -400);
}

TEST(MultigridParallel, ImpossibleModuliAreReported)
{
  Model model(4, 1);
  auto solver = model.make_solver();
  model.moduli.mu *= -1;
  solver.renew(model.moduli);
  DistributedVector x = model.problem.space.make_vector();
  const SolveReport report = solver.solve(model.b, x, 1e-8);
  EXPECT_FALSE(report.converged);
  EXPECT_NE(report.reason.find("positive"), std::string::npos);
}
