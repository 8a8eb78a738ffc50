#pragma once

#include <lodestone/solver/multigrid/distributed_lines.h>
#include <lodestone/solver/stiffness_operator.h>

namespace lodestone
{

/// Chebyshev iteration on D^-1 K x = D^-1 b, D the diagonal of K or its part along lines (LineCouplings): damps the part of the error
/// with eigenvalues in [largest / range, largest] as well as a polynomial of its degree can.
///
///   x_{k+1} = x_k + a_k (x_k - x_{k-1}) + c_k D^-1 (b - K x_k)
///
/// The largest eigenvalue is estimated by power iteration. It hardly depends on the moduli, being no larger than the largest of the cells' own
/// diag(K_c)^-1 K_c, so that an estimate serves many models. Symmetric as a map from b to x, so that conjugate gradients may use it. Source: Saad,
/// Iterative Methods for Sparse Linear Systems (2003), algorithm 12.1.
template <int dim>
class ChebyshevSmoother
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  /// How sure it is that no eigenvalue lies above the range that is damped: there the smoother would amplify.
  struct Safety
  {
    double margin = 1.2; ///< factor on the eigenvalue found: power iteration finds less than the largest
    unsigned int power_steps = 15;
  };

  /// @param degree applications of K by `smooth`; `smooth_from_zero` needs one less
  ChebyshevSmoother(const StiffnessOperator<dim, float> &stiffness, unsigned int degree, double range,
                    const Safety &safety);

  /// For the estimates to come, which are needed now.
  void strengthen(const Safety &safety, unsigned int degree);

  /// After the operator's moduli have changed: first the diagonal, then lines if they are wanted, at last the eigenvalue if the last estimate does
  /// not serve.
  void renew_diagonal() { stiffness_.compute_inverse_diagonal(inverse_diagonal_); }
  /// @param lines null for the diagonal; must outlive their use
  void relax_along(const DistributedLines *lines) { lines_ = lines; }
  void estimate();
  void smooth_from_zero(Vector &x, const Vector &b) const { iterate(x, b, true); }
  void smooth(Vector &x, const Vector &b) const { iterate(x, b, false); }
  unsigned int degree() const { return degree_; }
  const Vector &inverse_diagonal() const { return inverse_diagonal_; }
  double largest_eigenvalue() const { return largest_; } ///< as estimated, without the margin for error
  std::size_t memory_consumption() const { return inverse_diagonal_.memory_consumption() * 3; }

private:
  void iterate(Vector &x, const Vector &b, bool from_zero) const;
  /// One step of power iteration; the Rayleigh quotient of v before it.
  double iterate_power(Vector &v);

  const StiffnessOperator<dim, float> &stiffness_;
  unsigned int degree_;
  Safety safety_;
  double range_, largest_ = 0;
  const DistributedLines *lines_ = nullptr;
  Vector inverse_diagonal_;
  mutable Vector previous_, product_;
};

} // namespace lodestone
