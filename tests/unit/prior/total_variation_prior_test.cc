// Total variation against sums by hand, Taylor remainders (slope 2 for the gradient, 3 with the Hessian), and the
// matrix of primal-dual Newton steps against what it must be: positive definite, equal to the Hessian where the dual
// variable has settled. Minimisers: tests/verification/r3_test.cc.
#include <lodestone/prior/total_variation_prior.h>

#include <gtest/gtest.h>

#include "small_problem.h"

using namespace lodestone;

namespace
{

PriorParameters total_variation(const std::string &epsilon = "0.1")
{
  PriorParameters p;
  p.type = PriorType::total_variation;
  p.variation_weight = "2";
  p.mass_weight = "0.3";
  p.epsilon = epsilon;
  return p;
}

/// J(m + h v) - J(m) - h g.v (- h^2/2 v.H v), as a slope over two decades.
void expect_taylor(const Prior &prior, const ParameterVector &m, const ParameterVector &v)
{
  ParameterVector g(m.shared_layout()), Hv(m.shared_layout());
  prior.add_gradient(m, g);
  prior.add_hessian(m, v, Hv);
  const double value = prior.value(m), slope = g.values() * v.values(), curvature = Hv.values() * v.values();
  double first[2], second[2];
  for (unsigned int k = 0; k < 2; ++k)
  {
    const double h = k == 0 ? 1e-2 : 1e-3;
    ParameterVector moved = m;
    moved.values().add(h, v.values());
    first[k] = std::abs(prior.value(moved) - value - h * slope);
    second[k] = std::abs(prior.value(moved) - value - h * slope - h * h / 2 * curvature);
  }
  EXPECT_GT(std::log10(first[0] / first[1]), 1.9);
  EXPECT_GT(std::log10(second[0] / second[1]), 2.8);
}

template <int dim>
void expect_consistent(const SmallProblem<dim> &problem)
{
  Prior &prior = *problem.prior;
  prior.set_factor(1.7);
  const ParameterVector m = pseudo_random(problem.layout, 1.7), v = pseudo_random(problem.layout, 0.4),
                        w = pseudo_random(problem.layout, 2.9);
  expect_taylor(prior, m, v);
  ParameterVector Hv(problem.layout), Hw(problem.layout), Rv(problem.layout), back(problem.layout);
  prior.add_hessian(m, v, Hv);
  prior.add_hessian(m, w, Hw);
  const double size = Hv.values().l2_norm() * w.values().l2_norm();
  EXPECT_NEAR(Hv.values() * w.values(), Hw.values() * v.values(), 1e-13 * size);
  prior.linearize_at(m);
  prior.add_precision(v, Rv);
  EXPECT_GT(Rv.values() * v.values(), 1.1 * (Hv.values() * v.values())); // y = 0: lagged diffusivity
  ASSERT_TRUE(prior.apply_inverse(Rv, back).converged);
  back.values().add(-1, v.values());
  EXPECT_LT(back.values().l2_norm(), 1e-9 * v.values().l2_norm());
  prior.precondition(Rv, back);
  EXPECT_GT(back.values() * Rv.values(), 0);
  // The dual variable follows small steps of m: R becomes the Hessian.
  ParameterVector near = m;
  for (unsigned int k = 0; k < 30; ++k)
  {
    near = m;
    near.values().add(1e-9 * (k % 2 + 1), w.values());
    prior.linearize_at(near);
  }
  Rv.values() = Hv.values() = 0;
  prior.add_precision(v, Rv);
  prior.add_hessian(near, v, Hv);
  Rv.values().add(-1, Hv.values());
  EXPECT_LT(Rv.values().l2_norm(), 1e-5 * Hv.values().l2_norm());
  prior.linearize_at(near); // once more at the same place changes nothing
  Hv.values() = 0;
  prior.add_precision(v, Hv);
  prior.linearize_at(near);
  Rv.values() = 0;
  prior.add_precision(v, Rv);
  Rv.values().add(-1, Hv.values());
  EXPECT_EQ(Rv.values().l2_norm(), 0);
}

} // namespace

TEST(TotalVariationParallel, ValueOfAStep)
{
  // A step of 1 across x = 2 in a box of 4 x 4 x 1 in 4 x 4 x 2 cells: area 4; 64 interior faces in all.
  const SmallProblem<3> problem(box<3>({4, 4, 2}), total_variation("0.1"));
  const ParameterVector step = problem.field([](const auto &p) { return p[0] < 2 ? 0 : 1; });
  const double area = 2 * 3 * 4 * 1. + 4 * 4.; // of all interior faces
  const double expected = 2 * (4 * std::hypot(1, 0.1) + (area - 4) * 0.1) + 0.5 * 0.3 * 8;
  EXPECT_NEAR(problem.prior->value(step), expected, 1e-12 * expected);
}

