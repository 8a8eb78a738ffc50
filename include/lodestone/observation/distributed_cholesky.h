#pragma once

#include <lodestone/observation/data_vector.h>

#include <deal.II/base/mpi.h>

#include <functional>
#include <optional>
#include <vector>

namespace lodestone
{

/// Cholesky factor L of a dense correlation matrix, R = L L^T, whose columns are dealt to the ranks in panels.
///
/// Panel k holds `width` columns from the diagonal down, and rank k modulo their number owns it. So n rows take 8 n^2/2
/// bytes over all ranks, and while a matrix is factorised each rank holds its share and one panel more. The work is that
/// of level-3 BLAS, n^3/3 operations over all ranks; a solve takes n^2. Serial where the communicator is MPI_COMM_SELF.
///
/// R has ones on its diagonal, so that pivots are shares of variance: the square of L_ii is what is left of the variance
/// of number i when all before it are known. All functions are collective, on vectors that all ranks have alike, and
/// give the same on all ranks. Call order: `fill` or `set_row` for every row, `factorize`, then the others. Source:
/// right-looking block algorithm of Golub & Van Loan 2013, Matrix Computations, 4th edition, section 4.2.
class DistributedCholesky
{
public:
  DistributedCholesky(unsigned int n, MPI_Comm comm, unsigned int width = 128);

  unsigned int size() const { return n_; }
  /// Sets R(i, j) for i >= j. @param entry called for the entries that this rank owns
  void fill(const std::function<double(unsigned int, unsigned int)> &entry);
  /// Sets row i, and with it the entries above and below the diagonal that are equal to its own; rows are set in their
  /// order. Returns the first column at which it differs from an earlier row by more than `tolerance`.
  std::optional<unsigned int> set_row(unsigned int i, const std::vector<double> &row, double tolerance);
  /// R becomes L. Returns the first row whose pivot is below `smallest_pivot`: R is then not positive definite to
  /// working accuracy, and nothing else may be called.
  std::optional<unsigned int> factorize();

  void solve(MutableDataView y) const;           ///< y becomes L^-1 y
  void solve_transpose(MutableDataView y) const; ///< y becomes L^-T y
  void multiply(MutableDataView y) const;        ///< y becomes L y
  double log_determinant() const;                ///< ln det R

  /// Whitened numbers keep about six digits where all pivots are larger.
  static constexpr double smallest_pivot = 1e-10;

private:
  /// Columns first to first + width, rows from `first` on, one column after the other.
  struct Panel
  {
    unsigned int first, width;
    std::vector<double> entries;
  };
  unsigned int n_, width_;
  MPI_Comm comm_;
  std::vector<Panel> panels_; ///< of this rank, in their order

  unsigned int n_panels() const { return (n_ + width_ - 1) / width_; }
  unsigned int owner(unsigned int k) const;
  bool is_mine(unsigned int k) const;
  /// The place in `panels_` of a panel that this rank owns.
  unsigned int local(unsigned int k) const;
  /// Factorises a panel whose left neighbours have been subtracted. Returns the first row that fails.
  std::optional<unsigned int> factorize_panel(Panel &panel) const;
  /// Subtracts what the finished panel `done` contributes to `panel`, right of it.
  void update(const Panel &done, Panel &panel) const;
};

} // namespace lodestone
