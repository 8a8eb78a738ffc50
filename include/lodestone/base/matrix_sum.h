#pragma once

#include <petscmat.h>

#include <map>
#include <vector>

namespace lodestone
{

/// Adds dense blocks, such as those of cells, to the entries of a distributed matrix of PETSc.
///
/// PETSc adds what it gets from several ranks for one entry in the order in which messages arrive, so that a matrix
/// differs by rounding from run to run. Here each rank adds its own blocks first, then those of the others in the order
/// of ranks.
class MatrixSum
{
public:
  /// @param matrix of type MATAIJ with its entries preallocated; it must outlive the sum
  explicit MatrixSum(Mat matrix);

  /// Adds a block: entry (indices[i], indices[j]) grows by block[i n + j], with n the number of indices. The rows may be
  /// of any rank.
  void add(const std::vector<PetscInt> &indices, const std::vector<double> &block);

  /// Sends the rows of other ranks to them, and makes the matrix ready for use. Collective.
  void finish();

private:
  /// Parts of blocks for one rank: sizes and numbers lie behind each other.
  struct Rows
  {
    std::vector<PetscInt> indices; ///< number of rows, number of columns, rows, columns; then the next part
    std::vector<double> values;    ///< row after row

    template <class Archive>
    void serialize(Archive &archive, const unsigned int /*version*/)
    {
      archive &indices &values;
    }
  };

  unsigned int owner(PetscInt row) const;

  Mat matrix_;
  unsigned int rank_;
  std::vector<PetscInt> ends_; ///< one behind the last row of each rank
  std::map<unsigned int, Rows> of_others_;
};

} // namespace lodestone
