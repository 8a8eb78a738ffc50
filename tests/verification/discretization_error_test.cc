// The estimated discretization error of data against the true one, and meshes that are adapted to it.
//
// The truth is the same problem with quadratic elements on cells of half the size, whose error is at most a tenth of that
// which is estimated. Expected: estimates between half and twice the truth (root mean square) with linear elements, and
// between half and three times with quadratic ones; an adapted mesh has a true error of at most twice the target with a tenth of
// the cells of a uniform one, and the unknowns, the prior and the derivatives of the mesh that it started from.
#include <lodestone/app/adapt.h>
#include <lodestone/app/discretization_error.h>
#include <lodestone/objective/derivative_check.h>

#include <gtest/gtest.h>

#include "problem_from_text.h"
#include <cmath>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

const Entries young = {"Young modulus = 10 GPa", "Poisson ratio = 0.25", "Unknowns = none"};
const Entries softer_top = {"Young modulus = if(z > -2.3 km, 5 GPa, 20 GPa)", "Poisson ratio = 0.25",
                            "Unknowns = none"};

const Named disc = {
    "ice", {"Type = pressure", "Boundary = top", "Region = (x - 520)^2 + (y + 280)^2 < 4000^2", "Value = 1 MPa"}};
const Named reservoir = {"gas",
                         {"Type = pore pressure",
                          "Region = abs(x - 130) < 3000 && abs(y + 70) < 2000 && abs(z + 2000) < 100",
                          "Value = -10 MPa"}};
const Named fault = {"fault",
                     {"Type = dislocation", "Position = 300, -200, 5 km", "Strike = 30", "Dip = 60", "Rake = -70",
                      "Slip = 1", "Length = 8 km", "Width = 4 km", "Formulation = mesh"}};

/// Stations at odd places near the middle.
std::string stations()
{
  std::vector<std::array<double, 2>> xy;
  for (int i = -2; i <= 2; ++i)
    for (int j = -2; j <= 2; ++j)
      xy.push_back({{3100. * i + 170, 2900. * j - 90}});
  return station_csv(xy, std::vector<double>(3 * xy.size(), 0.));
}

/// A box of 64 km whose cells are refined to 1 km near the stations, in decks with one load.
std::string deck(const Entries &mesh, const Entries &material, const Named &load, const std::string &degree,
                 const std::string &prior = "")
{
  Entries box = {"Lower corner = -32 km, -32 km, -32 km", "Upper corner = 32 km, 32 km, 0"};
  box.insert(box.end(), mesh.begin(), mesh.end());
  return section("Mesh", box) + section("Material", material) +
         section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
         section("Load cases", {"Names = only"},
                 load_case("only", {load}, {{"gnss", {"File = stations.csv", "Sigma = 1 mm"}}})) +
         section("Solver", {"Element degree = " + degree}) + prior;
}

const Entries refined = {"Cells = 16, 16, 8", "Observation refinements = 2", "Observation distance = 4 km"};
const Entries truth = {"Cells = 32, 32, 16", "Observation refinements = 2", "Observation distance = 4 km"};

struct ErrorOfDeck : Scratch
{
  ErrorOfDeck() { write("stations.csv", stations()); }

  /// The data of a deck with nothing unknown, and its estimated error.
  std::pair<DataVector, DataVector> predict(const std::string &text, const bool with_error)
  {
    TextProblem<3> problem(text, path());
    problem.evaluate(problem->parametrization().make_vector());
    DataVector error;
    if (with_error)
      error = estimate_discretization_error(*problem.problem).at_data.at(0);
    return {problem->predict(0), error};
  }
};

double rms(const DataVector &d)
{
  double sum = 0;
  for (const double value : d)
    sum += value * value;
  return std::sqrt(sum / d.size());
}

double rms_difference(DataVector a, const DataVector &b)
{
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] -= b[i];
  return rms(a);
}

double correlation(const DataVector &a, const DataVector &b)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum / (rms(a) * rms(b) * a.size());
}
} // namespace

TEST(DiscretizationErrorParallel, EstimatesAreWithinAFactorOfTwo)
{
  ErrorOfDeck decks;
  for (const auto &[material, load] :
       {std::make_pair(young, disc), {softer_top, disc}, {young, reservoir}, {young, fault}})
  {
    const DataVector exact = decks.predict(deck(truth, material, load, "2"), false).first;
    for (const std::string degree : {"1", "2"})
    {
      const auto [d, estimate] = decks.predict(deck(refined, material, load, degree), true);
      DataVector error = d;
      for (std::size_t i = 0; i < d.size(); ++i)
        error[i] -= exact[i];
      SCOPED_TRACE(material[0] + ", " + load.name + ", Q" + degree + ": true " + number(rms(error)) + ", estimated " +
                   number(rms(estimate)));
      if (degree == "1")
      {
        EXPECT_GT(correlation(error, estimate), 0.7); // the sign too
      }
      EXPECT_GT(rms(estimate), 0.5 * rms(error));
      EXPECT_LT(rms(estimate), (degree == "1" ? 2 : 3) * rms(error));
    }
  }
}

