// Sums of priors, standard deviations and means by place, correlated fields: against the definition of each, by exact
// solves with R, and by samples.
#include <lodestone/prior/sum_prior.h>

#include <gtest/gtest.h>

#include "small_problem.h"

using namespace lodestone;

namespace
{

PriorParameters matern(const std::string &deviation, const std::string &length)
{
  PriorParameters p;
  p.type = PriorType::matern;
  p.standard_deviation = deviation;
  p.horizontal_length = length;
  return p;
}

double product(const ParameterVector &a, const ParameterVector &b)
{
  return a.values() * b.values();
}

template <int dim>
ParameterVector covariances(const SmallProblem<dim> &problem, const dealii::types::global_dof_index unknown)
{
  ParameterVector e(problem.layout), column(problem.layout);
  if (e.values().in_local_range(unknown))
    e.values()(unknown) = 1;
  EXPECT_TRUE(problem.prior->apply_inverse(e, column).converged);
  return column;
}

double entry(const ParameterVector &v, const dealii::types::global_dof_index i)
{
  return dealii::Utilities::MPI::sum(v.values().in_local_range(i) ? v.values()(i) : 0.,
                                     v.values().get_mpi_communicator());
}

/// J(m) against its gradient (central difference), R against the gradient's change where J is quadratic, R^-1 R.
template <int dim>
void expect_consistent(const SmallProblem<dim> &problem)
{
  Prior &prior = *problem.prior;
  const ParameterVector m = pseudo_random(problem.layout, 1.7), v = pseudo_random(problem.layout, 0.4);
  ParameterVector g(problem.layout), Hv(problem.layout), Rv(problem.layout), back(problem.layout),
      forward = m, backward = m, g_forward(problem.layout);
  prior.linearize_at(m);
  prior.add_gradient(m, g);
  prior.add_hessian(m, v, Hv);
  prior.add_precision(v, Rv);
  const double h = 1e-5;
  forward.values().add(h, v.values());
  backward.values().add(-h, v.values());
  EXPECT_NEAR((prior.value(forward) - prior.value(backward)) / (2 * h), product(g, v), 1e-6 * g.values().l2_norm());
  prior.add_gradient(forward, g_forward);
  g_forward.values().add(-1, g.values());
  g_forward.values() /= h;
  g_forward.values().add(-1, Hv.values());
  EXPECT_LT(g_forward.values().l2_norm(), 1e-3 * Hv.values().l2_norm());
  ASSERT_TRUE(prior.apply_inverse(Rv, back).converged);
  back.values().add(-1, v.values());
  EXPECT_LT(back.values().l2_norm(), 1e-8 * v.values().l2_norm());
  prior.precondition(Rv, back);
  EXPECT_GT(product(back, Rv), 0);
}

} // namespace

TEST(SumPriorParallel, IsTheSumOfItsTerms)
{
  PriorParameters sum = matern("0.5", "1.5"), variation = sum;
  sum.types = {PriorType::matern, PriorType::total_variation};
  sum.weight = "2";
  PriorParameters own;
  own.type = PriorType::total_variation;
  own.path = "Prior/TV";
  own.standard_deviation = "";
  own.horizontal_length = "1";
  own.epsilon = "0.2";
  own.weight = "3";
  sum.terms = {own};
  variation.type = PriorType::total_variation;
  variation.horizontal_length = "1";
  variation.epsilon = "0.2";
  const auto mesh = refined_box<2>({8, 4});
  const SmallProblem<2> both(mesh, sum), first(mesh, matern("0.5", "1.5")), second(mesh, variation);
  const ParameterVector m = pseudo_random(both.layout, 1.7), v = pseudo_random(both.layout, 0.4);
  const double expected = 2 * (first.prior->value(m) + 3 * second.prior->value(m));
  EXPECT_NEAR(both.prior->value(m), expected, 1e-13 * expected);
  expect_consistent(both);
  for (const auto *prior : {&both, &first, &second})
    prior->prior->linearize_at(m);
  const SmallProblem<2> fresh(mesh, sum);
  second.prior->linearize_at(m);
  fresh.prior->linearize_at(m);
  ParameterVector of_sum(both.layout), of_terms(both.layout), part(both.layout);
  fresh.prior->add_precision(v, of_sum);
  first.prior->add_precision(v, of_terms);
  second.prior->add_precision(v, part);
  of_terms.values().add(3, part.values());
  of_sum.values().add(-2, of_terms.values());
  EXPECT_LT(of_sum.values().l2_norm(), 1e-12 * of_terms.values().l2_norm());
}

