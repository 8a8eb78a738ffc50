// TaoOptimizer on functions whose minimiser is known. Parallel suites run on 1, 2 and 3 ranks.
#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>
#include <lodestone/optimizer/tao_optimizer.h>

#include <gtest/gtest.h>

#include "quartic_objective.h"
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>

using namespace lodestone;
using lodestone::test::QuarticObjective;

namespace
{

struct Descent
{
  TaoOptimizer::Result result;
  DistributedVector m;
  std::vector<OptimizerIterate> history;
  std::vector<DistributedVector> iterates;
  std::vector<OptimizerState> states;
  std::vector<std::string> log;
};

Descent minimize(QuarticObjective &objective, const std::string &method, const double tolerance = 1e-6,
                 const Bounds *bounds = nullptr, const unsigned int maximum_iterations = 500)
{
  Descent run;
  TaoOptimizer::Parameters parameters;
  parameters.method = method;
  parameters.gradient_tolerance = tolerance;
  parameters.maximum_iterations = maximum_iterations;
  TaoOptimizer::Callbacks callbacks;
  const Optimizer *optimizer = nullptr;
  callbacks.monitor = [&](const OptimizerIterate &info, const DistributedVector &m) {
    run.history.push_back(info);
    run.iterates.push_back(m);
    run.states.push_back(optimizer->state());
  };
  callbacks.log = [&run](const std::string &text) { run.log.push_back(text); };
  run.m = objective.zero();
  const auto made = make_optimizer(parameters, callbacks);
  optimizer = made.get();
  run.result = made->minimize(objective, run.m, bounds);
  if (std::getenv("SHOW_RUNS") && dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::cout << method << ": " << run.result.last.iteration << " iterations, " << run.result.last.n_evaluations << " ("
              << run.result.last.n_failed_evaluations << " failed) evaluations, " << run.result.last.n_hessian_actions
              << " Hessian actions, |g|/|g0| " << run.result.last.relative_gradient << "; " << run.result.stop.text
              << std::endl;
  return run;
}

class TaoMethodParallel : public ::testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Methods, TaoMethodParallel,
                         ::testing::Values("steepest", "cg", "lmvm", "blmvm", "bqnls", "bnls", "bntr"));

} // namespace

TEST_P(TaoMethodParallel, ReachesMinimiserOfQuadratic)
{
  QuarticObjective objective;
  objective.exact_metric = false;
  objective.set_spread(100.);
  objective.coupling = 1.;
  const Descent run = minimize(objective, GetParam());
  EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
  EXPECT_EQ(run.result.stop.kind, StopReason::Kind::gradient_tolerance) << run.result.stop.text;
  EXPECT_LT(objective.distance(run.m), 2e-3);
  EXPECT_EQ(run.history.size(), run.result.last.iteration + 1);
}

TEST_P(TaoMethodParallel, ReachesMinimiserOfQuartic)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.coupling = 1.;
  const Descent run = minimize(objective, GetParam(), 1e-7);
  EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
  EXPECT_LT(objective.distance(run.m), 1e-4);
  // Accepted iterates never raise J.
  for (unsigned int k = 1; k < run.history.size(); ++k)
    EXPECT_LE(run.history[k].value, run.history[k - 1].value * (1 + 1e-12)) << k;
}

TEST_P(TaoMethodParallel, ExactMetricNeedsOneStep)
{
  QuarticObjective objective;
  objective.set_spread(1e6);
  const Descent run = minimize(objective, GetParam(), 1e-8);
  EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
  EXPECT_LE(run.result.last.iteration, GetParam() == "cg" ? 3u : GetParam() == "steepest" ? 2u : 1u);
  EXPECT_LT(objective.distance(run.m), 1e-6);
}

