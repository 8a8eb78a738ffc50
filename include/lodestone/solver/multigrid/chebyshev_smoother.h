#pragma once

#include <lodestone/solver/multigrid/distributed_lines.h>
#include <lodestone/solver/stiffness_operator.h>

namespace lodestone
{

/// Chebyshev iteration on D^-1 K x = D^-1 b, where D is the diagonal of K or its part along lines (LineCouplings). It
/// damps the part of the error with eigenvalues in [largest / range, largest] as well as a polynomial of its degree
/// can.
///
///   x_{k+1} = x_k + a_k (x_k - x_{k-1}) + c_k D^-1 (b - K x_k)
///
/// Power iteration estimates the largest eigenvalue. It hardly depends on the moduli, since it is no larger than the
/// largest eigenvalue of the cells' own diag(K_c)^-1 K_c, so an estimate serves many models. The map from b to x is
/// symmetric, so conjugate gradients may use it. b is dual, x is primal; no function needs ghosts, and all that compute
/// are collective. Source: Saad, Iterative Methods for Sparse Linear Systems (2003), algorithm 12.1.
template <int dim>
class ChebyshevSmoother
{
public:
  using Vector = dealii::LinearAlgebra::distributed::Vector<float>;

  /// How carefully the largest eigenvalue is estimated: the smoother amplifies the error above the range that it damps.
  struct Safety
  {
    double margin = 1.2; ///< factor on the estimate, since power iteration finds less than the largest eigenvalue
    unsigned int power_steps = 15; ///< steps of power iteration
  };

  /// @param stiffness the operator, which must outlive the smoother
  /// @param degree number of applications of K by `smooth`; `smooth_from_zero` needs one less
  /// @param range ratio of the largest and the smallest eigenvalue that are damped
  /// @param safety how the largest eigenvalue is estimated
  ChebyshevSmoother(const StiffnessOperator<dim, float> &stiffness, unsigned int degree, double range,
                    const Safety &safety);

  /// Sets safety and degree for the next `estimate`, which has to follow.
  void strengthen(const Safety &safety, unsigned int degree);

  /// Computes the diagonal. Call it when the operator has new moduli; then call `relax_along`, and `estimate` if the
  /// last estimate of the eigenvalue does not serve.
  void renew_diagonal() { stiffness_.compute_inverse_diagonal(inverse_diagonal_); }
  /// Chooses what D is.
  /// @param lines the part along these lines, which must outlive their use; null for the diagonal
  void relax_along(const DistributedLines *lines) { lines_ = lines; }
  /// Estimates the largest eigenvalue of D^-1 K.
  void estimate();
  /// x = the result of the iteration on b that starts from zero.
  void smooth_from_zero(Vector &x, const Vector &b) const { iterate(x, b, true); }
  /// Improves x.
  void smooth(Vector &x, const Vector &b) const { iterate(x, b, false); }
  unsigned int degree() const { return degree_; }
  const Vector &inverse_diagonal() const { return inverse_diagonal_; }
  double largest_eigenvalue() const { return largest_; } ///< the estimate, without the margin
  /// Bytes on this rank.
  std::size_t memory_consumption() const { return inverse_diagonal_.memory_consumption() * 3; }

private:
  void iterate(Vector &x, const Vector &b, bool from_zero) const;
  /// Makes one step of power iteration. @return the Rayleigh quotient of v before the step
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