TEST(SumPriorParallel, ThreeDimensionsAndHangingNodes)
{
  PriorParameters sum = matern("0.5", "1.5");
  sum.types = {PriorType::h1, PriorType::matern};
  expect_consistent(SmallProblem<3>(refined_box<3>({4, 4, 2}), sum, {"a", "b"}));
}

TEST(PriorByPlaceParallel, StandardDeviationAndMean)
{
  // Scaled pointwise: variances are those of the unit prior times s(x)^2.
  PriorParameters by_place = matern("0.2 + 0.1*x", "1.5");
  by_place.mean = "0.3*z";
  const SmallProblem<2> unit(box<2>({8, 4}), matern("1", "1.5")), problem(box<2>({8, 4}), by_place);
  expect_consistent(problem);
  const ParameterVector s = problem.field([](const auto &p) { return 0.2 + 0.1 * p[0]; });
  for (const unsigned int i : {0u, 9u, 21u, 31u})
    EXPECT_NEAR(entry(covariances(problem, i), i), entry(covariances(unit, i), i) * std::pow(entry(s, i), 2), 1e-12);
  const ParameterVector mean = problem.field([](const auto &p) { return 0.3 * p[1]; });
  ParameterVector g(problem.layout), sample(problem.layout), of_unit(problem.layout);
  EXPECT_NEAR(problem.prior->value(mean), 0, 1e-20);
  problem.prior->add_gradient(mean, g);
  EXPECT_LT(g.values().l2_norm(), 1e-12);
  problem.prior->set_factor(4);
  ASSERT_TRUE(problem.prior->sample(7, sample).converged);
  ASSERT_TRUE(unit.prior->sample(7, of_unit).converged);
  sample.values().add(-1, mean.values());
  of_unit.values().scale(s.values());
  sample.values().add(-0.5, of_unit.values());
  EXPECT_LT(sample.values().l2_norm(), 1e-10);
}

TEST(PriorByPlaceParallel, Zones)
{
  auto mesh = box<2>({8, 4});
  mesh.zones = {{"left", "x < 2"}, {"right", "1"}};
  PriorParameters p = matern("0.5", "1.5");
  p.zones = {{"right", "0.25", "-1"}};
  PriorParameters wrong = p;
  wrong.zones = {{"middle", "0.25", ""}};
  EXPECT_THROW(SmallProblem<2>(mesh, wrong), InputError);
  wrong = matern("0.5 - x", "1.5");
  EXPECT_THROW(SmallProblem<2>(mesh, wrong), InputError);
  const SmallProblem<2> problem(mesh, p), unit(mesh, matern("1", "1.5"));
  const ParameterVector mean = problem.field([](const auto &x) { return x[0] < 2 ? 0 : -1; }),
                        s = problem.field([](const auto &x) { return x[0] < 2 ? 0.5 : 0.25; });
  EXPECT_NEAR(problem.prior->value(mean), 0, 1e-20);
  for (const unsigned int i : {0u, 9u, 21u, 31u})
    EXPECT_NEAR(entry(covariances(problem, i), i), entry(covariances(unit, i), i) * std::pow(entry(s, i), 2), 1e-12);
}