TEST_P(TaoMethodParallel, FailedEvaluationsShortenTheStep)
{
  QuarticObjective objective;
  objective.soft = true;
  objective.coupling = 0.1;
  objective.exact_metric = false;
  objective.failure_radius = 1.05 * objective.target.l2_norm();
  const Descent run = minimize(objective, GetParam());
  EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
  EXPECT_LT(objective.distance(run.m), 1e-4);
  EXPECT_GT(run.result.last.n_failed_evaluations, 0u);
  for (const DistributedVector &m : run.iterates)
    EXPECT_LE(m.l2_norm(), objective.failure_radius);
}

TEST_P(TaoMethodParallel, FailsBeyondATenthOfTheWay)
{
  // The minimiser lies outside of where J can be computed: the run must end properly, inside, and lower than it began.
  QuarticObjective objective;
  objective.failure_radius = 0.1 * objective.target.l2_norm();
  const Descent run = minimize(objective, GetParam(), 1e-6, nullptr, 10);
  EXPECT_FALSE(run.result.stop.converged) << run.result.stop.text;
  EXPECT_LE(run.m.l2_norm(), objective.failure_radius);
  EXPECT_LT(run.result.last.value, run.history.front().value);
}

TEST_P(TaoMethodParallel, BoundsHoldAndMinimiserInTheBoxIsFound)
{
  QuarticObjective objective;
  objective.quartic = 0.3;
  objective.set_spread(100.);
  objective.exact_metric = false;
  Bounds bounds{objective.target, objective.target};
  bounds.lower = -1.;
  bounds.upper = 1.5;
  const Descent run = minimize(objective, GetParam(), 1e-6, &bounds);
  EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
  double error = 0;
  for (const auto i : run.m.locally_owned_elements())
    error = std::max(error, std::abs(run.m(i) - std::min(1.5, std::max(-1., objective.target(i)))));
  EXPECT_LT(dealii::Utilities::MPI::max(error, MPI_COMM_WORLD), 1e-3);
  for (const DistributedVector &m : run.iterates)
    for (const auto i : m.locally_owned_elements())
      EXPECT_TRUE(m(i) >= -1. && m(i) <= 1.5);
}

TEST_P(TaoMethodParallel, ScaleOfTheObjectiveDoesNotMatter)
{
  const auto iterates = [](const double scale) {
    QuarticObjective objective;
    objective.quartic = 0.5;
    objective.coupling = 1.;
    objective.scale = scale;
    objective.update_weights();
    return minimize(objective, GetParam(), 1e-5, nullptr, 10).iterates;
  };
  const auto reference = iterates(1.);
  for (const double scale : {std::ldexp(1., -90), std::ldexp(1., 60), 1e-25, 3e7})
  {
    const auto scaled = iterates(scale);
    ASSERT_EQ(scaled.size(), reference.size());
    int exponent;
    const bool power_of_two = std::frexp(scale, &exponent) == 0.5;
    for (unsigned int k = 0; k < scaled.size(); ++k)
    {
      DistributedVector difference(scaled[k]);
      difference -= reference[k];
      EXPECT_LE(difference.linfty_norm(), power_of_two ? 0. : 1e-8) << "scale " << scale << ", iterate " << k;
    }
  }
}

// Function tolerance is a part of J: a run ends after the first iteration that reduces J by less than that, whatever J
// is measured in.
TEST_P(TaoMethodParallel, FunctionToleranceIsAPartOfTheValue)
{
  constexpr double tolerance = 1e-3;
  unsigned int iterations = 0;
  for (const double scale : {1., 1e-6, 1e6})
  {
    QuarticObjective objective;
    objective.quartic = 0.5;
    objective.coupling = 1.;
    objective.exact_metric = false;
    objective.scale = scale;
    objective.update_weights();
    TaoOptimizer::Parameters parameters;
    parameters.method = GetParam();
    parameters.gradient_tolerance = 1e-12;
    parameters.function_tolerance = tolerance;
    TaoOptimizer::Callbacks callbacks;
    std::vector<double> values;
    callbacks.monitor = [&values](const OptimizerIterate &info, const DistributedVector &) {
      values.push_back(info.value);
    };
    DistributedVector m = objective.zero();
    const auto result = TaoOptimizer(parameters, callbacks).minimize(objective, m);
    EXPECT_EQ(result.stop.kind, StopReason::Kind::function_tolerance) << result.stop.text;
    EXPECT_TRUE(result.stop.converged);
    ASSERT_GT(values.size(), 2u);
    for (unsigned int k = 1; k < values.size(); ++k)
      EXPECT_EQ(values[k - 1] - values[k] <= tolerance * values[k], k + 1 == values.size())
          << "scale " << scale << ", iteration " << k;
    if (scale == 1)
      iterations = result.last.iteration;
    EXPECT_EQ(result.last.iteration, iterations) << "scale " << scale;
  }
}

