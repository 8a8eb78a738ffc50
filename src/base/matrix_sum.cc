#include <lodestone/base/matrix_sum.h>
#include <lodestone/base/petsc.h>

#include <deal.II/base/mpi.h>

#include <algorithm>

namespace lodestone
{

MatrixSum::MatrixSum(Mat matrix) : matrix_(matrix)
{
  const MPI_Comm comm = PetscObjectComm(reinterpret_cast<PetscObject>(matrix));
  const PetscInt *ranges = nullptr;
  LODESTONE_PETSC(MatGetOwnershipRanges(matrix, &ranges));
  ends_.assign(ranges + 1, ranges + 1 + dealii::Utilities::MPI::n_mpi_processes(comm));
  rank_ = dealii::Utilities::MPI::this_mpi_process(comm);
}

unsigned int MatrixSum::owner(const PetscInt row) const
{
  return std::upper_bound(ends_.begin(), ends_.end(), row) - ends_.begin();
}

void MatrixSum::add(const std::vector<PetscInt> &indices, const std::vector<double> &block)
{
  const PetscInt n = indices.size();
  std::vector<PetscInt> own(indices);
  std::map<unsigned int, std::vector<PetscInt>> positions; // of rows of other ranks
  for (PetscInt i = 0; i < n; ++i)
    if (const unsigned int rank = owner(indices[i]); rank != rank_)
    {
      own[i] = -1; // PETSc leaves it out
      positions[rank].push_back(i);
    }
  LODESTONE_PETSC(MatSetValues(matrix_, n, own.data(), n, indices.data(), block.data(), ADD_VALUES));
  for (const auto &[rank, of_rank] : positions)
  {
    Rows &rows = of_others_[rank];
    rows.indices.push_back(of_rank.size());
    rows.indices.push_back(n);
    for (const PetscInt i : of_rank)
    {
      rows.indices.push_back(indices[i]);
      rows.values.insert(rows.values.end(), block.begin() + i * n, block.begin() + (i + 1) * n);
    }
    rows.indices.insert(rows.indices.end(), indices.begin(), indices.end());
  }
}

void MatrixSum::finish()
{
  const auto received =
      dealii::Utilities::MPI::some_to_some(PetscObjectComm(reinterpret_cast<PetscObject>(matrix_)), of_others_);
  of_others_.clear();
  for (const auto &of_rank : received) // in the order of ranks
  {
    const PetscInt *next = of_rank.second.indices.data(), *const end = next + of_rank.second.indices.size();
    const double *values = of_rank.second.values.data();
    while (next != end)
    {
      const PetscInt n_rows = next[0], n_columns = next[1];
      LODESTONE_PETSC(MatSetValues(matrix_, n_rows, next + 2, n_columns, next + 2 + n_rows, values, ADD_VALUES));
      next += 2 + n_rows + n_columns;
      values += n_rows * n_columns;
    }
  }
  LODESTONE_PETSC(MatAssemblyBegin(matrix_, MAT_FINAL_ASSEMBLY));
  LODESTONE_PETSC(MatAssemblyEnd(matrix_, MAT_FINAL_ASSEMBLY));
}

} // namespace lodestone
