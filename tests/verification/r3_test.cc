// A whole inversion solved with another code, hIPPYlib 3.2 (legacy FEniCS), on 16 x 16 x 8 equal cubes of [0,1]^2 x
// [0,0.5], Q1, 2 x 2 x 2 Gauss points per cell and 3 x 3 per face: E = exp(m), nu = 0.25, Gaussian pressure on top, 256
// stations, noise of 1 % of the largest displacement, prior 50 K + 500 M. data/r3_n16_data.txt holds its data without
// and with noise, data/r3_n16_minimiser.txt the minimiser it found; the other numbers are those it printed.
//
// Expected: the data without noise to 1e-9 of the largest (its solves stop at a relative residual of 1e-10), J, prior,
// misfit, gradient norm and Gauss-Newton form at a given point to 8 digits, and the minimum of J to 2e-8: its solves
// move the predicted data by up to 1e-9 of the largest, 1e-7 sigma each, against residuals of one sigma.
#include <lodestone/inversion/inversion.h>
#include <lodestone/inversion/weight_search.h>

#include "number_rows.h"
#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

constexpr unsigned int n = 16;
constexpr double tolerance_at_minimum = 2e-8 * 402;

class Reference
{
public:
  Reference() : rows(read_rows("r3_n16_data.txt"))
  {
    std::vector<std::array<double, 2>> stations;
    std::vector<double> noisy;
    for (const auto &row : rows)
    {
      stations.push_back({{row[0], row[1]}});
      noisy.insert(noisy.end(), row.begin() + 5, row.end());
      clean.insert(clean.end(), row.begin() + 2, row.begin() + 5);
    }
    scratch.write("stations.csv", station_csv(stations, noisy));
  }

  std::unique_ptr<TextProblem<3>> model(const std::string &method,
                                        const Entries &prior = {"Gradient weight = 50", "Mass weight = 500"},
                                        const std::string &gradient_tolerance = "1e-6",
                                        const Entries &unknowns = {}) const
  {
    Entries material = {"Young modulus = 1 Pa", "Poisson ratio = 0.25"};
    material.insert(material.end(), unknowns.begin(), unknowns.end());
    const std::string text =
        section("Mesh", {"Lower corner = 0, 0, 0", "Upper corner = 1, 1, 0.5", "Cells = 16, 16, 8"}) +
        section("Material", material) +
        section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
        section("Load cases", {"Names = load"},
                load_case(
                    "load",
                    {{"weight",
                      {"Type = pressure", "Boundary = top", "Value = 1e-3*exp(-((x-0.5)^2 + (y-0.5)^2)/(2*0.15^2))"}}},
                    {{"gnss", {"File = stations.csv", "Sigma = 2.4348881649579024e-06"}}})) +
        section("Prior", prior) +
        section("Optimizer", {"Method = bnls", "Hessian = switch", "Gauss-Newton iterations = 5",
                              "Gradient tolerance = " + gradient_tolerance}) +
        section("Solver", {"Method = " + method, "Tolerance = 1e-11"});
    return std::make_unique<TextProblem<3>>(text, scratch.path());
  }

  Scratch scratch;
  std::vector<std::vector<double>> rows;
  std::vector<double> clean;
};

double truth(const dealii::Point<3> &p)
{
  if (p.distance(dealii::Point<3>(0.35, 0.40, 0.35)) < 0.12)
    return -1;
  return p.distance(dealii::Point<3>(0.65, 0.60, 0.35)) < 0.12 ? 1 : 0;
}

double direction(const dealii::Point<3> &p)
{
  return std::sin(5 * p[0] + p[1]) * p[2];
}

double point(const dealii::Point<3> &p)
{
  return 0.2 * std::sin(3 * p[0]) * std::cos(2 * p[1]) + 0.1 * p[2] + 0.003 * direction(p);
}