TEST_P(TaoMethodParallel, InterruptKeepsTheLastIterate)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.exact_metric = false;
  objective.set_spread(1e4);
  TaoOptimizer::Parameters parameters;
  parameters.method = GetParam();
  parameters.gradient_tolerance = 1e-10;
  TaoOptimizer::Callbacks callbacks;
  DistributedVector last;
  callbacks.monitor = [&last](const OptimizerIterate &, const DistributedVector &m) { last = m; };
  // On one rank only; in the middle of an iteration.
  const bool here = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  callbacks.stop_requested = [&] { return here && objective.n_evaluations >= 4; };
  DistributedVector m = objective.zero();
  const auto result = TaoOptimizer(parameters, callbacks).minimize(objective, m);
  EXPECT_EQ(result.stop.kind, StopReason::Kind::interrupted) << result.stop.text;
  EXPECT_TRUE(result.stop.resumable);
  EXPECT_LE(objective.n_evaluations, 4u);
  last -= m;
  EXPECT_EQ(last.linfty_norm(), 0.);
}

TEST_P(TaoMethodParallel, MaximumIterationsAreCounted)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.exact_metric = false;
  objective.set_spread(1e4);
  const Descent run = minimize(objective, GetParam(), 1e-12, nullptr, 3);
  EXPECT_EQ(run.result.stop.kind, StopReason::Kind::maximum_iterations) << run.result.stop.text;
  EXPECT_EQ(run.result.last.iteration, 3u);
  EXPECT_TRUE(run.result.stop.resumable);
}

TEST_P(TaoMethodParallel, WrongGradientIsSuspected)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.gradient_factor = -1.;
  const Descent run = minimize(objective, GetParam());
  EXPECT_EQ(run.result.stop.kind, StopReason::Kind::suspect_derivative) << run.result.stop.text;
  EXPECT_NE(run.result.stop.text.find("lodestone verify"), std::string::npos);
  EXPECT_EQ(run.m.linfty_norm(), 0.);
  EXPECT_EQ(run.result.last.n_evaluations, objective.n_evaluations);
  EXPECT_LE(objective.n_evaluations, 14u);
}

TEST_P(TaoMethodParallel, NoiseOfTheSolverIsNamed)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.coupling = 1.;
  objective.value_noise = 1e-7;
  TaoOptimizer::Parameters parameters;
  parameters.method = GetParam();
  parameters.gradient_tolerance = 1e-14;
  parameters.maximum_iterations = 2000;
  TaoOptimizer optimizer(parameters);
  optimizer.set_value_accuracy(1e-7);
  DistributedVector m = objective.zero();
  const auto result = optimizer.minimize(objective, m);
  EXPECT_TRUE(result.stop.kind == StopReason::Kind::rounding_level ||
              result.stop.kind == StopReason::Kind::gradient_tolerance)
      << result.stop.text;
  EXPECT_LT(objective.distance(m), 1e-4);
  if (result.stop.kind == StopReason::Kind::rounding_level)
  {
    EXPECT_FALSE(result.stop.converged);
    EXPECT_NE(result.stop.text.find("relative tolerance of the forward solver"), std::string::npos);
  }
  else
    EXPECT_TRUE(result.stop.converged);
  if (std::getenv("SHOW_RUNS"))
    std::cout << GetParam() << ": " << result.last.iteration << " iterations, " << result.last.n_evaluations
              << " evaluations, |g|/|g0| " << result.last.relative_gradient << "; " << result.stop.text << std::endl;
}

