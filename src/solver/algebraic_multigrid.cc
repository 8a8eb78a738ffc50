#include <lodestone/base/petsc.h>
#include <lodestone/solver/algebraic_multigrid.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace lodestone
{

namespace
{

// Columns have norms of order one, or of 1e-16 if they hold nothing but rounding errors.
constexpr double inert = 1e-8;

PetscInt number_of_levels(PC gamg)
{
  PetscInt levels;
  LODESTONE_PETSC(PCMGGetLevels(gamg, &levels));
  return levels;
}

KSP smoother_of(PC gamg, const PetscInt level)
{
  KSP smoother;
  LODESTONE_PETSC(PCMGGetSmoother(gamg, level, &smoother));
  return smoother;
}

Mat matrix_of(KSP smoother)
{
  Mat matrix;
  LODESTONE_PETSC(KSPGetOperators(smoother, nullptr, &matrix));
  return matrix;
}

/// b = D^(1/2) xi, where xi is evenly distributed between -1/2 and 1/2 and is the same at every call.
void fill_with_noise(Mat matrix, Vec b)
{
  Vec diagonal;
  PetscInt begin, n;
  PetscScalar *values;
  const PetscScalar *d;
  LODESTONE_PETSC(VecDuplicate(b, &diagonal));
  LODESTONE_PETSC(MatGetDiagonal(matrix, diagonal));
  LODESTONE_PETSC(VecGetOwnershipRange(b, &begin, nullptr));
  LODESTONE_PETSC(VecGetLocalSize(b, &n));
  LODESTONE_PETSC(VecGetArrayRead(diagonal, &d));
  LODESTONE_PETSC(VecGetArrayWrite(b, &values));
  for (PetscInt i = 0; i < n; ++i) // xi: multiples of the golden ratio without their integer part
    values[i] = std::sqrt(std::max(d[i], 0.)) * (std::uint32_t((begin + i + 1) * 2654435769u) * 0x1p-32 - .5);
  LODESTONE_PETSC(VecRestoreArrayWrite(b, &values));
  LODESTONE_PETSC(VecRestoreArrayRead(diagonal, &d));
  LODESTONE_PETSC(VecDestroy(&diagonal));
}

/// @return a lower bound of the largest eigenvalue of D^-1 A, where D is the diagonal; 0 if conjugate gradients break
///   down
PetscReal largest_eigenvalue(Mat matrix, const unsigned int steps)
{
  KSP lanczos; // conjugate gradients, whose coefficients are those of Lanczos' method
  PC jacobi;
  Vec x, b;
  LODESTONE_PETSC(MatCreateVecs(matrix, &x, &b));
  fill_with_noise(matrix, b);
  LODESTONE_PETSC(KSPCreate(PetscObjectComm(reinterpret_cast<PetscObject>(matrix)), &lanczos));
  LODESTONE_PETSC(KSPSetOperators(lanczos, matrix, matrix));
  LODESTONE_PETSC(KSPSetType(lanczos, KSPCG));
  LODESTONE_PETSC(KSPGetPC(lanczos, &jacobi));
  LODESTONE_PETSC(PCSetType(jacobi, PCJACOBI));
  LODESTONE_PETSC(KSPSetComputeEigenvalues(lanczos, PETSC_TRUE));
  LODESTONE_PETSC(KSPSetErrorIfNotConverged(lanczos, PETSC_FALSE));
  LODESTONE_PETSC(KSPSetTolerances(lanczos, 1e-12, PETSC_DEFAULT, PETSC_DEFAULT, steps));
  LODESTONE_PETSC(KSPSolve(lanczos, b, x));
  PetscInt n = 0;
  KSPConvergedReason reason;
  LODESTONE_PETSC(KSPGetConvergedReason(lanczos, &reason));
  if (reason > 0 || reason == KSP_DIVERGED_ITS) // after a breakdown the last coefficients are not set
    LODESTONE_PETSC(KSPGetIterationNumber(lanczos, &n));
  std::vector<PetscReal> real(n), imaginary(n);
  if (n > 0)
    LODESTONE_PETSC(KSPComputeEigenvalues(lanczos, n, real.data(), imaginary.data(), &n));
  LODESTONE_PETSC(KSPDestroy(&lanczos));
  LODESTONE_PETSC(VecDestroy(&x));
  LODESTONE_PETSC(VecDestroy(&b));
  return n > 0 ? *std::max_element(real.begin(), real.begin() + n) : 0;
}

/// Tells whether columns of a prolongation hold nothing but rounding errors.
struct Columns
{
  bool all_active;
  bool some_are_rounding; ///< whether some are inert, but not exactly zero
};

/// Finds the columns that hold more than rounding errors.
/// @param active becomes 1 for each of these columns and 0 for the others
Columns find_active_columns(Mat prolongation, Vec active)
{
  PetscInt n, begin, end;
  LODESTONE_PETSC(MatGetSize(prolongation, nullptr, &n));
  std::vector<PetscReal> norms(n);
  LODESTONE_PETSC(MatGetColumnNorms(prolongation, NORM_2, norms.data()));
  const PetscReal smallest = inert * *std::max_element(norms.begin(), norms.end());
  LODESTONE_PETSC(VecGetOwnershipRange(active, &begin, &end));
  PetscScalar *values;
  LODESTONE_PETSC(VecGetArrayWrite(active, &values));
  for (PetscInt i = begin; i < end; ++i)
    values[i - begin] = norms[i] > smallest ? 1 : 0;
  LODESTONE_PETSC(VecRestoreArrayWrite(active, &values));
  return {std::all_of(norms.begin(), norms.end(), [&](const PetscReal norm) { return norm > smallest; }),
          std::any_of(norms.begin(), norms.end(), [&](const PetscReal norm) { return norm > 0 && norm <= smallest; })};
}

/// @return a bound that no eigenvalue of D^-1 A exceeds, by Gershgorin's theorem
PetscReal largest_row_sum(Mat matrix)
{
  PetscInt begin, end;
  LODESTONE_PETSC(MatGetOwnershipRange(matrix, &begin, &end));
  PetscReal bound = 0;
  for (PetscInt i = begin; i < end; ++i)
  {
    PetscInt n;
    const PetscInt *columns;
    const PetscScalar *values;
    PetscReal sum = 0, diagonal = 0;
    LODESTONE_PETSC(MatGetRow(matrix, i, &n, &columns, &values));
    for (PetscInt k = 0; k < n; ++k)
    {
      sum += std::abs(values[k]);
      if (columns[k] == i)
        diagonal = values[k];
    }
    LODESTONE_PETSC(MatRestoreRow(matrix, i, &n, &columns, &values));
    if (diagonal > 0)
      bound = std::max(bound, sum / diagonal);
  }
  MPI_Allreduce(MPI_IN_PLACE, &bound, 1, MPIU_REAL, MPIU_MAX, PetscObjectComm(reinterpret_cast<PetscObject>(matrix)));
  return bound;
}

} // namespace

bool remove_inert_unknowns(PC gamg)
{
  bool changed = false;
  Vec active = nullptr; // on the finer level; null if all columns are active
  for (PetscInt level = number_of_levels(gamg) - 1; level > 0; --level)
  {
    Mat prolongation;
    Vec active_columns;
    LODESTONE_PETSC(PCMGGetInterpolation(gamg, level, &prolongation));
    // Rows of inert unknowns are set to zero first: entries of a column there have no effect either.
    if (active != nullptr)
      LODESTONE_PETSC(MatDiagonalScale(prolongation, active, nullptr));
    LODESTONE_PETSC(MatCreateVecs(prolongation, &active_columns, nullptr));
    const Columns columns = find_active_columns(prolongation, active_columns);
    if (columns.some_are_rounding)
    {
      LODESTONE_PETSC(MatDiagonalScale(prolongation, nullptr, active_columns));
      changed = true;
    }
    LODESTONE_PETSC(VecDestroy(&active));
    if (columns.all_active)
      LODESTONE_PETSC(VecDestroy(&active_columns));
    active = active_columns; // null again if all columns are active
  }
  LODESTONE_PETSC(VecDestroy(&active));
  return changed;
}

void set_up_without_inert_unknowns(KSP solver)
{
  PC gamg;
  Mat matrix;
  LODESTONE_PETSC(KSPSetUp(solver));
  LODESTONE_PETSC(KSPGetPC(solver, &gamg));
  if (!remove_inert_unknowns(gamg))
    return;
  // This says that values have changed; otherwise PETSc would not make the matrices of coarser levels again.
  LODESTONE_PETSC(KSPGetOperators(solver, nullptr, &matrix));
  LODESTONE_PETSC(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
  LODESTONE_PETSC(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
  LODESTONE_PETSC(MatSetOption(matrix, MAT_SPD, PETSC_TRUE)); // assembly forgets it
  LODESTONE_PETSC(KSPSetOperators(solver, matrix, matrix));
  LODESTONE_PETSC(KSPSetUp(solver));
}

void estimate_smoothing(PC gamg, const unsigned int steps, const double margin)
{
  const PetscInt finest = number_of_levels(gamg) - 1;
  for (PetscInt level = 1; level <= finest; ++level)
  {
    KSP smoother = smoother_of(gamg, level);
    Mat matrix = matrix_of(smoother);
    const PetscReal found = largest_eigenvalue(matrix, level == finest ? steps : 2 * steps);
    const PetscReal largest = found > 0 ? found : largest_row_sum(matrix);
    if (std::isfinite(largest) && largest > 0) // otherwise the matrix is broken, and the solve will report it
      LODESTONE_PETSC(KSPChebyshevSetEigenvalues(smoother, margin * largest, 0.1 * largest));
  }
}

void bound_smoothing(PC gamg)
{
  constexpr double range = 20;
  for (PetscInt level = 1; level < number_of_levels(gamg); ++level)
  {
    KSP smoother = smoother_of(gamg, level);
    const PetscReal bound = largest_row_sum(matrix_of(smoother));
    if (std::isfinite(bound) && bound > 0)
      LODESTONE_PETSC(KSPChebyshevSetEigenvalues(smoother, bound, bound / range));
    LODESTONE_PETSC(KSPSetTolerances(smoother, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, bounded_steps));
  }
}

} // namespace lodestone
