#include <lodestone/base/matrix_sum.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/serial_cholesky.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <cmath>

namespace
{

using namespace lodestone;

constexpr PetscInt n = 23;

/// The stiffness matrix of n + 1 bars in a row that are clamped at both ends: 2 k on the diagonal, -k beside it. Bars go to
/// ranks in turn, so that most rows are of other ranks.
class ChainParallel : public testing::TestWithParam<CholeskyOn>
{
protected:
  void SetUp() override
  {
    LODESTONE_PETSC(MatCreateAIJ(MPI_COMM_WORLD, PETSC_DECIDE, PETSC_DECIDE, n, n, 3, nullptr, 3, nullptr, &matrix_));
    LODESTONE_PETSC(MatCreateVecs(matrix_, &x_, &b_));
  }

  void TearDown() override
  {
    MatDestroy(&matrix_);
    VecDestroy(&x_);
    VecDestroy(&b_);
  }

  void assemble(const double k)
  {
    const int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD),
              n_ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
    LODESTONE_PETSC(MatZeroEntries(matrix_));
    MatrixSum sum(matrix_);
    for (PetscInt bar = 0; bar <= n; ++bar)
      if ((n - bar) % n_ranks == rank)
      {
        if (bar == 0 || bar == n)
          sum.add({bar == 0 ? 0 : n - 1}, {k});
        else
          sum.add({bar - 1, bar}, {k, -k, -k, k});
      }
    sum.finish();
  }

  /// Largest difference from the deflection under equal loads: with k = 1, x_i = (i + 1)(n - i) / 2.
  double error_of_solution(PC pc, const double k)
  {
    LODESTONE_PETSC(VecSet(b_, 1));
    LODESTONE_PETSC(PCApply(pc, b_, x_));
    PetscInt begin, end;
    const PetscScalar *x;
    LODESTONE_PETSC(VecGetOwnershipRange(x_, &begin, &end));
    LODESTONE_PETSC(VecGetArrayRead(x_, &x));
    double error = 0;
    for (PetscInt i = begin; i < end; ++i)
      error = std::max(error, std::abs(x[i - begin] - (i + 1) * (n - i) / (2 * k)));
    LODESTONE_PETSC(VecRestoreArrayRead(x_, &x));
    return dealii::Utilities::MPI::max(error, MPI_COMM_WORLD);
  }

  Mat matrix_ = nullptr;
  Vec x_ = nullptr, b_ = nullptr;
};

TEST_P(ChainParallel, SumsBlocksAndSolves)
{
  assemble(1);
  PC pc;
  LODESTONE_PETSC(PCCreate(MPI_COMM_WORLD, &pc));
  LODESTONE_PETSC(PCSetOperators(pc, matrix_, matrix_));
  make_serial_cholesky(pc, GetParam(), "chain_");
  LODESTONE_PETSC(PCSetUp(pc));
  EXPECT_LT(error_of_solution(pc, 1), 1e-11);
  assemble(4); // other values of the same matrix are factorised anew
  LODESTONE_PETSC(PCSetOperators(pc, matrix_, matrix_));
  LODESTONE_PETSC(PCSetUp(pc));
  EXPECT_LT(error_of_solution(pc, 4), 1e-11);
  EXPECT_EQ(mumps_error_of_serial_cholesky(pc), 0);
  LODESTONE_PETSC(PCDestroy(&pc));
}

TEST_P(ChainParallel, AFailureIsKnownToAllRanks)
{
  assemble(0);
  KSP ksp;
  PC pc;
  LODESTONE_PETSC(KSPCreate(MPI_COMM_WORLD, &ksp));
  LODESTONE_PETSC(KSPSetType(ksp, KSPPREONLY));
  LODESTONE_PETSC(KSPGetPC(ksp, &pc));
  make_serial_cholesky(pc, GetParam(), "chain_");
  LODESTONE_PETSC(KSPSetOperators(ksp, matrix_, matrix_));
  LODESTONE_PETSC(VecSet(b_, 1));
  LODESTONE_PETSC(KSPSolve(ksp, b_, x_));
  KSPConvergedReason reason;
  LODESTONE_PETSC(KSPGetConvergedReason(ksp, &reason));
  EXPECT_EQ(reason, KSP_DIVERGED_PC_FAILED);
  EXPECT_EQ(mumps_error_of_serial_cholesky(pc) < 0, GetParam() == CholeskyOn::first_rank);
  LODESTONE_PETSC(KSPDestroy(&ksp));
}

INSTANTIATE_TEST_SUITE_P(Both, ChainParallel, testing::Values(CholeskyOn::every_rank, CholeskyOn::first_rank));

} // namespace