// A tolerance of 0 asks for more than double precision has: the run ends by itself, long before its iterations are used
// up, and says so.
TEST_P(TaoMethodParallel, RoundingLevelIsNamed)
{
  for (const double accuracy : {0., 1e-10}) // of J: it may be better than its tolerance says
  {
    QuarticObjective objective;
    objective.quartic = 1.;
    objective.coupling = 1.;
    TaoOptimizer::Parameters parameters;
    parameters.method = GetParam();
    parameters.gradient_tolerance = 0;
    parameters.maximum_iterations = 2000;
    TaoOptimizer optimizer(parameters);
    optimizer.set_value_accuracy(accuracy);
    DistributedVector m = objective.zero();
    const auto result = optimizer.minimize(objective, m);
    EXPECT_EQ(result.stop.kind, StopReason::Kind::rounding_level) << result.stop.text;
    EXPECT_EQ(result.stop.converged, accuracy == 0 || result.last.relative_gradient < 1e-13) << result.stop.text;
    EXPECT_EQ(result.stop.text.find("rounding level") != std::string::npos, result.stop.converged) << result.stop.text;
    const bool searches_by_value =
        GetParam() == "steepest" || GetParam() == "cg"; // they end where J no longer falls measurably
    EXPECT_LT(result.last.relative_gradient, searches_by_value ? 1e-7 : 1e-13);
    EXPECT_LT(result.last.iteration, 200u);
    EXPECT_LT(objective.distance(m), 1e-6);
  }
}

TEST_P(TaoMethodParallel, ExceptionPassesThroughAndKeepsTheIterate)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  TaoOptimizer::Parameters parameters;
  parameters.method = GetParam();
  TaoOptimizer::Callbacks callbacks;
  callbacks.begin_iteration = [](const unsigned int k) {
    if (k == 2)
      throw std::runtime_error("from the caller");
  };
  DistributedVector m = objective.zero();
  EXPECT_THROW(TaoOptimizer(parameters, callbacks).minimize(objective, m), std::runtime_error);
  EXPECT_GT(m.linfty_norm(), 0.);
}

TEST_P(TaoMethodParallel, ZeroGradientAtTheStart)
{
  QuarticObjective objective;
  TaoOptimizer::Parameters parameters;
  parameters.method = GetParam();
  DistributedVector m = objective.target;
  const auto result = TaoOptimizer(parameters).minimize(objective, m);
  EXPECT_TRUE(result.stop.converged) << result.stop.text;
  EXPECT_EQ(result.last.iteration, 0u);
  EXPECT_EQ(objective.distance(m), 0.);
}

TEST_P(TaoMethodParallel, ObjectiveThatVanishesAtTheMinimiser)
{
  QuarticObjective objective;
  objective.offset = 0.;
  objective.quartic = 0.5;
  objective.coupling = 1.;
  objective.exact_metric = false;
  const Descent run = minimize(objective, GetParam(), 1e-9);
  EXPECT_EQ(run.result.stop.kind, StopReason::Kind::gradient_tolerance) << run.result.stop.text;
  EXPECT_LT(objective.distance(run.m), 1e-6);
}

TEST_P(TaoMethodParallel, RanksDoNotMatter)
{
  const auto history = [](const MPI_Comm comm) {
    QuarticObjective objective(60, comm);
    objective.quartic = 0.5;
    objective.coupling = 1.;
    return minimize(objective, GetParam(), 1e-5, nullptr, 8).history;
  };
  const auto one = history(MPI_COMM_SELF), all = history(MPI_COMM_WORLD);
  ASSERT_EQ(one.size(), all.size());
  for (unsigned int k = 0; k < one.size(); ++k)
  {
    EXPECT_NEAR(one[k].value, all[k].value, 1e-9 * one[k].value) << k;
    EXPECT_EQ(one[k].n_evaluations, all[k].n_evaluations) << k;
  }
}

class TaoNewtonParallel : public ::testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Methods, TaoNewtonParallel, ::testing::Values("bnls", "bntr"));