/// The largest difference of m from the rows of a file, which hold cells with x fastest, then y, then z from below, and
/// one number per field.
double largest_difference(TextProblem<3> &model, const ParameterVector &m,
                          const std::vector<std::vector<double>> &expected)
{
  const std::size_t n_fields = m.layout().fields.size();
  double difference = 0;
  for (const auto &cell : model->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto p = cell->center();
      const auto &row = expected[int(p[0] * n) + n * (int(p[1] * n) + n * int(p[2] * n))];
      const auto first = model->parametrization().cells().index(cell) * n_fields;
      for (std::size_t k = 0; k < n_fields; ++k)
        difference = std::max(difference, std::abs(m.values()(first + k) - row.at(k)));
    }
  return difference;
}

} // namespace

TEST(ReferenceInversion, DataWithoutNoise)
{
  const Reference reference;
  const auto model = reference.model("direct");
  model->evaluate(model->unknowns(truth));
  const DataVector predicted = (*model)->predict(0);
  ASSERT_EQ(predicted.size(), reference.clean.size());
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i)
  {
    largest = std::max(largest, std::abs(reference.clean[i]));
    difference = std::max(difference, std::abs(predicted[i] - reference.clean[i]));
  }
  EXPECT_LT(difference, 1e-9 * largest);
  RecordProperty("relative difference", number(difference / largest));
  EXPECT_NEAR((*model)->objective().state(0).step[0].l2_norm(), 2.2903554097537e-3, 1e-9 * 2.29e-3);
}

TEST(ReferenceInversionParallel, ObjectiveGradientAndHessian)
{
  const Reference reference;
  const auto model = reference.model("direct");
  ReducedObjective &objective = (*model)->objective();
  const double tolerance = 1e-8;
  model->evaluate(model->unknowns(point));
  EXPECT_NEAR(objective.value(), 6824.6907728, tolerance * 6824.69);
  EXPECT_NEAR(objective.prior_value(), 3.0082028780, tolerance * 3.0082);
  EXPECT_NEAR(objective.misfit_value(), 6821.6825699, tolerance * 6821.68);

  ParameterVector g, h;
  ASSERT_TRUE(objective.gradient(g).converged);
  const double cell_volume = std::pow(1. / n, 3);
  EXPECT_NEAR(g.values().l2_norm() / std::sqrt(cell_volume), 143844.42574, tolerance * 143844);

  const ParameterVector d = model->unknowns(direction);
  ASSERT_TRUE(objective.apply_hessian(d, h, true).converged);
  EXPECT_NEAR(h.values() * d.values(), 6525.8468145, tolerance * 6525.8);
}

TEST(ReferenceInversion, ObjectiveAtTheOtherCodesMinimiser)
{
  const Reference reference;
  const auto model = reference.model("direct");
  ReducedObjective &objective = (*model)->objective();
  const auto minimiser = read_rows("r3_n16_minimiser.txt");
  const auto value = [&](const dealii::Point<3> &p) {
    return minimiser[int(p[0] * n) + n * (int(p[1] * n) + n * int(p[2] * n))][0];
  };
  model->evaluate(model->unknowns([](const dealii::Point<3> &) { return 0; }));
  ParameterVector g;
  ASSERT_TRUE(objective.gradient(g).converged);
  const double start = g.values().l2_norm();
  model->evaluate(model->unknowns(value));
  EXPECT_NEAR(objective.value(), 401.9957657, tolerance_at_minimum);
  EXPECT_NEAR(objective.misfit_value(), 361.94954, 1e-5);
  EXPECT_NEAR(objective.prior_value(), 40.04622, 1e-5);
  ASSERT_TRUE(objective.gradient(g).converged);
  EXPECT_LT(g.values().l2_norm(), 1e-6 * start); // where it stopped
}