TEST(TotalVariationParallel, BlocksOfTheLengthsHaveAHalf)
{
  // Entries: a block of the correlation lengths that differs by one standard deviation has J = 1/2, but for epsilon and
  // the mass, 1/(8 pi) of it.
  PriorParameters p;
  p.type = PriorType::total_variation;
  p.standard_deviation = "0.5";
  p.horizontal_length = "2";
  p.vertical_length = "1";
  p.epsilon = "1e-6";
  Mesh<3>::Parameters mesh;
  mesh.lower = dealii::Point<3>(0, 0, -6);
  mesh.upper = dealii::Point<3>(6, 6, 0);
  mesh.cells = {6, 6, 6};
  const SmallProblem<3> problem(mesh, p);
  const auto is_inside = [](const dealii::Point<3> &x) {
    return std::abs(x[0] - 3) < 1 && std::abs(x[1] - 3) < 1 && x[2] > -3 && x[2] < -2;
  };
  const ParameterVector block = problem.field([&](const auto &x) { return is_inside(x) ? 0.5 : 0.; });
  const double mass = 0.5 / (8 * std::acos(-1.));
  EXPECT_NEAR(problem.prior->value(block), 0.5 + mass, 1e-4);
}

TEST(TotalVariationParallel, ValueGradientHessianAndMatrixBelongTogether)
{
  expect_consistent(SmallProblem<2>(refined_box<2>({8, 4}), total_variation(), {"a", "b"}));
  expect_consistent(SmallProblem<3>(refined_box<3>({4, 4, 2}), total_variation("0.3"), {"a"}, 0,
                                    [](const dealii::Point<3> &p) { return p[0] > 3; }));
}

TEST(TotalVariationParallel, DualVariableBeginsAnew)
{
  // R after the first call depends on m alone: a run that is resumed begins like one that starts there.
  const SmallProblem<2> one(box<2>({8, 4}), total_variation()), other(box<2>({8, 4}), total_variation());
  const ParameterVector m = pseudo_random(one.layout, 1.7), v = pseudo_random(one.layout, 0.4);
  one.prior->linearize_at(m);
  other.prior->linearize_at(ParameterVector(other.layout)); // of the start, m = 0
  other.prior->linearize_at(m);
  ParameterVector a(one.layout), b(one.layout);
  one.prior->add_precision(v, a);
  other.prior->add_precision(v, b);
  EXPECT_GT(v.values() * a.values(), 1.05 * (v.values() * b.values()));
}

// Two cells of area 1 with one face between them of length 1, and w = 2: y and theta by hand.
TEST(TotalVariation, DualVariableOfOneFace)
{
  auto mesh = box<2>({2, 1}, 2, 1);
  const SmallProblem<2> problem(mesh, total_variation("0.1"), {"m"}, 0, {}, MPI_COMM_SELF);
  constexpr double w = 2, mass = 0.3;
  const auto at = [&](const double d) { return problem.field([d](const auto &p) { return p[0] < 1 ? 0. : d; }); };
  const auto rho = [](const double d) { return std::hypot(d, 0.1); };
  const auto weight = [&] {
    ParameterVector Rv(problem.layout);
    problem.prior->add_precision(at(1), Rv);
    return Rv.values() * at(1).values() - mass;
  };
  const double a = 0.2, b = 0.1;
  problem.prior->linearize_at(at(a));
  EXPECT_NEAR(weight(), w / rho(a), 1e-13); // y = 0
  problem.prior->linearize_at(at(b));
  const double y = a / rho(a) + (b - a) / rho(a); // 0.447, below b/rho = 0.707
  EXPECT_NEAR(weight(), w / rho(b) * (1 - y * b / rho(b)), 1e-13);
  // The next step goes past 0, and R was too small along it: theta becomes 0.08.
  const double c = -0.06, curvature = 2 * w * (rho(c) - rho(b) - b / rho(b) * (c - b)) / ((c - b) * (c - b)),
               theta = (w / rho(b) - curvature) / (w / rho(b) * y * b / rho(b)),
               next = b / rho(b) + (1 - y * b / rho(b)) * (c - b) / rho(b); // -0.07, within c/rho = -0.51
  EXPECT_GT(theta, 0);
  EXPECT_LT(theta, 0.1);
  problem.prior->linearize_at(at(c));
  EXPECT_NEAR(weight(), w / rho(c) * (1 - theta * next * c / rho(c)), 1e-12);
}