TEST_P(TaoNewtonParallel, FailedHessianActionsTruncateTheStep)
{
  for (const unsigned int failing : {1u, 2u, 5u})
  {
    QuarticObjective objective;
    objective.quartic = 1.;
    objective.coupling = 1.;
    objective.failing_action = failing; // every action, every second, every fifth
    const Descent run = minimize(objective, GetParam());
    EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
    EXPECT_LT(objective.distance(run.m), 1e-4);
    EXPECT_FALSE(run.log.empty());
  }
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.linearize_works = false;
  EXPECT_TRUE(minimize(objective, GetParam()).result.stop.converged);
  EXPECT_EQ(objective.n_actions, 0u);
}

// A step whose end has much of the slope left that its start had shows another Hessian than that of the pairs.
TEST(TaoOptimizerParallel, CurvaturePairsGoWhereTheHessianHasChanged)
{
  unsigned int n_kept = 0, n_forgotten = 0;
  for (const double quartic : {0., 1.})
  {
    QuarticObjective objective;
    objective.exact_metric = false;
    objective.set_spread(100.);
    objective.coupling = 1.;
    objective.quartic = quartic;
    TaoOptimizer::Parameters parameters;
    parameters.gradient_tolerance = 1e-8;
    DistributedVector m = objective.zero(), before = m, slope = m, here = m;
    std::size_t n_before = 0;
    const Optimizer *running = nullptr;
    const auto n_pairs = [&] {
      const auto vectors = running->state().vectors;
      return std::count_if(vectors.begin(), vectors.end(),
                           [](const auto &vector) { return vector.first.rfind("curvature_", 0) == 0; }) /
             2;
    };
    parameters.curvature_pairs = 1000;
    TaoOptimizer::Callbacks callbacks;
    callbacks.monitor = [&](const OptimizerIterate &info, const DistributedVector &iterate) {
      double value;
      objective.value_and_gradient(iterate, value, here);
      if (info.iteration > 0)
      {
        DistributedVector step = iterate;
        step -= before;
        const bool changed = std::abs((here * step) / (slope * step)) > 0.3;
        EXPECT_EQ(n_pairs(), changed ? 0 : n_before + info.inner_iterations) << info.iteration;
        ++(changed ? n_forgotten : n_kept);
      }
      before = iterate;
      slope = here;
      n_before = n_pairs();
    };
    TaoOptimizer optimizer(parameters, callbacks);
    running = &optimizer;
    EXPECT_TRUE(optimizer.minimize(objective, m).stop.converged);
    EXPECT_EQ(quartic > 0, n_forgotten > 0) << "a quadratic's Hessian is the same everywhere";
  }
  EXPECT_GT(n_kept, 0u);
}

// A run that is continued where the trust region was short goes on with the region it had.
TEST(TaoOptimizerParallel, TrustRegionIsContinued)
{
  const auto make = [] {
    QuarticObjective objective;
    objective.soft = true; // Newton steps overshoot: the radius binds
    objective.coupling = 10;
    objective.exact_metric = false;
    objective.set_spread(1e4);
    return objective;
  };
  QuarticObjective objective = make();
  const Descent whole = minimize(objective, "bntr", 1e-6);
  ASSERT_TRUE(whole.result.stop.converged) << whole.result.stop.text;
  // Later inner iterations are so many that they amplify the rounding of a run that starts anew.
  constexpr unsigned int last = 7;
  ASSERT_GT(whole.history.size(), last);
  double difference_without = 0;
  for (const bool keep : {true, false})
    for (unsigned int k = 1; k + 2 <= last; ++k)
    {
      QuarticObjective again = make();
      TaoOptimizer::Parameters parameters;
      parameters.method = "bntr";
      parameters.gradient_tolerance = 1e-6;
      parameters.maximum_iterations = k + 2;
      TaoOptimizer optimizer(parameters);
      OptimizerState state = whole.states[k];
      EXPECT_EQ(state.number("iteration", -1), k);
      EXPECT_EQ(state.number("reference_gradient", 0), whole.history[0].gradient_norm);
      if (!keep)
        state.numbers.erase("trust_radius");
      optimizer.resume(state);
      DistributedVector m = whole.iterates[k];
      EXPECT_EQ(optimizer.minimize(again, m).last.iteration, k + 2)
          << "iterations are counted from the start of the whole run";
      m -= whole.iterates[k + 2];
      const double difference = m.linfty_norm();
      if (keep)
        EXPECT_LT(difference, 1e-9) << "from iterate " << k;
      else
        difference_without = std::max(difference_without, difference);
    }
  EXPECT_GT(difference_without, 1e-3) << "the radius does not matter in this run: choose another one";
}

