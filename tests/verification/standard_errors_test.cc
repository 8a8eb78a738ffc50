// Standard errors and correlations of unknowns, strengths and nuisance terms against closed forms and against dense
// least squares.
//
// A column of two materials between rollers, with heights H_i and moduli M_i = 1.2 E_i (nu = 0.25), sinks by
// p (H_1/M_1 + H_2/M_2) under a pressure p, and by P H_1/M_1 when a pore pressure falls by P in the upper part: the data
// are linear in 1/E_i, and with n stations of noise sigma all second moments follow by hand. Expected: 1e-6.
// In a body without a closed form the same numbers come from a QR of the whitened derivatives of the data, taken by
// differences, beside the columns of strengths and nuisance terms. Expected: 1e-4.
#include <lodestone/app/estimates.h>
#include <lodestone/app/standard_errors.h>
#include <lodestone/observation/least_squares.h>

#include <gtest/gtest.h>

#include "problem_from_text.h"
#include <algorithm>
#include <cmath>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

constexpr double sigma = 1e-3, p = 0.6e6, P = 5e6;
constexpr double of_upper = p * 1300 / 1.2e9, of_lower = p * 1700 / 4.8e9, compaction = P * 1300 / 1.2e9; // m
constexpr unsigned int n_stations = 3;
const Entries no_prior = {"Type = Tikhonov", "Standard deviation = 1e6"};

/// A deck of the column: pressure in one load case, pore pressure in another.
struct Column : Scratch
{
  Column()
  {
    write("pushed.csv", csv(-of_upper - of_lower));
    write("depleted.csv", csv(-compaction));
  }
  static std::string csv(const double up)
  {
    std::string text = "x,y,up\n";
    for (const std::string place : {"-900,300", "0,-100", "1100,200"})
      text += place + "," + number(up) + "\n";
    return text;
  }
  /// @param pressure, data further entries of the pressure and of its data
  static std::string deck(const Entries &pressure, const Entries &data, const bool with_pore_pressure,
                          const Entries &prior = {})
  {
    Entries push = {"Type = pressure", "Boundary = top", "Value = 0.6 MPa"},
            heights = {"File = pushed.csv", "Sigma = 1 mm"};
    push.insert(push.end(), pressure.begin(), pressure.end());
    heights.insert(heights.end(), data.begin(), data.end());
    std::string cases = load_case("pushed", {{"push", push}}, {{"gnss", heights}});
    if (with_pore_pressure)
      cases += load_case("depleted", {{"gas", {"Type = pore pressure", "Zone = upper", "Value = -5 MPa"}}},
                         {{"gnss", {"File = depleted.csv", "Sigma = 1 mm"}}});
    return section("Mesh",
                   {"Lower corner = -2 km, -1 km, -3 km", "Upper corner = 2 km, 1 km, 0", "Cells = 4, 2, 4",
                    "Layers = -1.3 km", "Zones = upper, lower"},
                   section("upper", {"Region = z > -1.3 km"}) + section("lower", {"Region = 1"})) +
           section("Material", {"Young modulus = if(z > -1.3 km, 1 GPa, 4 GPa)", "Poisson ratio = 0.25",
                                "Parameter cells = zones"}) +
           section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
           section("Load cases", {std::string("Names = pushed") + (with_pore_pressure ? ", depleted" : "")}, cases) +
           section("Solver", {"Method = direct"}) + section("Prior", prior.empty() ? no_prior : prior);
  }

  /// At the background. The zones' numbers are in the order of their names in the deck.
  StandardErrors errors(const std::string &text)
  {
    TextProblem<3> problem(text, path());
    const ParameterVector m = problem->parametrization().make_vector();
    problem.evaluate(m);
    return standard_errors(*problem.problem, m, problem.log).value();
  }
};

/// The place of a name in the covariance.
std::size_t place(const StandardErrors &errors, const std::string &name)
{
  const auto found = std::find(errors.names.begin(), errors.names.end(), name);
  EXPECT_NE(found, errors.names.end()) << name;
  return found - errors.names.begin();
}