TEST(ReferenceInversionLong, MinimiserFromZero)
{
  const Reference reference;
  const auto model = reference.model("direct");
  ReducedObjective &objective = (*model)->objective();
  ParameterVector m = (*model)->parametrization().make_vector();
  Inversion inversion(objective, (*model)->volume_weights(), model->parameters.inversion, model->log);
  const auto result = inversion.run(m, (*model)->parametrization().bounds(), 1e-11);
  EXPECT_EQ(result.stop.kind, StopReason::Kind::gradient_tolerance) << result.stop.text;
  EXPECT_NEAR(objective.value(), 401.9957657, tolerance_at_minimum);
  // The other code took 8 Newton steps and 99 inner iterations with the same rule for their number.
  std::printf("Newton steps %u, Hessian actions %u, J %.10g\n", result.last.iteration, result.last.n_hessian_actions,
              objective.value());
  EXPECT_LE(result.last.iteration, 12u);
  EXPECT_LE(result.last.n_hessian_actions, 150u);

  // Both stop at |g| <= 1e-6 |g0|: the minimisers differ by about that times |R^-1 g0|, far below 1e-3.
  const auto minimiser = read_rows("r3_n16_minimiser.txt");
  const double difference = largest_difference(*model, m, minimiser);
  std::printf("largest difference of m from the other code's: %.3g\n", difference);
  EXPECT_LT(difference, 1e-3);
}

namespace
{

/// What the other code found with a prior: J, misfit and prior to 1e-9, m to 1e-7.
struct Minimum
{
  double value, misfit, prior;
  std::string file; ///< of m; empty: it is not compared
};

/// Minimises to |g| <= tolerance |g0| from m, or from 0 if m is empty; m is the minimiser then.
std::unique_ptr<TextProblem<3>> minimise(const Reference &reference, const Entries &prior, const std::string &tolerance,
                                         ParameterVector &m)
{
  auto model = reference.model("direct", prior, tolerance);
  ParameterVector start = (*model)->parametrization().make_vector();
  if (m.size() > 0)
    start.values().copy_locally_owned_data_from(m.values());
  m = start;
  Inversion inversion((*model)->objective(), (*model)->volume_weights(), model->parameters.inversion, model->log);
  const auto result = inversion.run(m, (*model)->parametrization().bounds(), 1e-11);
  std::printf("%s; Newton steps %u, Hessian actions %u, J %.15g\n", result.stop.text.c_str(), result.last.iteration,
              result.last.n_hessian_actions, (*model)->objective().value());
  EXPECT_TRUE(result.stop.converged) << result.stop.text;
  return model;
}

/// Minimises to |g| <= 1e-10 |g0|, from m = 0. The other code stopped at 1e-11.
void expect_minimum(const Entries &prior, const Minimum &expected)
{
  const Reference reference;
  ParameterVector m;
  const auto model = minimise(reference, prior, "1e-10", m);
  const ReducedObjective &objective = (*model)->objective();
  EXPECT_NEAR(objective.value(), expected.value, 1e-9 * expected.value);
  EXPECT_NEAR(objective.misfit_value(), expected.misfit, 1e-9 * expected.misfit);
  EXPECT_NEAR(objective.prior_value(), expected.prior, 1e-9 * expected.prior);
  const double difference = largest_difference(*model, m, read_rows(expected.file));
  std::printf("largest difference of m from the other code's: %.3g\n", difference);
  EXPECT_LT(difference, 1e-7);
}

} // namespace

// The same data with other priors, solved by a dense code of its own and checked with hIPPYlib: a bi-Laplacian; 50 K + 500 M
// without the faces in the plane x = 0.5; and total variation, 100 sum A_f sqrt(d^2 + epsilon^2) + 5/2 m^T M m.
TEST(ReferenceInversionLong, MinimiserWithMaternPrior)
{
  expect_minimum(
      {"Type = Matern", "Standard deviation = 0.7", "Horizontal correlation length = 0.15", "Boundary correction = no"},
      {346.31062111608196, 322.02837739256495, 24.282243723517038, "r3_n16_matern.txt"});
}

TEST(ReferenceInversionLong, MinimiserWithCut)
{
  expect_minimum({"Gradient weight = 50", "Mass weight = 500", "Cut at = x - 0.5"},
                 {398.2494030569198, 360.3236663760115, 37.92573668090828, "r3_n16_cut.txt"});
}

namespace
{
Entries total_variation(const std::string &epsilon)
{
  return {"Type = TV", "Variation weight = 100", "Mass weight = 5", "Epsilon = " + epsilon};
}
} // namespace