TEST(TaoOptimizerParallel, BoundsLeaveThePreconditioner)
{
  // Many unknowns end at a bound, most of them on the later ranks; the coupling makes the others depend on them.
  for (const std::string method : {"bnls", "bntr"})
  {
    unsigned int actions[2];
    DistributedVector found[2];
    for (const bool exact : {false, true})
    {
      QuarticObjective objective;
      objective.exact_metric = false;
      objective.exact_preconditioner = exact;
      objective.quartic = 0.3;
      objective.coupling = 30;
      objective.set_spread(1e4);
      Bounds bounds{objective.target, objective.target};
      for (const auto i : bounds.lower.locally_owned_elements())
      {
        bounds.lower(i) = i < 20 ? -5. : -1.;
        bounds.upper(i) = i < 20 ? 5. : 0.4;
      }
      const Descent run = minimize(objective, method, 1e-8, &bounds);
      EXPECT_TRUE(run.result.stop.converged) << run.result.stop.text;
      actions[exact] = run.result.last.n_hessian_actions;
      found[exact] = run.m;
    }
    found[0] -= found[1];
    EXPECT_LT(found[0].linfty_norm(), 1e-4);
    EXPECT_LE(4 * actions[1], actions[0])
        << method << ": " << actions[1] << " actions with, " << actions[0] << " without";
  }
}

TEST(TaoOptimizerParallel, TheLastStepDoesNoMoreThanIsAsked)
{
  QuarticObjective objective;
  objective.exact_metric = false;
  objective.set_spread(1e4);
  for (const double tolerance : {3e-4, 1e-4, 3e-5, 1e-6, 1e-7, 1e-8})
  {
    const Descent run = minimize(objective, "bnls", tolerance);
    EXPECT_LE(run.result.last.relative_gradient, tolerance);
    EXPECT_GE(run.result.last.relative_gradient, 0.02 * tolerance);
  }
}

// A run that goes on from a state makes the same iterates as the run that was not stopped, to the last bit: also behind the
// fiftieth iteration, where methods whose memory nobody can reach begin anew, and where line searches had to be shortened.
TEST_P(TaoMethodParallel, GoesOnToTheLastDigit)
{
  const auto make = [](const bool soft) {
    QuarticObjective objective;
    objective.soft = soft;
    objective.quartic = soft ? 0. : 1.;
    objective.coupling = 10;
    objective.exact_metric = false;
    objective.set_spread(soft ? 1e2 : 1e4);
    return objective;
  };
  unsigned int n_resumed = 0;
  for (const bool soft : {false, true})
  {
    QuarticObjective objective = make(soft);
    const Descent whole = minimize(objective, GetParam(), 1e-9, nullptr, 70);
    for (const unsigned int k : {0, 1, 2, 5, 21, 30, 49, 50, 51, 60})
    {
      if (k + 1 >= whole.history.size())
        break;
      QuarticObjective again = make(soft);
      TaoOptimizer::Parameters parameters;
      parameters.method = GetParam();
      parameters.gradient_tolerance = 1e-9;
      parameters.maximum_iterations = std::min<unsigned int>(k + 8, whole.history.size() - 1);
      TaoOptimizer::Callbacks callbacks;
      unsigned int next = k;
      callbacks.monitor = [&](const OptimizerIterate &info, const DistributedVector &m) {
        ASSERT_EQ(info.iteration, next++);
        EXPECT_EQ(info.value, whole.history[info.iteration].value) << "from " << k << " at " << info.iteration;
        EXPECT_EQ(info.relative_gradient, whole.history[info.iteration].relative_gradient);
        DistributedVector difference = m;
        difference -= whole.iterates[info.iteration];
        EXPECT_EQ(difference.linfty_norm(), 0) << "from " << k << " at " << info.iteration;
      };
      callbacks.log = [](const std::string &text) { ADD_FAILURE() << text; };
      TaoOptimizer optimizer(parameters, callbacks);
      optimizer.resume(whole.states[k]);
      DistributedVector m = whole.iterates[k];
      (void)optimizer.minimize(again, m);
      EXPECT_EQ(next, parameters.maximum_iterations + 1);
      ++n_resumed;
    }
  }
  EXPECT_GT(n_resumed, 3u);
}