/// The inverse of a symmetric 2 x 2 matrix: variances and covariance.
struct Inverse
{
  Inverse(const double a, const double b, const double c)
      : first(c / (a * c - b * b)), second(a / (a * c - b * b)), mixed(-b / (a * c - b * b))
  {
  }
  double first, second, mixed;
};

} // namespace

TEST(StandardErrorsParallel, OfAColumn)
{
  Column column;
  const StandardErrors found = column.errors(Column::deck({}, {}, true));
  const double n = n_stations / (sigma * sigma);
  const Inverse c(n * (of_upper * of_upper + compaction * compaction), n * of_upper * of_lower,
                  n * of_lower * of_lower);
  ASSERT_EQ(found.names.size(), 2u);
  const std::size_t upper = place(found, "E of upper"), lower = place(found, "E of lower");
  EXPECT_NEAR(found.unknowns[upper].deviation, std::sqrt(c.first), 1e-6 * std::sqrt(c.first));
  EXPECT_NEAR(found.unknowns[lower].deviation, std::sqrt(c.second), 1e-6 * std::sqrt(c.second));
  EXPECT_NEAR(found.all.correlations[upper][lower], c.mixed / std::sqrt(c.first * c.second), 1e-6);
  EXPECT_NEAR(found.unknowns[upper].value, 1e9, 1);
  EXPECT_NEAR(found.unknowns[upper].lower, 1e9 * std::exp(-std::sqrt(c.first)), 1e3);
  EXPECT_NEAR(found.unknowns[lower].upper, 4e9 * std::exp(std::sqrt(c.second)), 1e3);
}

TEST(StandardErrorsParallel, WithAnEstimatedStrength)
{
  // The pressure is known to 10 %: the mean of its data has the variance sigma^2/n + (0.1 d)^2, and determines only
  // what the pore pressure leaves over. Both data are functions of three numbers: C is the inverse of a 3 x 3 matrix.
  Column column;
  const StandardErrors found = column.errors(
      Column::deck({"Strength = estimate", "Strength mean = 1", "Strength standard deviation = 0.1"}, {}, true));
  const double d = -of_upper - of_lower, mean_variance = sigma * sigma / n_stations,
               variance = mean_variance + 0.01 * d * d;
  const Inverse c(of_upper * of_upper / variance + compaction * compaction / mean_variance,
                  of_upper * of_lower / variance, of_lower * of_lower / variance);
  ASSERT_EQ(found.names.size(), 3u);
  const std::size_t upper = place(found, "E of upper"), lower = place(found, "E of lower"),
                    push = place(found, "pushed, push");
  EXPECT_NEAR(found.unknowns[upper].deviation, std::sqrt(c.first), 1e-6 * std::sqrt(c.first));
  EXPECT_NEAR(found.unknowns[lower].deviation, std::sqrt(c.second), 1e-6 * std::sqrt(c.second));
  // Pressure and moduli can change together without changing the data: nothing is learnt about the pressure.
  EXPECT_NEAR(found.all.deviations[push], 0.1, 1e-7);
  // The lower modulus follows the pressure: d ln E_2 = (a_1 + a_2)/a_2 dp/p where the upper one is known.
  const double follows = (of_upper + of_lower) / of_lower * 0.1;
  EXPECT_NEAR(found.all.correlations[lower][push], follows / std::sqrt(c.second), 1e-6);
  ASSERT_EQ(found.hardly_told_apart().size(), 1u);
  EXPECT_EQ(found.hardly_told_apart()[0].first, lower);
  EXPECT_EQ(found.hardly_told_apart()[0].second, push);
}

