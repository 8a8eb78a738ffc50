// What PETSc's smoothed aggregation is given: prolongations without columns of rounding errors, and ranges of
// eigenvalues that hold.
//
// Matrix: the seven-point Laplacian on 12^3 points, whose scaled version D^-1 A has the largest eigenvalue 1 + cos(pi /
// 13) (the closed form of the sine modes). A cycle applied to random vectors is positive where every level's range
// reaches that far.
#include <lodestone/base/petsc.h>
#include <lodestone/solver/algebraic_multigrid.h>

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>
#include <petscksp.h>

#include <functional>
#include <vector>

using namespace lodestone;

namespace
{

constexpr PetscInt side = 12;

struct Aggregated
{
  Mat matrix = nullptr;
  KSP solver = nullptr;
  PC pc = nullptr; // the solver's

  Aggregated()
  {
    const PetscInt n = side * side * side;
    LODESTONE_PETSC(MatCreateAIJ(MPI_COMM_WORLD, PETSC_DECIDE, PETSC_DECIDE, n, n, 7, nullptr, 6, nullptr, &matrix));
    PetscInt begin, end;
    LODESTONE_PETSC(MatGetOwnershipRange(matrix, &begin, &end));
    for (PetscInt i = begin; i < end; ++i)
    {
      LODESTONE_PETSC(MatSetValue(matrix, i, i, 6, INSERT_VALUES));
      for (const PetscInt stride : {PetscInt(1), side, side * side})
      {
        const PetscInt place = i / stride % side;
        if (place > 0)
          LODESTONE_PETSC(MatSetValue(matrix, i, i - stride, -1, INSERT_VALUES));
        if (place + 1 < side)
          LODESTONE_PETSC(MatSetValue(matrix, i, i + stride, -1, INSERT_VALUES));
      }
    }
    LODESTONE_PETSC(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
    LODESTONE_PETSC(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
    LODESTONE_PETSC(MatSetOption(matrix, MAT_SPD, PETSC_TRUE));
    LODESTONE_PETSC(KSPCreate(MPI_COMM_WORLD, &solver));
    LODESTONE_PETSC(KSPSetType(solver, KSPCG));
    LODESTONE_PETSC(KSPSetOptionsPrefix(solver, "aggregated_"));
    LODESTONE_PETSC(KSPGetPC(solver, &pc));
    LODESTONE_PETSC(PetscOptionsSetValue(nullptr, "-aggregated_pc_gamg_coarse_eq_limit", "5"));
    LODESTONE_PETSC(PCSetType(pc, PCGAMG));
    LODESTONE_PETSC(KSPSetFromOptions(solver));
    LODESTONE_PETSC(KSPSetOperators(solver, matrix, matrix));
    LODESTONE_PETSC(KSPSetUp(solver));
  }
  ~Aggregated()
  {
    KSPDestroy(&solver);
    MatDestroy(&matrix);
  }

  PetscInt levels() const
  {
    PetscInt n;
    LODESTONE_PETSC(PCMGGetLevels(pc, &n));
    return n;
  }
  Mat prolongation(const PetscInt level) const
  {
    Mat p;
    LODESTONE_PETSC(PCMGGetInterpolation(pc, level, &p));
    return p;
  }
  std::vector<PetscReal> column_norms(const PetscInt level) const
  {
    PetscInt n;
    LODESTONE_PETSC(MatGetSize(prolongation(level), nullptr, &n));
    std::vector<PetscReal> norms(n);
    LODESTONE_PETSC(MatGetColumnNorms(prolongation(level), NORM_2, norms.data()));
    return norms;
  }
  /// Multiplies the entries that `scaled` picks by row and column.
  void scale(const PetscInt level, const std::function<bool(PetscInt, PetscInt)> &scaled, const double factor) const
  {
    Mat p = prolongation(level);
    PetscInt begin, end;
    LODESTONE_PETSC(MatGetOwnershipRange(p, &begin, &end));
    std::vector<std::vector<PetscInt>> places(end - begin);
    std::vector<std::vector<PetscScalar>> changed(end - begin);
    for (PetscInt row = begin; row < end; ++row)
    {
      PetscInt n;
      const PetscInt *columns;
      const PetscScalar *values;
      LODESTONE_PETSC(MatGetRow(p, row, &n, &columns, &values));
      for (PetscInt k = 0; k < n; ++k)
      {
        places[row - begin].push_back(columns[k]);
        changed[row - begin].push_back(values[k] * (scaled(row, columns[k]) ? factor : 1));
      }
      LODESTONE_PETSC(MatRestoreRow(p, row, &n, &columns, &values));
    }
    for (PetscInt row = begin; row < end; ++row) // no row can be read once the first is changed
      LODESTONE_PETSC(MatSetValues(p, 1, &row, places[row - begin].size(), places[row - begin].data(),
                                   changed[row - begin].data(), INSERT_VALUES));
    LODESTONE_PETSC(MatAssemblyBegin(p, MAT_FINAL_ASSEMBLY));
    LODESTONE_PETSC(MatAssemblyEnd(p, MAT_FINAL_ASSEMBLY));
  }
  /// Whether b . B b > 0 for vectors of noise and of what a smoother amplifies first.
  bool cycle_is_positive() const
  {
    Vec b, x;
    PetscRandom random;
    LODESTONE_PETSC(MatCreateVecs(matrix, &x, &b));
    LODESTONE_PETSC(PetscRandomCreate(MPI_COMM_WORLD, &random));
    LODESTONE_PETSC(PetscRandomSetInterval(random, -1, 1));
    bool positive = true;
    for (unsigned int k = 0; k < 20; ++k)
    {
      LODESTONE_PETSC(VecSetRandom(b, random));
      PetscInt begin, end;
      LODESTONE_PETSC(VecGetOwnershipRange(b, &begin, &end));
      for (PetscInt i = begin; i < end; ++i)
        LODESTONE_PETSC(VecSetValue(b, i, 10 * ((i + i / side + i / (side * side)) % 2 == 0 ? 1. : -1.), ADD_VALUES));
      LODESTONE_PETSC(VecAssemblyBegin(b));
      LODESTONE_PETSC(VecAssemblyEnd(b));
      PetscScalar product;
      LODESTONE_PETSC(PCApply(pc, b, x));
      LODESTONE_PETSC(VecDot(x, b, &product));
      positive = positive && product > 0;
    }
    LODESTONE_PETSC(PetscRandomDestroy(&random));
    LODESTONE_PETSC(VecDestroy(&x));
    LODESTONE_PETSC(VecDestroy(&b));
    return positive;
  }
};

} // namespace

TEST(AlgebraicMultigridParallel, ColumnsOfRoundingErrorsBecomeZero)
{
  Aggregated system;
  const PetscInt finest = system.levels() - 1;
  ASSERT_GE(finest, 2);
  EXPECT_FALSE(remove_inert_unknowns(system.pc)); // all move something
  const auto before = system.column_norms(finest), coarser_before = system.column_norms(finest - 1);
  system.scale(
      finest, [](PetscInt, const PetscInt column) { return column == 1 || column == 4; }, 1e-16);
  EXPECT_TRUE(remove_inert_unknowns(system.pc));
  const auto after = system.column_norms(finest);
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_EQ(after[i], i == 1 || i == 4 ? 0. : before[i]);
  for (const PetscReal norm : system.column_norms(finest - 1))
    EXPECT_GT(norm, 0);
  EXPECT_FALSE(remove_inert_unknowns(system.pc)); // exactly zero: nothing left to do
}

// A column that lives on unknowns that are inert on the finer level moves nothing, however large its entries.
TEST(AlgebraicMultigridParallel, ColumnsOnInertUnknownsBecomeZero)
{
  Aggregated system;
  const PetscInt finest = system.levels() - 1;
  ASSERT_GE(finest, 2);
  system.scale(
      finest, [](PetscInt, const PetscInt column) { return column == 0; }, 0.);
  EXPECT_FALSE(remove_inert_unknowns(system.pc));
  // Some column of the coarser level has an entry in row 0: let it have no other of any size.
  const auto before = system.column_norms(finest - 1);
  PetscInt chosen = -1, n;
  const PetscInt *columns;
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
  {
    LODESTONE_PETSC(MatGetRow(system.prolongation(finest - 1), 0, &n, &columns, nullptr));
    chosen = n > 0 ? columns[0] : -1;
    LODESTONE_PETSC(MatRestoreRow(system.prolongation(finest - 1), 0, &n, &columns, nullptr));
  }
  chosen = dealii::Utilities::MPI::max(chosen, MPI_COMM_WORLD);
  ASSERT_GE(chosen, 0);
  system.scale(
      finest - 1, [&](const PetscInt row, const PetscInt column) { return column == chosen && row > 0; }, 1e-16);
  EXPECT_TRUE(remove_inert_unknowns(system.pc));
  const auto after = system.column_norms(finest - 1);
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_EQ(after[i] == 0, PetscInt(i) == chosen) << i << ": " << before[i] << ", " << after[i];
}

// The coarse matrix is made again with the cleaned prolongation: its rows of inert unknowns, which held rounding
// errors, are exactly zero.
TEST(AlgebraicMultigridParallel, CoarseMatricesAreMadeAgain)
{
  Aggregated system;
  const PetscInt finest = system.levels() - 1;
  ASSERT_GE(finest, 2);
  const auto diagonal = [&]() {
    KSP smoother;
    Mat coarse;
    Vec values, all;
    VecScatter to_all;
    LODESTONE_PETSC(PCMGGetSmoother(system.pc, finest - 1, &smoother));
    LODESTONE_PETSC(KSPGetOperators(smoother, nullptr, &coarse));
    LODESTONE_PETSC(MatCreateVecs(coarse, &values, nullptr));
    LODESTONE_PETSC(MatGetDiagonal(coarse, values));
    LODESTONE_PETSC(VecScatterCreateToAll(values, &to_all, &all));
    LODESTONE_PETSC(VecScatterBegin(to_all, values, all, INSERT_VALUES, SCATTER_FORWARD));
    LODESTONE_PETSC(VecScatterEnd(to_all, values, all, INSERT_VALUES, SCATTER_FORWARD));
    const PetscScalar *entries;
    PetscInt n;
    LODESTONE_PETSC(VecGetSize(all, &n));
    LODESTONE_PETSC(VecGetArrayRead(all, &entries));
    const std::vector<double> result(entries, entries + n);
    LODESTONE_PETSC(VecRestoreArrayRead(all, &entries));
    LODESTONE_PETSC(VecScatterDestroy(&to_all));
    LODESTONE_PETSC(VecDestroy(&values));
    LODESTONE_PETSC(VecDestroy(&all));
    return result;
  };
  const std::vector<double> before = diagonal();
  system.scale(
      finest, [](PetscInt, const PetscInt column) { return column == 1; }, 1e-16);
  set_up_without_inert_unknowns(system.solver);
  const std::vector<double> after = diagonal();
  for (std::size_t i = 0; i < after.size(); ++i)
    EXPECT_NEAR(after[i], i == 1 ? 0 : before[i], i == 1 ? 0 : 1e-12 * before[i]) << i;
}

TEST(AlgebraicMultigridParallel, EstimatedRangesKeepTheCyclePositive)
{
  Aggregated system;
  estimate_smoothing(system.pc, 10, 1.2);
  EXPECT_TRUE(system.cycle_is_positive());
  estimate_smoothing(system.pc, 10, 0.3); // far too short: the test would see it
  EXPECT_FALSE(system.cycle_is_positive());
}

TEST(AlgebraicMultigridParallel, BoundsKeepTheCyclePositive)
{
  Aggregated system;
  estimate_smoothing(system.pc, 10, 0.3);
  bound_smoothing(system.pc);
  EXPECT_TRUE(system.cycle_is_positive());
}