// What a state of another method, or of other steps, holds is not believed.
TEST(TaoOptimizerParallel, MemoriesThatDoNotFitAreLeft)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  objective.coupling = 1.;
  const Descent whole = minimize(objective, "cg");
  ASSERT_GT(whole.states.size(), 4u);
  const std::pair<std::string, std::string> cases[] = {
      {"method", "with another method"}, {"step", "cannot be repeated"}, {"J", "J has changed"}};
  for (const auto &[what, message] : cases)
  {
    OptimizerState state = whole.states[4];
    const bool other_method = what == "method";
    if (what == "step")
      state.numbers.at("exact_answer_002_distance") *= 2;
    if (what == "J")
      for (auto &[name, value] : state.numbers)
        if (name.rfind("exact_answer_", 0) == 0 && name.find("_value") != std::string::npos)
          value *= 1.001;
    TaoOptimizer::Parameters parameters;
    parameters.method = other_method ? "lmvm" : "cg";
    std::string said;
    TaoOptimizer::Callbacks callbacks;
    callbacks.log = [&said](const std::string &text) { said += text; };
    unsigned int first = 1000;
    callbacks.monitor = [&first](const OptimizerIterate &info, const DistributedVector &) {
      first = std::min(first, info.iteration);
    };
    TaoOptimizer optimizer(parameters, callbacks);
    optimizer.resume(state);
    DistributedVector m = whole.iterates[4];
    const auto result = optimizer.minimize(objective, m);
    EXPECT_TRUE(result.stop.converged) << result.stop.text;
    EXPECT_EQ(first, 4u);
    EXPECT_LT(objective.distance(m), 2e-3);
    EXPECT_NE(said.find(message), std::string::npos) << said;
  }
}

TEST(TaoOptimizerParallel, LogSaysWhatBoundsChange)
{
  QuarticObjective objective;
  Bounds bounds{objective.target, objective.target};
  bounds.lower = -std::numeric_limits<double>::infinity();
  bounds.upper = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(minimize(objective, "bnls", 1e-6, &bounds).log.empty());
  bounds.upper = 1.;
  const Descent run = minimize(objective, "lmvm", 1e-6, &bounds);
  ASSERT_EQ(run.log.size(), 2u);
  EXPECT_NE(run.log[0].find("blmvm"), std::string::npos);
  EXPECT_NE(run.log[1].find("diagonal"), std::string::npos);
}

TEST(TaoOptimizerParallel, PetscOptionsWin)
{
  for (const std::string type : {"nls", "ntr", "tron", "bntl", "bqnkls"})
  {
    QuarticObjective objective;
    objective.quartic = 1.;
    const PetscOptionDefaults options({{"-tao_type", type}, {"-tao_max_it", "2"}});
    Bounds bounds{objective.target, objective.target};
    bounds.lower = -1e3;
    bounds.upper = 1e3;
    const Descent run = minimize(objective, "steepest", 1e-6, type == "tron" ? &bounds : nullptr);
    EXPECT_EQ(run.result.last.iteration, 2u) << type;
    EXPECT_EQ(run.result.last.n_hessian_actions > 0, type != "bqnkls") << type;
  }
  std::string value;
  EXPECT_FALSE(petsc_option("-tao_ls_type", value));
}