TEST(StandardErrorsParallel, BelongToTheirLoadCases)
{
  // Strengths of both load cases, of which the second one also has an offset: the estimates of each case are its part of
  // the covariance.
  Column column;
  const Entries strength = {"Strength = estimate", "Strength mean = 1", "Strength standard deviation = 0.1"};
  std::string text = Column::deck(strength, {}, true);
  const auto insert = [&text](const std::string &after, const std::string &entries) {
    const auto at = text.find(after);
    ASSERT_NE(at, std::string::npos);
    text.insert(at + after.size(), entries);
  };
  insert("  set Value = -5 MPa\n",
         "  set Strength = estimate\n  set Strength mean = 1\n  set Strength standard deviation = 0.2\n");
  insert("  set File = depleted.csv\n", "  set Nuisance = offset\n");
  TextProblem<3> problem(text, column.path());
  const ParameterVector m = problem->parametrization().make_vector();
  problem.evaluate(m);
  const StandardErrors errors = standard_errors(*problem.problem, m, problem.log).value();
  const ResultSource<3> source = result_source(*problem.problem, nullptr, &errors),
                        without = result_source(*problem.problem);
  for (const unsigned int s : {0u, 1u})
  {
    const std::string name = s == 0 ? "push" : "gas", full = (s == 0 ? "pushed, " : "depleted, ") + name;
    const Estimates found = estimates(source, s), at_known_stiffness = estimates(without, s);
    ASSERT_EQ(found.strengths.size(), 1u);
    EXPECT_EQ(found.strengths[0].factor.name, name);
    EXPECT_EQ(found.strengths[0].factor.deviation, errors.all.deviations[place(errors, full)]);
    EXPECT_GE(found.strengths[0].factor.deviation, at_known_stiffness.strengths[0].factor.deviation * (1 - 1e-9));
  }
  EXPECT_NEAR(estimates(without, 0).strengths[0].factor.deviation,
              sigma / std::sqrt(n_stations) / (of_upper + of_lower), 1e-6);
  const Estimates second = estimates(source, 1);
  ASSERT_EQ(second.nuisance.size(), 1u); // up
  EXPECT_EQ(second.nuisance[0].deviation, errors.all.deviations.back());
  EXPECT_EQ(second.correlations[0][1], errors.all.correlations[place(errors, "depleted, gas")].back());
}

TEST(StandardErrorsParallel, OfNumbersThatNothingDetermines)
{
  Column column;
  const StandardErrors found = column.errors(Column::deck({}, {}, false));
  for (const auto &unknown : found.unknowns)
  {
    EXPECT_TRUE(std::isinf(unknown.deviation)) << unknown.deviation;
    EXPECT_TRUE(std::isnan(unknown.lower));
  }
  EXPECT_NEAR(found.all.correlations[0][1], -1, 1e-6); // only their sum is seen

  // A prior determines what the data leave open: in the direction (a_2, -a_1) it is all there is.
  const StandardErrors with_prior =
      column.errors(Column::deck({}, {}, false, {"Type = Tikhonov", "Standard deviation = 0.5"}));
  EXPECT_LT(with_prior.unknowns[0].deviation, 0.6);
  EXPECT_GT(with_prior.all.correlations[0][1], -1);
  EXPECT_LT(with_prior.all.correlations[0][1], -0.99);

  // An offset of the data takes up all that the pressure could tell about the moduli.
  const StandardErrors offset = column.errors(Column::deck({}, {"Nuisance = offset"}, false));
  for (const double deviation : offset.all.deviations)
    EXPECT_TRUE(std::isinf(deviation)) << deviation;
}

