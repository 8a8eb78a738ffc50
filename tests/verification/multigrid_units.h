#pragma once

#include <lodestone/solver/multigrid/multigrid_solver.h>

#include <gtest/gtest.h>

#include <cmath>

namespace lodestone::testing
{

/// Moduli and load times powers of two: the same iterations and, scaled back, the same displacement, without a
/// difference in rounding.
/// @param model with moduli, b, problem and make_solver(); left in the new units
template <typename Model>
void expect_units_do_not_matter(Model &model, const int moduli_exponent, const int load_exponent)
{
  const auto solve = [&model](DistributedVector &x) {
    auto solver = model.make_solver();
    solver.renew(model.moduli);
    const SolveReport report = solver.solve(model.b, x, 1e-8);
    EXPECT_TRUE(report.converged) << report.reason;
    return report.iterations;
  };
  DistributedVector x = model.problem.space.make_vector(), scaled = x;
  const unsigned int iterations = solve(x);
  model.moduli.lambda *= std::ldexp(1., moduli_exponent);
  model.moduli.mu *= std::ldexp(1., moduli_exponent);
  model.b *= std::ldexp(1., load_exponent);
  EXPECT_EQ(solve(scaled), iterations);
  scaled *= std::ldexp(1., moduli_exponent - load_exponent);
  scaled -= x;
  EXPECT_LE(scaled.linfty_norm(), 1e-12 * x.linfty_norm());
}

} // namespace lodestone::testing