TEST(ReferenceInversionLong, MinimiserWithTotalVariation)
{
  expect_minimum(total_variation("0.1"),
                 {606.0728338330052, 344.5673480557932, 261.5054857772121, "r3_n16_tv_0.1.txt"});
  expect_minimum(total_variation("0.01"),
                 {431.8513514688777, 358.69915671242956, 73.15219475644811, "r3_n16_tv_0.01.txt"});
}

// With epsilon = 0.001 there are two minima close together: J = 416.30366 from m = 0, and 416.30270 from the true model.
TEST(ReferenceInversionLong, TotalVariationThroughEarlierModels)
{
  const Reference reference;
  ParameterVector m;
  (void)minimise(reference, total_variation("0.1"), "1e-4", m);
  (void)minimise(reference, total_variation("0.01"), "1e-4", m);
  const auto model = minimise(reference, total_variation("0.001"), "1e-7", m);
  EXPECT_LE((*model)->objective().value(), 416.3037);
}

namespace
{
/// An inversion whose prior's weight the deck leaves to the data, or gives.
struct Search
{
  Search(const Reference &reference, const std::string &weight, const std::string &tolerance)
      : model(
            reference.model("direct", {"Gradient weight = 50", "Mass weight = 500", "Weight = " + weight}, tolerance)),
        search((*model)->objective(), (*model)->volume_weights(), model->parameters.inversion,
               model->parameters.prior.weight_choice(), model->log),
        m((*model)->parametrization().make_vector())
  {
    result = search.run(m, (*model)->parametrization().bounds(), 1e-11);
    std::printf("weight %s: %.8g, %u Newton steps, %u Hessian actions, misfit %.12g\n", weight.c_str(),
                (*model)->objective().prior()->factor(), result.last.iteration, result.last.n_hessian_actions,
                (*model)->objective().misfit_value());
  }
  double chi_squared() const { return search.path().back().chi_squared_per_datum; }

  std::unique_ptr<TextProblem<3>> model;
  WeightSearch search;
  ParameterVector m;
  Optimizer::Result result;
};
} // namespace

// The weights of another code: chi^2/N = 1 at 2.2478216831 and the corner of the L-curve, which is flat, at 14.492774.
TEST(ReferenceInversionLong, WeightByTheDiscrepancy)
{
  const Reference reference;
  const Search given(reference, "2.2478216831", "1e-9");
  EXPECT_NEAR((*given.model)->objective().misfit_value(), 384, 1e-6);
  EXPECT_NEAR((*given.model)->objective().prior_value(), 0.5 * 2.2478216831 * 50.0587503609, 1e-6);
  const double difference = largest_difference(*given.model, given.m, read_rows("r3_n16_discrepancy.txt"));
  std::printf("largest difference of m from the other code's: %.3g\n", difference);
  EXPECT_LT(difference, 1e-7);

  const Search found(reference, "discrepancy", "1e-9");
  EXPECT_TRUE(found.search.succeeded());
  EXPECT_NEAR(found.chi_squared(), 1, 0.01);
  EXPECT_NEAR((*found.model)->objective().prior()->factor(), 2.2478, 0.1);
  // 54 against 45; 66 where the pairs of one weight are taken for the next one as they are.
  EXPECT_LE(found.result.last.n_hessian_actions, 1.35 * given.result.last.n_hessian_actions);
  // The minimiser is the one that a plain minimisation at this weight finds.
  const Search plain(reference, number((*found.model)->objective().prior()->factor()), "1e-9");
  ParameterVector difference_of_m = found.m;
  difference_of_m.values() -= plain.m.values();
  EXPECT_LT(difference_of_m.values().linfty_norm(), 1e-7);
}

TEST(ReferenceInversionLong, WeightByTheLCurve)
{
  const Reference reference;
  const Search found(reference, "l-curve", "1e-6");
  EXPECT_TRUE(found.search.succeeded());
  EXPECT_GE(found.search.path().size(), 6u);
  EXPECT_NEAR((*found.model)->objective().prior()->factor(), 14.4928, 1.4);
}

