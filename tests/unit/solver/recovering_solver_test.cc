// What is tried, and in which order, when a linear solver breaks down. The solvers are scripted: no system is solved.
#include <lodestone/solver/recovering_solver.h>

#include <gtest/gtest.h>

#include <deque>

using namespace lodestone;

namespace
{

SolveReport solved(const unsigned int iterations)
{
  SolveReport report;
  report.iterations = iterations;
  report.operator_applications = 10 * iterations;
  return report;
}

SolveReport diverged(const unsigned int iterations)
{
  SolveReport report = solved(iterations);
  report.converged = false;
  report.diverged = true;
  report.reason = "it broke down";
  return report;
}

/// Does what it is told, and counts.
class Scripted : public LinearSolver
{
public:
  std::deque<SolveReport> reports;
  unsigned int strengths = 0, renewals = 0, solves = 0;
  bool started_from_zero = false;

  void renew(const Moduli &) override { ++renewals; }
  SolveReport solve(const DistributedVector &, DistributedVector &x, double) override
  {
    ++solves;
    started_from_zero = x.l2_norm() == 0;
    x = 7;
    const SolveReport report = reports.front();
    reports.pop_front();
    return report;
  }
  bool uses_guess() const override { return true; }
  void on_progress(Progress) override {}
  std::string describe() const override { return "scripted"; }
  std::string strengthen() override { return strengths > 0 ? "it is stronger, " + std::to_string(strengths--) : ""; }
};

struct Recovery : testing::Test
{
  Scripted *iterative = new Scripted, *factorisation = nullptr;
  std::vector<std::string> told;
  DistributedVector b, x;

  std::unique_ptr<RecoveringSolver> solver(const bool with_factorisation = true)
  {
    b.reinit(3);
    x.reinit(3);
    x = 5;
    const auto make = [this]() -> std::unique_ptr<LinearSolver> {
      factorisation = new Scripted;
      factorisation->reports = {solved(0), solved(0), solved(0)};
      return std::unique_ptr<LinearSolver>(factorisation);
    };
    auto result = std::make_unique<RecoveringSolver>(std::unique_ptr<LinearSolver>(iterative),
                                                     with_factorisation ? RecoveringSolver::Make(make) : nullptr);
    result->on_notice([this](const std::string &sentence) { told.push_back(sentence); });
    result->renew({});
    return result;
  }
};

} // namespace

TEST_F(Recovery, IsNotNeededByASolveThatConverges)
{
  const auto s = solver();
  iterative->reports = {solved(8)};
  const SolveReport report = s->solve(b, x, 1e-8);
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(report.iterations, 8u);
  EXPECT_TRUE(told.empty());
  EXPECT_FALSE(iterative->started_from_zero);
}

TEST_F(Recovery, StrengthensAsOftenAsItHelps)
{
  const auto s = solver();
  iterative->strengths = 2;
  iterative->reports = {diverged(3), diverged(4), solved(5)};
  const SolveReport report = s->solve(b, x, 1e-8);
  EXPECT_TRUE(report.converged);
  EXPECT_FALSE(report.diverged);
  EXPECT_EQ(report.reason, "");
  EXPECT_EQ(report.iterations, 12u); // the work of all attempts
  EXPECT_EQ(report.operator_applications, 120);
  EXPECT_TRUE(iterative->started_from_zero); // what a breakdown leaves is no guess
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find("it broke down"), std::string::npos);
  EXPECT_NE(told[0].find("it is stronger, 2"), std::string::npos);
  EXPECT_EQ(factorisation, nullptr);
}

TEST_F(Recovery, FactorisesForThisModelWhenNothingElseHelps)
{
  const auto s = solver();
  iterative->strengths = 1;
  iterative->reports = {diverged(3), diverged(3), solved(6)};
  EXPECT_TRUE(s->solve(b, x, 1e-8).converged);
  ASSERT_NE(factorisation, nullptr);
  EXPECT_EQ(factorisation->renewals, 1u);
  EXPECT_EQ(told.size(), 2u);
  EXPECT_NE(told[1].find("factorised"), std::string::npos);
  EXPECT_TRUE(s->solve(b, x, 1e-8).converged); // the factors serve again
  EXPECT_EQ(factorisation->solves, 2u);
  EXPECT_EQ(factorisation->renewals, 1u);
  s->renew({});
  EXPECT_EQ(s->solve(b, x, 1e-8).iterations, 6u); // a new model, the iterative method again
  EXPECT_EQ(iterative->renewals, 2u);
}

TEST_F(Recovery, ReportsTheBreakdownWhereAFactorisationIsTooLarge)
{
  const auto s = solver(false);
  iterative->reports = {diverged(3)};
  const SolveReport report = s->solve(b, x, 1e-8);
  EXPECT_FALSE(report.converged);
  EXPECT_EQ(report.reason, "it broke down");
  EXPECT_TRUE(told.empty());
}

TEST_F(Recovery, ASlowSolveGoesOnOnceWithAStrongerMethod)
{
  const auto s = solver();
  SolveReport slow = solved(2000);
  slow.converged = false;
  slow.reason = "it was slow";
  iterative->strengths = 2;
  iterative->reports = {slow, solved(30), slow, slow};
  const SolveReport report = s->solve(b, x, 1e-8);
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(report.iterations, 2030u);
  EXPECT_FALSE(iterative->started_from_zero);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("it was slow"), std::string::npos);
  EXPECT_EQ(s->solve(b, x, 1e-8).reason, "it was slow"); // twice
  EXPECT_EQ(iterative->strengths, 0u);
  EXPECT_EQ(factorisation, nullptr);
}

TEST_F(Recovery, WhatCannotBeSolvedIsNotTriedAgain)
{
  const auto s = solver();
  SolveReport wrong = solved(0);
  wrong.converged = false;
  wrong.reason = "the right-hand side is not finite";
  iterative->strengths = 2;
  iterative->reports = {wrong};
  EXPECT_EQ(s->solve(b, x, 1e-8).reason, wrong.reason);
  EXPECT_EQ(iterative->strengths, 2u);
  EXPECT_TRUE(told.empty());
}

namespace
{
struct Failing : Scripted
{
  static SolveReport explained(const double residual, const std::string &breakdown, const double tolerance = 1e-10,
                               const unsigned int iterations = 2000)
  {
    SolveReport report = solved(iterations);
    report.converged = false;
    report.relative_residual = residual;
    explain_failure(report, tolerance, {}, breakdown); // Tolerance 1e-10, 2000 iterations
    return report;
  }
};
} // namespace

TEST(FailureText, SaysWhatTheSolveDidAndWhichEntriesBoundIt)
{
  const SolveReport slow = Failing::explained(3e-6, "");
  EXPECT_FALSE(slow.diverged);
  for (const char *part : {"3e-06", "2000", "Solver/Maximum iterations", "Solver/Tolerance asks for 1e-10"})
    EXPECT_NE(slow.reason.find(part), std::string::npos) << slow.reason;
  EXPECT_NE(Failing::explained(3e-6, "", 1e-7).reason.find("an inexact solve asks for 1e-07"), std::string::npos);
  EXPECT_TRUE(Failing::explained(0.5, "").diverged);             // no headway
  EXPECT_FALSE(Failing::explained(0.5, "", 1e-10, 50).diverged); // few iterations were allowed
  EXPECT_TRUE(Failing::explained(1e-3, "the cycle is indefinite").diverged);
  EXPECT_NE(Failing::explained(1e-3, "the cycle is indefinite").reason.find("the cycle is indefinite"),
            std::string::npos);
  EXPECT_TRUE(Failing::explained(std::nan(""), "").diverged);
}