TEST(DiscretizationErrorParallel, AdaptedMeshesReachTheTarget)
{
  ErrorOfDeck decks;
  const DataVector exact = decks.predict(deck(truth, young, disc, "2"), false).first;
  const Entries coarse = {"Cells = 16, 16, 8", "Adapt = yes", "Target = 3"};
  for (const std::string degree : {"1", "2"})
  {
    TextProblem<3> problem(deck(coarse, young, disc, degree), decks.path());
    const ParameterVector m = problem->parametrization().make_vector();
    problem.problem = adapt_mesh(std::move(problem.problem), m, FirstMesh::is_unknown, problem.log);
    problem.evaluate(copy_for(*problem.problem, m));
    const double error = rms_difference(problem->predict(0), exact) / 1e-3;
    SCOPED_TRACE("Q" + degree + ": error " + number(error) + ", " + problem->describe_mesh());
    EXPECT_LT(largest_rms(*problem.problem, estimate_discretization_error(*problem.problem)), 3);
    EXPECT_LT(error, 6);
    EXPECT_LT(problem->mesh().triangulation().n_global_active_cells(), 20000u); // 1 km everywhere: 131072
  }
}

TEST(DiscretizationErrorParallel, AdaptationIsNotDeceivedByMeshesThatSeeNothing)
{
  // Cells of 16 km hardly notice a point source at 3 km, and meshes of such cells agree with each other. Truth: the field in
  // a half-space, which is exact here. The first box is of 4 cells only.
  ErrorOfDeck decks;
  const auto source = [](const std::string &formulation) {
    return Named{"chamber",
                 {"Type = point source", "Position = 390, -210, 3 km", "Volume change = 1e7 m^3",
                  "Formulation = " + formulation}};
  };
  const DataVector exact = decks.predict(deck(refined, young, source("incident"), "1"), false).first;
  TextProblem<3> problem(deck({"Cells = 2, 2, 1", "Adapt = yes", "Target = 10"}, young, source("mesh"), "1"),
                         decks.path());
  const ParameterVector m = problem->parametrization().make_vector();
  problem.problem = adapt_mesh(std::move(problem.problem), m, FirstMesh::is_unknown, problem.log);
  problem.evaluate(copy_for(*problem.problem, m));
  EXPECT_LT(rms_difference(problem->predict(0), exact) / 1e-3, 20) << problem->describe_mesh();
  EXPECT_GT(rms(exact) / 1e-3, 30);
}

TEST(DiscretizationErrorParallel, UnknownsStayWhenTheMeshIsAdapted)
{
  ErrorOfDeck decks;
  const Entries unknown = {"Young modulus = 10 GPa", "Poisson ratio = 0.25", "Unknowns = Young modulus",
                           "Parameter coarsening = 1"};
  const std::string prior =
      section("Prior", {"Type = H1", "Standard deviation = 0.5", "Horizontal correlation length = 6 km",
                        "Vertical correlation length = 6 km"});
  const std::string text = deck({"Cells = 16, 16, 8", "Adapt = yes", "Target = 5"}, unknown, disc, "1", prior);
  TextProblem<3> start(text, decks.path()), adapted(text, decks.path());
  adapted.problem = adapt_mesh(std::move(adapted.problem), start->parametrization().make_vector(),
                               FirstMesh::is_unknown, adapted.log);
  EXPECT_GT(adapted->mesh().triangulation().n_global_active_cells(), 3000u);

  ParameterVector m = random_direction(start->parametrization().make_vector(), 1);
  ParameterVector same = copy_for(*adapted.problem, m);
  ASSERT_EQ(same.size(), m.size());
  start.evaluate(m);
  adapted.evaluate(same);
  EXPECT_NEAR(adapted->objective().prior_value(), start->objective().prior_value(),
              1e-10 * start->objective().prior_value());
  same.values() *= 0.1;
  same.values().update_ghost_values();
  const DerivativeCheck check =
      check_derivatives(adapted->objective(), same, random_direction(same, 2), random_direction(same, 3));
  EXPECT_TRUE(check.passes(1e-10)) << check.table(1e-10);
}