TEST(TaoOptimizerParallel, FunctionToleranceTargetAndReference)
{
  QuarticObjective objective;
  objective.quartic = 1.;
  TaoOptimizer::Parameters parameters;
  parameters.method = "lmvm";
  parameters.gradient_tolerance = 1e-12;
  parameters.function_tolerance = 0.1;
  DistributedVector m = objective.zero();
  EXPECT_EQ(TaoOptimizer(parameters).minimize(objective, m).stop.kind, StopReason::Kind::function_tolerance);

  TaoOptimizer::Callbacks callbacks;
  callbacks.target_reached = [](const OptimizerIterate &info) { return info.value < 10.; };
  m = objective.zero();
  const auto result = TaoOptimizer(parameters, callbacks).minimize(objective, m);
  EXPECT_EQ(result.stop.kind, StopReason::Kind::target_reached);

  // Continued with the reference of the first run, nothing is left to do.
  parameters.gradient_tolerance = 2 * result.last.relative_gradient;
  TaoOptimizer continued(parameters);
  continued.resume({{{"reference_gradient", result.last.gradient_norm / result.last.relative_gradient}}, {}});
  EXPECT_EQ(continued.minimize(objective, m).last.iteration, 0u);

  // A state serves one run: the next one starts from its own gradient.
  (void)continued.minimize(objective, m);
  EXPECT_DOUBLE_EQ(continued.state().number("reference_gradient", 0), result.last.gradient_norm);
}

TEST(TaoOptimizerParallel, StartThatCannotBeComputed)
{
  QuarticObjective objective;
  objective.failure_radius = -1.;
  DistributedVector m = objective.zero();
  try
  {
    (void)TaoOptimizer(TaoOptimizer::Parameters()).minimize(objective, m);
    FAIL();
  }
  catch (const SolverError &error)
  {
    EXPECT_NE(std::string(error.what())
                  .find("at the starting model: the point lies outside of where this objective is known"),
              std::string::npos)
        << error.what();
  }
}

TEST(TaoOptimizer, UnknownMethodIsRefusedWithTheNearest)
{
  TaoOptimizer::Parameters parameters;
  parameters.method = "bnsl";
  try
  {
    parameters.validate();
    FAIL();
  }
  catch (const InputError &error)
  {
    EXPECT_NE(std::string(error.what()).find("bnls"), std::string::npos);
  }
}

TEST(StopReason, ExplainsAFailedSearch)
{
  using Kind = StopReason::Kind;
  const StopReason failed =
      explain_failed_search({{true, 0, 0, "first"}, {true, 0, 0, "the solver gave up"}}, 1e-16, false);
  EXPECT_EQ(failed.kind, Kind::trial_steps_failed);
  EXPECT_NE(failed.text.find("at any of 2 trial steps"), std::string::npos) << failed.text;
  EXPECT_NE(failed.text.find("because the solver gave up"), std::string::npos) << failed.text;
  EXPECT_EQ(failed.text.find("log"), std::string::npos) << failed.text; // the log has no more to say
  EXPECT_EQ(explain_failed_search({{false, -1e-8, 3e-9}}, 1e-8, true).kind, Kind::rounding_level);
  EXPECT_FALSE(explain_failed_search({{false, -1e-8, 3e-9}}, 1e-8, true).converged);
  EXPECT_TRUE(explain_failed_search({{false, -1e-16, 0}}, 1e-16, false).converged);
  EXPECT_EQ(explain_failed_search({{false, -1e-2, 1e-2}, {false, -1e-3, 1e-3}}, 1e-16, false).kind,
            Kind::suspect_derivative);
  // Curvature: the ratio tends to 1, the steps were only too long.
  EXPECT_EQ(explain_failed_search({{false, -4., 12.}, {false, -2., 2.}}, 1e-16, false).kind, Kind::no_further_decrease);
}
