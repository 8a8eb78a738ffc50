// Which solver runs. Limits of `auto` in unknowns, from doc/solvers.md, "What auto takes": with ten or more solves a
// model 1,500 in 3-D and 50,000 in 2-D, with fewer 500 and 1,000; without geometric multigrid 30,000 and 1,000,000,
// with fewer solves 2,000 and 500,000; measured by `scripts/benchmark.sh full crossover`.
#include <lodestone/solver/make_linear_solver.h>

#include <gtest/gtest.h>

using namespace lodestone;
using Method = SolverChoice::Method;

namespace
{

Method chosen(const SolverMethod method, const unsigned int solves, const unsigned int dim,
              const unsigned long long n_dofs, const bool has_levels)
{
  LinearSolver::Parameters parameters;
  parameters.method = method;
  parameters.solves_per_model = solves;
  const SolverChoice choice = choose_linear_solver(parameters, dim, n_dofs, has_levels);
  EXPECT_FALSE(choice.reason.empty());
  return choice.method;
}

} // namespace

TEST(ChooseLinearSolver, AutoFactorisesUpToTheLimit)
{
  struct Limit
  {
    unsigned int dim, solves;
    unsigned long long with_levels, without;
  };
  for (const Limit &limit :
       {Limit{3, 10, 1500, 30000}, Limit{3, 22, 1500, 30000}, Limit{3, 9, 500, 2000}, Limit{3, 1, 500, 2000},
        Limit{2, 10, 50000, 1000000}, Limit{2, 9, 1000, 500000}, Limit{2, 1, 1000, 500000}})
    for (const bool has_levels : {true, false})
    {
      const auto n_dofs = has_levels ? limit.with_levels : limit.without;
      EXPECT_EQ(chosen(SolverMethod::automatic, limit.solves, limit.dim, 1, has_levels), Method::direct);
      EXPECT_EQ(chosen(SolverMethod::automatic, limit.solves, limit.dim, n_dofs, has_levels), Method::direct) << n_dofs;
      EXPECT_EQ(chosen(SolverMethod::automatic, limit.solves, limit.dim, n_dofs + 1, has_levels),
                has_levels ? Method::multigrid : Method::amg)
          << n_dofs;
    }
  EXPECT_EQ(chosen(SolverMethod::automatic, 22, 3, 10000000000ull, true), Method::multigrid); // beyond 32 bits
}

TEST(ChooseLinearSolver, WhatTheFileAsksForIsTaken)
{
  for (const unsigned int dim : {2u, 3u})
    for (const unsigned long long n_dofs : {1ull, 100000000ull})
      for (const bool has_levels : {true, false})
      {
        EXPECT_EQ(chosen(SolverMethod::direct, 1, dim, n_dofs, has_levels), Method::direct);
        EXPECT_EQ(chosen(SolverMethod::amg, 30, dim, n_dofs, has_levels), Method::amg);
        EXPECT_EQ(chosen(SolverMethod::multigrid, 30, dim, n_dofs, has_levels),
                  has_levels ? Method::multigrid : Method::amg);
      }
}

TEST(ChooseLinearSolver, TheReasonNamesLimitAndSolves)
{
  LinearSolver::Parameters parameters;
  parameters.solves_per_model = 12;
  const std::string reason = choose_linear_solver(parameters, 3, 5000, true).reason;
  EXPECT_NE(reason.find("1500 unknowns in 3-D"), std::string::npos) << reason;
  EXPECT_NE(reason.find("12 solves"), std::string::npos) << reason;
  parameters.method = SolverMethod::multigrid;
  EXPECT_NE(choose_linear_solver(parameters, 3, 5000, false).reason.find("refined"), std::string::npos);
}