namespace
{
/// E and nu together: E = exp(m_E), nu = 0.25 + 0.05 m_nu, the prior of m_nu four times that of m_E.
std::unique_ptr<TextProblem<3>> joint_model(const Reference &reference, const std::string &gradient_tolerance)
{
  return reference.model("direct", {"Gradient weight = 50, 200", "Mass weight = 500, 2000"}, gradient_tolerance,
                         {"Unknowns = Young modulus, Poisson ratio", "Transform = log, identity",
                          "Poisson scale = 0.05", "Poisson lower bound = -0.9", "Poisson upper bound = 0.49"});
}

double poisson_point(const dealii::Point<3> &p)
{
  return 0.8 * std::cos(4 * p[0]) * std::sin(3 * p[1]) + 0.5 * p[2];
}

double poisson_direction(const dealii::Point<3> &p)
{
  return std::cos(2 * p[0] - 3 * p[1]) * (1 - p[2]);
}

double young_point(const dealii::Point<3> &p)
{
  return 0.2 * std::sin(3 * p[0]) * std::cos(2 * p[1]) + 0.1 * p[2];
}

template <typename OfYoung, typename OfPoisson>
ParameterVector two_fields(TextProblem<3> &model, const OfYoung &young, const OfPoisson &poisson)
{
  ParameterVector m = model->parametrization().make_vector();
  for (const auto &cell : model->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto first = model->parametrization().cells().index(cell) * 2;
      m.values()(first) = young(cell->center());
      m.values()(first + 1) = poisson(cell->center());
    }
  m.values().update_ghost_values();
  return m;
}
} // namespace

// Another code's numbers with two unknown fields, checked by a third one (FEniCS) to 3e-14.
TEST(ReferenceInversionParallel, ObjectiveGradientAndHessianOfTwoFields)
{
  const Reference reference;
  const auto model = joint_model(reference, "1e-6");
  ReducedObjective &objective = (*model)->objective();
  model->evaluate(two_fields(*model, young_point, poisson_point));
  const auto near = [](const double value, const double expected) {
    EXPECT_NEAR(value, expected, 1e-9 * std::abs(expected));
  };
  near(objective.value(), 7559.055198678627);
  near(objective.misfit_value(), 7273.693203236158);
  near(objective.prior_value(), 2.999965871196525 + 282.36202957127205);

  ParameterVector g, h;
  ASSERT_TRUE(objective.gradient(g).converged);
  const double cell_volume = std::pow(1. / n, 3);
  near(g.values().l2_norm() / std::sqrt(cell_volume), 145201.6676892551);
  const ParameterVector d = two_fields(*model, direction, poisson_direction);
  near(g.values() * d.values(), 7827.287685217929);
  ASSERT_TRUE(objective.apply_hessian(d, h, true).converged);
  near(h.values() * d.values(), 7733.310666707201);
  ASSERT_TRUE(objective.apply_hessian(d, h, false).converged);
  near(h.values() * d.values(), 6456.545321881555);
}

TEST(ReferenceInversionLong, MinimiserOfTwoFields)
{
  const Reference reference;
  const auto model = joint_model(reference, "1e-9");
  ParameterVector m = (*model)->parametrization().make_vector();
  Inversion inversion((*model)->objective(), (*model)->volume_weights(), model->parameters.inversion, model->log);
  const auto result = inversion.run(m, (*model)->parametrization().bounds(), 1e-11);
  std::printf("%s; Newton steps %u, Hessian actions %u\n", result.stop.text.c_str(), result.last.iteration,
              result.last.n_hessian_actions);
  EXPECT_TRUE(result.stop.converged) << result.stop.text;
  EXPECT_LE(result.last.n_hessian_actions, 150u); // 261 where the bounds take the preconditioner away
  const ReducedObjective &objective = (*model)->objective();
  EXPECT_NEAR(objective.value(), 400.62868224993935, 4e-7);
  EXPECT_NEAR(objective.misfit_value(), 360.4175148915921, 4e-7);
  EXPECT_NEAR(objective.prior_value(), 39.00010684045212 + 1.2110605178951523, 4e-8);
  const double difference = largest_difference(*model, m, read_rows("r3_n16_joint.txt"));
  std::printf("largest difference of m from the other code's: %.3g\n", difference);
  EXPECT_LT(difference, 1e-7);
}
