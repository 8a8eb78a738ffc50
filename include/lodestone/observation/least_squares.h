#pragma once

#include <vector>

namespace lodestone
{

/// min |A x - y| for a tall, dense A of few columns, by Householder QR with column pivoting.
///
/// Columns are scaled to length one first, so that columns of any magnitude (1e-160, 1e160) and of different units can
/// stand side by side, and no square of an entry is formed before that. A column that depends on the others to 1e-10 of
/// its length is called deficient; then no solve may be asked for. Serial: the same on all ranks when the input is.
class LeastSquares
{
public:
  LeastSquares() = default;
  /// @param columns A's columns, all of one length, which may be less than their number
  explicit LeastSquares(std::vector<std::vector<double>> columns);

  unsigned int n_columns() const { return columns_.size(); }
  /// Columns that depend on the others; empty when A has full rank.
  const std::vector<unsigned int> &deficient() const { return deficient_; }

  /// argmin |A x - y|.
  std::vector<double> solve(std::vector<double> y) const;
  /// (A^T A)^-1 g.
  std::vector<double> solve_normal(const std::vector<double> &g) const;

  /// Orthonormal columns Q with A = Q T, T square.
  std::vector<std::vector<double>> basis() const;
  /// The x with A x = Q z: T^-1 z.
  std::vector<double> from_basis(const std::vector<double> &z) const { return back_substitute(z); }
  /// T^-T g: a derivative with respect to x as one with respect to z.
  std::vector<double> to_basis(const std::vector<double> &g) const;

  /// Roots of the diagonal of (A^T A)^-1: standard deviations of x where those of y are 1.
  std::vector<double> deviations() const;
  /// (A^T A)^-1 divided by the deviations of its row and column: correlations of x, row by row; 1 on the diagonal.
  std::vector<std::vector<double>> correlations() const;

private:
  std::vector<std::vector<double>> columns_; ///< pivoted; on and below the diagonal the Householder vectors, above it R
  std::vector<double> diagonal_;             ///< of R
  std::vector<double> scale_;                ///< 1 / length of each column of A, in A's order
  std::vector<unsigned int> order_;          ///< position in A of each pivoted column
  std::vector<unsigned int> deficient_;

  void factorize();
  /// Column k of (A^T A)^-1 for columns of A of length one: no square of a scale is formed.
  std::vector<double> scaled_covariance(unsigned int k) const;
  void reflect(unsigned int k, std::vector<double> &y) const;
  std::vector<double> back_substitute(const std::vector<double> &y) const;
};

} // namespace lodestone
