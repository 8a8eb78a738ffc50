#pragma once

#include <lodestone/forward/forward_solver.h>

namespace lodestone
{

/// The solves and contractions that turn a functional of the state into derivatives with respect to m, for one load
/// case at a time:
///
///   adjoint             (dr/du)^T p      = -source
///   gradient            g               += (dr/dm)^T p
///   incremental forward  dr/du u_hat     = -dr/dm m_hat
///   incremental adjoint (dr/du)^T p_hat  = -source_hat - (d2r/du dm [m_hat])^T p     (last term: full Newton only)
///   Hessian action      out             += (dr/dm)^T p_hat [+ p^T d2r/dm du u_hat + p^T d2r/dm2 m_hat]     (brackets: full Newton only)
///
/// Precondition: `linearize_at` of the forward solver was called with the m of u and p. All functions are collective.
/// u, p, v and their increments are primal states with valid ghosts, m_hat is a primal parameter vector, sources are
/// dual states, and g and out are dual parameter vectors. Solves end at the relative residual `tolerance` (0: that of
/// the parameter file) and return a report, which the caller must look at. Source: hIPPYlib's reduced Hessian (Villa,
/// Petra, Ghattas 2021, doi:10.1145/3428447), with the residual's derivatives instead of weak forms.
class AdjointSolver
{
public:
  explicit AdjointSolver(ForwardSolver &forward) : forward_(forward) {}

  /// Solves the adjoint equation. The source becomes the right-hand side, so move it in when it is no longer needed.
  SolveReport solve_adjoint(unsigned int load_case, StateDual source, State &p, double tolerance = 0);
  /// g += (dr/dm)^T p.
  void add_gradient(unsigned int load_case, const State &u, const State &p, ParameterVector &g) const;

  /// Solves the incremental forward equation.
  SolveReport solve_incremental_forward(unsigned int load_case, const State &u, const ParameterVector &m_hat,
                                        State &u_hat, double tolerance = 0);
  /// Solves the incremental adjoint equation.
  /// @param p null for Gauss-Newton
  SolveReport solve_incremental_adjoint(unsigned int load_case, StateDual source_hat, const State *p,
                                        const ParameterVector &m_hat, State &p_hat, double tolerance = 0);
  /// Adds the Hessian action to `out`.
  /// @param p null for Gauss-Newton
  void add_hessian_action(unsigned int load_case, const State &u, const State *p, const State &u_hat,
                          const State &p_hat, const ParameterVector &m_hat, ParameterVector &out) const;
  /// @return p^T dr/dm [m_hat] at the state v, which tells how the misfit's slope along v changes with m
  double mixed_derivative(unsigned int load_case, const State &v, const State &p, const ParameterVector &m_hat) const;

private:
  ForwardSolver &forward_;
};

} // namespace lodestone
