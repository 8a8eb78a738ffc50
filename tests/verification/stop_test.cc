// A run that is asked to stop inside a solve.
//
// Model: a unit cube of 8 x 8 x 4 cells under a weight, with each solver. The last rank alone is asked, at the second
// iteration of a solve at another model. Expected: all ranks leave that solve; J and gradient of the model before are
// there to the last bit without a solve; afterwards the solver gives what a fresh one gives. An inversion that is asked
// in the middle of a trial step ends at its last accepted iterate.
#include <lodestone/base/stop_request.h>
#include <lodestone/inversion/inversion.h>

#include "problem_from_text.h"
#include <csignal>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{
class StopParallel : public ::testing::TestWithParam<std::string>
{
protected:
  StopParallel()
  {
    std::vector<std::array<double, 2>> stations;
    std::vector<double> values;
    for (unsigned int i = 0; i < 16; ++i)
    {
      stations.push_back({{0.12 + 0.25 * (i % 4), 0.11 + 0.25 * (i / 4)}});
      values.insert(values.end(), {0., 0., -1e-3 * (1 + 0.1 * i)});
    }
    scratch.write("stations.csv", station_csv(stations, values));
  }
  void SetUp() override { forget_stop_requests(); }
  void TearDown() override { forget_stop_requests(); }

  std::unique_ptr<TextProblem<3>> make() const
  {
    return std::make_unique<TextProblem<3>>(
        section("Mesh", {"Lower corner = 0, 0, 0", "Upper corner = 1, 1, 0.5", "Cells = 8, 8, 4"}) +
            section("Material", {"Young modulus = 1 Pa", "Poisson ratio = 0.25"}) +
            section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
            section("Load cases", {"Names = load"},
                    load_case("load", {{"weight", {"Type = pressure", "Boundary = top", "Value = 1e-3"}}},
                              {{"gnss", {"File = stations.csv", "Sigma = 1e-5"}}})) +
            section("Prior", {"Type = H1", "Gradient weight = 20", "Mass weight = 200"}) +
            section("Optimizer", {"Method = bnls", "Gradient tolerance = 1e-8"}) +
            section("Solver", {"Method = " + GetParam(), "Tolerance = 1e-10", "Warm start vectors = 0"}),
        scratch.path());
  }
  /// From now on the last rank is asked to stop at the second iteration of a solve.
  static void ask_at_the_second_iteration(TextProblem<3> &model, unsigned int solves_before)
  {
    auto &forward = dynamic_cast<ElasticForwardSolver<3> &>(model->forward());
    forward.on_progress([solves_before](const unsigned int iteration, double) mutable {
      using namespace dealii::Utilities::MPI;
      if (iteration == 2 && solves_before-- == 0 &&
          this_mpi_process(MPI_COMM_WORLD) + 1 == n_mpi_processes(MPI_COMM_WORLD))
        request_stop(SIGTERM);
    });
  }
  static double at_a(const dealii::Point<3> &p) { return 0.3 * std::sin(5 * p[0]) * p[2]; }
  static double at_b(const dealii::Point<3> &p) { return 0.5 * std::cos(4 * p[1]) - p[2]; }

  Scratch scratch;
};
} // namespace

TEST_P(StopParallel, AnEvaluationIsLeftAndTheOneBeforeIsThere)
{
  const auto model = make();
  ReducedObjective &objective = (*model)->objective();
  const ParameterVector a = model->unknowns(at_a), b = model->unknowns(at_b);
  model->evaluate(a);
  ParameterVector gradient, again;
  ASSERT_TRUE(objective.gradient(gradient).converged);
  const double value = objective.value();
  objective.keep();

  ask_at_the_second_iteration(*model, 0);
  EXPECT_THROW((void)objective.evaluate(b), Interrupted);
  begin_last_steps();
  const unsigned int solves = objective.ledger().total().solves;
  model->evaluate(a);
  EXPECT_TRUE(objective.has_adjoints());
  ASSERT_TRUE(objective.gradient(again).converged);
  EXPECT_EQ(objective.ledger().total().solves, solves);
  EXPECT_EQ(objective.value(), value);
  again.values() -= gradient.values();
  EXPECT_EQ(again.values().linfty_norm(), 0.);

  const auto fresh = make();
  fresh->evaluate(b);
  model->evaluate(b);
  EXPECT_NEAR(objective.value(), (*fresh)->objective().value(), 1e-8 * objective.value());
}

TEST_P(StopParallel, AnInversionEndsAtItsLastIterate)
{
  const auto model = make();
  Inversion inversion((*model)->objective(), (*model)->volume_weights(), model->parameters.inversion, model->log);
  ParameterVector m = (*model)->parametrization().make_vector(), last = m;
  unsigned int n_iterates = 0;
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    last = at;
    n_iterates = iterate.optimizer.iteration + 1;
    if (iterate.optimizer.iteration == 2)
      ask_at_the_second_iteration(*model, 3);
  });
  inversion.stop_when(stop_requested);
  const auto result = inversion.run(m, (*model)->parametrization().bounds(), 1e-10);
  EXPECT_EQ(result.stop.kind, StopReason::Kind::interrupted) << result.stop.text;
  EXPECT_EQ(result.last.iteration + 1, n_iterates);
  EXPECT_LE(n_iterates, 4u); // the solve that was left may have been the last one of the iteration
  last.values() -= m.values();
  EXPECT_EQ(last.values().linfty_norm(), 0.);
  EXPECT_TRUE((*model)->objective().is_at(m));
}

INSTANTIATE_TEST_SUITE_P(Solvers, StopParallel, ::testing::Values("multigrid", "amg"),
                         [](const auto &info) { return info.param; });