// A field with a number per zone beside one with a number per cell: the latter has the prior that it has alone, and each
// zone is an independent Gaussian of its standard deviation.
TEST(PriorByPlaceParallel, ZonesBesideCells)
{
  Mesh<2>::Parameters gmsh;
  gmsh.source = MeshSource::gmsh;
  gmsh.file = LODESTONE_SOURCE_DIR "/meshes/section_fault.msh";
  const Mesh<2> mesh(gmsh, MPI_COMM_WORLD);
  ParameterCells<2>::Parameters both;
  both.by_field = {ParameterCellKind::zones, ParameterCellKind::cells};
  const ParameterCells<2> cells(mesh, both, mesh.make_cell_field()), alone(mesh, {}, mesh.make_cell_field());
  const auto layout = cells.make_layout({"E", "nu"}), of_nu = alone.make_layout({"nu"});
  for (const PriorType type : {PriorType::matern, PriorType::h1, PriorType::total_variation})
  {
    PriorParameters parameters;
    parameters.type = type;
    parameters.standard_deviation = "0.5, 0.2";
    parameters.horizontal_length = "9 km, 3 km";
    parameters.weight = "7";
    const auto prior = make_prior(parameters, cells, layout);
    parameters.standard_deviation = "0.2";
    parameters.horizontal_length = "3 km";
    const auto prior_of_nu = make_prior(parameters, alone, of_nu);
    ParameterVector m(layout), nu(of_nu), g(layout), g_nu(of_nu);
    double sum = 0;
    for (const auto i : m.values().locally_owned_elements())
    {
      m.values()(i) = 0.1 * std::sin(3. * i);
      if (i < layout->first_global())
        nu.values()(i) = m.values()(i);
      else
        sum += std::pow(m.values()(i) / 0.5, 2);
    }
    m.values().update_ghost_values();
    nu.values().update_ghost_values();
    sum = dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD);
    const double expected = prior_of_nu->value(nu) + 7 * sum / 2;
    EXPECT_NEAR(prior->value(m), expected, 1e-12 * expected) << int(type);
    prior->add_gradient(m, g);
    prior_of_nu->add_gradient(nu, g_nu);
    for (const auto i : g.values().locally_owned_elements())
    {
      const double of_m = i < layout->first_global() ? g_nu.values()(i) : 7 * m.values()(i) / 0.25;
      EXPECT_NEAR(g.values()(i), of_m, 1e-10 * (1 + std::abs(of_m))) << int(type);
    }
  }
}

TEST(FieldCorrelationParallel, IsWhatTheEntrySays)
{
  for (const PriorType type : {PriorType::matern, PriorType::h1, PriorType::tikhonov})
  {
    PriorParameters p = matern("0.5, 0.2", "1.5"), independent = p;
    p.type = independent.type = type;
    p.correlation = "-0.6";
    const auto mesh = refined_box<2>({8, 4});
    const SmallProblem<2> problem(mesh, p, {"a", "b"}), alone(mesh, independent, {"a", "b"});
    expect_consistent(problem);
    for (const unsigned int j : {0u, 11u, 40u})
    {
      const ParameterVector of_a = covariances(problem, 2 * j), of_b = covariances(problem, 2 * j + 1);
      const double a = entry(of_a, 2 * j), b = entry(of_b, 2 * j + 1), c = entry(of_a, 2 * j + 1);
      EXPECT_NEAR(a, entry(covariances(alone, 2 * j), 2 * j), 1e-9 * a);
      EXPECT_NEAR(b, entry(covariances(alone, 2 * j + 1), 2 * j + 1), 1e-9 * b);
      EXPECT_NEAR(c / std::sqrt(a * b), -0.6, 1e-9);
    }
    // R C^-1 of the noise: samples have the covariance, too.
    constexpr unsigned int n_samples = 1000;
    double sums[3] = {0, 0, 0};
    for (unsigned int seed = 0; seed < n_samples; ++seed)
    {
      ParameterVector sample(problem.layout), noise(problem.layout);
      if (seed % 2 == 0)
      {
        ASSERT_TRUE(problem.prior->sample(seed, sample).converged);
      }
      else
      {
        problem.prior->add_noise(seed, noise);
        ASSERT_TRUE(problem.prior->apply_inverse(noise, sample).converged);
      }
      const double a = entry(sample, 22), b = entry(sample, 23);
      sums[0] += a * a;
      sums[1] += b * b;
      sums[2] += a * b;
    }
    EXPECT_NEAR(sums[2] / std::sqrt(sums[0] * sums[1]), -0.6, 3 * (1 - 0.36) / std::sqrt(n_samples));
  }
}

TEST(FieldCorrelation, IsRefused)
{
  PriorParameters p = matern("0.5", "1.5");
  p.correlation = "1";
  EXPECT_THROW(p.validate(), InputError);
  p.correlation = "0.6";
  EXPECT_NO_THROW(p.validate());
  EXPECT_THROW(SmallProblem<2>(box<2>({4, 2}), p, {"only one"}), InputError);
}
