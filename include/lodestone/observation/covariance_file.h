#pragma once

#include <deal.II/base/mpi.h>

#include <functional>
#include <string>
#include <vector>

namespace lodestone
{

/// A covariance matrix as text: n lines of n numbers each, separated by blanks, commas, semicolons or tabs; `#` starts a
/// comment. Rows and columns are the data of a set in the order of its file, east, north and up of a row one after the
/// other, values that are nan left out.
///
/// The matrix is never held as a whole: rank 0 reads it line by line, once to learn its diagonal and again for whoever
/// asks for its rows.
class CovarianceFile
{
public:
  /// Reads the diagonal. Collective. @throws InputError naming file and line: no square matrix, a variance that is not
  /// above zero
  CovarianceFile(const std::string &file, const std::string &entry, MPI_Comm comm);

  unsigned int size() const { return deviations_.size(); }
  const std::string &file() const { return file_; }
  /// Roots of the diagonal, in the unit of the file.
  const std::vector<double> &deviations() const { return deviations_; }

  /// Calls `take(i, row)` for every row, in their order, on all ranks. Collective.
  /// @throws InputError naming file and line
  void for_each_row(MPI_Comm comm, const std::function<void(unsigned int, const std::vector<double> &)> &take) const;

private:
  std::string file_, entry_;
  std::vector<double> deviations_;
};

} // namespace lodestone
