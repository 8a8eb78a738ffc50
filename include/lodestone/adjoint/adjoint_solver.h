#pragma once

#include <lodestone/forward/forward_solver.h>

namespace lodestone
{

/// The solves and contractions that turn a functional of the state into derivatives with respect to m, for one load case at a time:
///
///   adjoint             (dr/du)^T p      = -source
///   gradient            g               += (dr/dm)^T p
///   incremental forward  dr/du u_hat     = -dr/dm m_hat
///   incremental adjoint (dr/du)^T p_hat  = -source_hat - (d2r/du dm [m_hat])^T p     (last term: full Newton only)
///   Hessian action      out             += (dr/dm)^T p_hat [+ p^T d2r/dm du u_hat + p^T d2r/dm2 m_hat]     (brackets: full Newton only)
///
/// `linearize_at` of the forward solver has to have been called with the m of u and p. Every function is collective; solves return a
/// report that the caller must look at, and end at `tolerance` (0: that of the parameter file). Source: hIPPYlib's reduced Hessian (Villa, Petra, Ghattas 2021, doi:10.1145/3428447), with
/// the residual's derivatives instead of weak forms.
class AdjointSolver
{
public:
  explicit AdjointSolver(ForwardSolver &forward) : forward_(forward) {}

  /// Sources are best moved in: they become the right-hand side.
  SolveReport solve_adjoint(unsigned int load_case, StateDual source, State &p, double tolerance = 0);
  void add_gradient(unsigned int load_case, const State &u, const State &p, ParameterVector &g) const;

  SolveReport solve_incremental_forward(unsigned int load_case, const State &u, const ParameterVector &m_hat,
                                        State &u_hat, double tolerance = 0);
  /// @param p null: Gauss-Newton
  SolveReport solve_incremental_adjoint(unsigned int load_case, StateDual source_hat, const State *p,
                                        const ParameterVector &m_hat, State &p_hat, double tolerance = 0);
  /// @param p null: Gauss-Newton
  void add_hessian_action(unsigned int load_case, const State &u, const State *p, const State &u_hat,
                          const State &p_hat, const ParameterVector &m_hat, ParameterVector &out) const;
  /// p^T dr/dm [m_hat] at a state v: how the misfit's slope along v changes with m.
  double mixed_derivative(unsigned int load_case, const State &v, const State &p, const ParameterVector &m_hat) const;

private:
  ForwardSolver &forward_;
};

} // namespace lodestone
