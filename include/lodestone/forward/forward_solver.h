#pragma once

#include <lodestone/base/solve_report.h>
#include <lodestone/discretization/parameter_vector.h>
#include <lodestone/discretization/state.h>

namespace lodestone
{

/// What is asked of one solve.
struct SolveRequest
{
  double tolerance =
      0; ///< relative residual that is enough; no solve goes beyond the parameter file's `Tolerance`, which 0 asks for
  bool increment =
      false; ///< the solution belongs to a direction of m: solutions at other models make no first guess of it
};

/// The forward problem r(u, m) = 0 of every load case, and the derivatives of r that tangent, adjoint and Hessian need.
///
/// Nothing outside this room knows how the equations are solved, or that a matrix exists. A state holds one field per step; in a
/// history, solves with the Jacobian run forward in time and those with its transpose backward. `linearize_at(m)` sets the model;
/// all other functions use it. States are u with their load factors, p is a State in the space of test functions (constrained
/// entries zero), functionals are StateDual. All functions are collective; loads enter r linearly with the state's load factors.
class ForwardSolver
{
public:
  virtual ~ForwardSolver() = default;

  virtual unsigned int n_load_cases() const = 0;
  /// Loads of a case; the order of State::load_factors.
  virtual unsigned int n_loads(unsigned int load_case) const = 0;
  virtual State make_state(unsigned int load_case) const = 0; ///< zero, all load factors 0, affine 0
  virtual StateDual make_dual(unsigned int load_case) const = 0;

  /// Renews everything that depends on m (moduli, operator, preconditioner). Collective. @param m with ghosts; the solver refers to it
  /// until the next call, so that it must stay as it is until then
  virtual void linearize_at(const ParameterVector &m) = 0;
  void linearize_at(ParameterVector &&) = delete;

  /// Solves r(u, m) = 0 for the load factors and the affine part that `u` carries; its displacement is the first guess.
  virtual SolveReport solve(unsigned int load_case, State &u, const SolveRequest &request = {}) = 0;
  /// r(u, m), zero on constrained entries.
  virtual void residual(unsigned int load_case, const State &u, StateDual &r) const = 0;

  /// out = dr/du du, its displacements alone (load factors of du are not looked at).
  virtual void apply_jacobian(unsigned int load_case, const State &du, StateDual &out) const = 0;
  virtual void apply_jacobian_transpose(unsigned int load_case, const State &p, StateDual &out) const = 0;
  /// dr/du du = rhs, du zero on constrained entries. A right-hand side that is no longer wanted is best moved in: it is worked on in place.
  virtual SolveReport solve_jacobian(unsigned int load_case, StateDual rhs, State &du,
                                     const SolveRequest &request = {}) = 0;
  virtual SolveReport solve_jacobian_transpose(unsigned int load_case, StateDual rhs, State &p,
                                               const SolveRequest &request = {}) = 0;

  /// out = dr/dm [m_hat] at (u, m).
  virtual void apply_parameter_jacobian(unsigned int load_case, const State &u, const ParameterVector &m_hat,
                                        StateDual &out) const = 0;
  /// g += (dr/dm)^T p at (u, m).
  virtual void add_parameter_jacobian_transpose(unsigned int load_case, const State &u, const State &p,
                                                ParameterVector &g) const = 0;

  /// g += p^T d2r/dm2 [m_hat] at (u, m).
  virtual void add_second_parameter(unsigned int load_case, const State &u, const State &p,
                                    const ParameterVector &m_hat, ParameterVector &g) const = 0;
  /// g += p^T d2r/dm du [u_hat]; u_hat with the increments of its load factors.
  virtual void add_second_mixed(unsigned int load_case, const State &u_hat, const State &p,
                                ParameterVector &g) const = 0;
  /// out = (d2r/du dm [m_hat])^T p: a functional on states.
  virtual void apply_second_mixed_transpose(unsigned int load_case, const State &p, const ParameterVector &m_hat,
                                            StateDual &out) const = 0;
};

} // namespace lodestone
