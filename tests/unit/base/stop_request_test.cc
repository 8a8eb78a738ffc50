// A request that one rank has seen is obeyed by all at the same safe point, by hand-written programs of ranks whose
// speeds differ. Parallel suites run on 1, 2 and 3 ranks.
#include <lodestone/base/interruptible_ksp.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace lodestone;

namespace
{
using Milliseconds = std::chrono::milliseconds;

bool is_last_rank()
{
  using namespace dealii::Utilities::MPI;
  return this_mpi_process(MPI_COMM_WORLD) + 1 == n_mpi_processes(MPI_COMM_WORLD);
}

class SafePointsParallel : public ::testing::Test
{
protected:
  void SetUp() override { forget_stop_requests(); }
  void TearDown() override { forget_stop_requests(); }
};

/// Points that a rank passes before a loop of slow or quick turns ends, after a signal to the last rank at turn `at`.
unsigned int points_passed(const unsigned int at, const unsigned int most, const Milliseconds turn)
{
  SafePoints points(MPI_COMM_WORLD);
  unsigned int passed = 0;
  try
  {
    for (; passed < most; ++passed)
    {
      if (is_last_rank())
        std::this_thread::sleep_for(turn);
      if (is_last_rank() && passed == at)
        request_stop(SIGTERM);
      points.pass();
    }
  }
  catch (const Interrupted &)
  {
  }
  return passed;
}

/// -u'' on n points, by rows.
class Laplacian
{
public:
  explicit Laplacian(const PetscInt n)
  {
    check_petsc(MatCreateAIJ(MPI_COMM_WORLD, PETSC_DECIDE, PETSC_DECIDE, n, n, 3, nullptr, 2, nullptr, &matrix));
    PetscInt begin, end;
    check_petsc(MatGetOwnershipRange(matrix, &begin, &end));
    for (PetscInt i = begin; i < end; ++i)
      for (PetscInt j = std::max<PetscInt>(i - 1, 0); j <= std::min(i + 1, n - 1); ++j)
        check_petsc(MatSetValue(matrix, i, j, i == j ? 2 : -1, INSERT_VALUES));
    check_petsc(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
    check_petsc(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
    check_petsc(MatCreateVecs(matrix, &x, &b));
    check_petsc(VecSet(b, 1));
    check_petsc(KSPCreate(MPI_COMM_WORLD, &ksp));
    check_petsc(KSPSetType(ksp, KSPCG));
    PC none;
    check_petsc(KSPGetPC(ksp, &none));
    check_petsc(PCSetType(none, PCNONE));
    check_petsc(KSPSetOperators(ksp, matrix, matrix));
    check_petsc(KSPSetTolerances(ksp, 1e-10, 0, 1e10, 2 * n));
  }
  ~Laplacian()
  {
    KSPDestroy(&ksp);
    MatDestroy(&matrix);
    VecDestroy(&x);
    VecDestroy(&b);
  }
  PetscInt iterations() const
  {
    PetscInt n;
    check_petsc(KSPGetIterationNumber(ksp, &n));
    return n;
  }
  KSP ksp = nullptr;
  Mat matrix = nullptr;
  Vec x = nullptr, b = nullptr;
};

PetscErrorCode signal_at_iteration_five(KSP, const PetscInt iteration, PetscReal, void *)
{
  if (is_last_rank() && iteration == 5)
    request_stop(SIGUSR1);
  return 0;
}
} // namespace

TEST_F(SafePointsParallel, AllRanksLeaveAtTheSamePoint)
{
  const unsigned int passed = points_passed(3, 1000, Milliseconds(120));
  EXPECT_EQ(dealii::Utilities::MPI::min(passed, MPI_COMM_WORLD), dealii::Utilities::MPI::max(passed, MPI_COMM_WORLD));
  EXPECT_EQ(passed, 3u); // each turn takes longer than the interval of reductions
  EXPECT_EQ(stop_cause(MPI_COMM_WORLD), "SIGTERM");
}

TEST_F(SafePointsParallel, QuickTurnsAreLeftWithinHalfASecond)
{
  const auto start = std::chrono::steady_clock::now();
  const unsigned int passed = points_passed(0, 1000000, Milliseconds(0));
  EXPECT_LT(passed, 1000000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Milliseconds(500));
}

TEST_F(SafePointsParallel, WithoutARequestNothingHappens)
{
  EXPECT_EQ(points_passed(1001, 1000, Milliseconds(0)), 1000u);
}

TEST_F(SafePointsParallel, TheLastStepsAreNotInterrupted)
{
  begin_last_steps();
  EXPECT_EQ(points_passed(3, 100, Milliseconds(0)), 100u);
  EXPECT_TRUE(stop_requested_on_any_rank(MPI_COMM_WORLD));
}

TEST_F(SafePointsParallel, TimeIsUp)
{
  stop_at(std::chrono::steady_clock::now() + Milliseconds(50), "the limit of this test");
  EXPECT_FALSE(stop_requested());
  EXPECT_LT(points_passed(1000, 1000, Milliseconds(10)), 100u);
  EXPECT_EQ(stop_cause(MPI_COMM_WORLD), "the limit of this test");
}

TEST_F(SafePointsParallel, AKrylovSolverIsLeftAndWorksAgain)
{
  Laplacian problem(200);
  check_petsc(KSPMonitorSet(problem.ksp, signal_at_iteration_five, nullptr, nullptr));
  EXPECT_THROW(solve_interruptibly(problem.ksp, problem.b, problem.x), Interrupted);
  EXPECT_GE(problem.iterations(), 5);
  EXPECT_LT(problem.iterations(), 50);
  forget_stop_requests();
  check_petsc(KSPMonitorCancel(problem.ksp));
  solve_interruptibly(problem.ksp, problem.b, problem.x);
  KSPConvergedReason reason;
  check_petsc(KSPGetConvergedReason(problem.ksp, &reason));
  EXPECT_EQ(reason, KSP_CONVERGED_RTOL); // the usual test holds again
  PetscReal largest;                     // u = i (n + 1 - i) / 2 is the solution
  check_petsc(VecNorm(problem.x, NORM_INFINITY, &largest));
  EXPECT_NEAR(largest, 100. * 101 / 2, 1e-5);
}