TEST(StandardErrorsParallel, AgreeWithDenseLeastSquares)
{
  // Two zones of E and nu beside one another, a source of unknown volume change and an offset: eight numbers, with a
  // prior for the strength alone. Differences are taken of problems whose strength is given and that have no offset.
  Scratch scratch;
  std::string csv = "x,y,east,north,up\n";
  for (int i = -2; i <= 2; ++i)
    for (int j = -2; j <= 2; ++j)
      csv += number(1500. * i + 130) + "," + number(1400. * j - 70) + ",0.01,-0.02,0.03\n";
  scratch.write("gnss.csv", csv);
  const auto deck = [](const Entries &strength, const Entries &nuisance) {
    Entries chamber = {"Type = point source", "Position = 600, 300, 3 km", "Formulation = mesh"},
            gnss = {"File = gnss.csv", "Sigma = 5 mm"};
    chamber.insert(chamber.end(), strength.begin(), strength.end());
    gnss.insert(gnss.end(), nuisance.begin(), nuisance.end());
    return section("Mesh",
                   {"Lower corner = -8 km, -8 km, -8 km", "Upper corner = 8 km, 8 km, 0", "Cells = 8, 8, 8",
                    "Zones = west_part, east_part"},
                   section("west_part", {"Region = x < 0"}) + section("east_part", {"Region = 1"})) +
           section("Material", {"Young modulus = if(x < 0, 8 GPa, 20 GPa)", "Poisson ratio = 0.25",
                                "Unknowns = Young modulus, Poisson ratio", "Parameter cells = zones"}) +
           section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
           section("Load cases", {"Names = only"},
                   load_case("only",
                             {{"ice",
                               {"Type = pressure", "Boundary = top", "Region = (x + 500)^2 + y^2 < 3000^2",
                                "Value = 40 MPa"}},
                              {"chamber", chamber}},
                             {{"gnss", gnss}})) +
           section("Solver", {"Method = direct"}) + section("Prior", no_prior);
  };
  const auto unknowns = [](TextProblem<3> &problem, const unsigned int changed, const double change) {
    ParameterVector m = problem->parametrization().make_vector();
    for (const auto k : m.values().locally_owned_elements())
      m.values()(k) = 0.1 * (int(k % 3) - 1) + (k == changed ? change : 0.);
    m.values().update_ghost_values();
    return m;
  };
  constexpr unsigned int none = 99;
  TextProblem<3> problem(deck({"Volume change = 0.02 km^3", "Strength = estimate", "Strength mean = 1",
                               "Strength standard deviation = 0.5"},
                              {"Nuisance = offset"}),
                         scratch.path());
  const ParameterVector m = unknowns(problem, none, 0);
  problem.evaluate(m);
  const StandardErrors found = standard_errors(*problem.problem, m, problem.log).value();
  const double strength = problem->objective().evaluation(0).strengths.at(0);

  const auto predict = [&](const double at_strength, const unsigned int changed, const double change) {
    TextProblem<3> given(deck({"Volume change = " + number(2e7 * at_strength)}, {}), scratch.path());
    given.evaluate(unknowns(given, changed, change));
    return given->predict(0);
  };
  std::vector<std::vector<double>> columns;
  const auto add_difference = [&](const DataVector &above, const DataVector &below, const double step,
                                  const double prior_row) {
    columns.emplace_back();
    for (std::size_t i = 0; i < above.size(); ++i)
      columns.back().push_back((above[i] - below[i]) / step / 5e-3);
    columns.back().push_back(prior_row);
  };
  constexpr double h = 1e-3;
  for (unsigned int k = 0; k < m.size(); ++k)
    add_difference(predict(strength, k, h), predict(strength, k, -h), 2 * h, 0);
  add_difference(predict(strength + 1, none, 0), predict(strength, none, 0), 1, 1 / 0.5);
  for (unsigned int c = 0; c < 3; ++c)
  {
    DataVector offset(columns[0].size() - 1, 0.);
    for (std::size_t i = c; i < offset.size(); i += 3)
      offset[i] = 1;
    add_difference(offset, DataVector(offset.size(), 0.), 1, 0);
  }
  const LeastSquares dense(columns);
  const auto deviations = dense.deviations();
  const auto correlations = dense.correlations();
  ASSERT_EQ(found.all.deviations.size(), deviations.size());
  for (std::size_t i = 0; i < deviations.size(); ++i)
  {
    EXPECT_NEAR(found.all.deviations[i], deviations[i], 1e-4 * deviations[i]) << found.names[i];
    for (std::size_t j = 0; j < deviations.size(); ++j)
      EXPECT_NEAR(found.all.correlations[i][j], correlations[i][j], 1e-4) << found.names[i] << ", " << found.names[j];
  }
}
