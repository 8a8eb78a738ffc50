#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/base/solve_report.h>
#include <lodestone/discretization/parameter_vector.h>
#include <lodestone/discretization/state.h>

/// The namespace of all code of Lodestone.
namespace lodestone
{

/// What the caller asks of one solve.
struct SolveRequest
{
  /// Relative residual that suffices. No solve is more accurate than the parameter file's `Tolerance`; 0 asks for that
  /// one.
  double tolerance = 0;
  /// True for incremental solves: their right-hand side depends on a direction m_hat, so earlier solutions are no use
  /// as initial guess.
  bool increment = false;
};

/// The forward problem r(u, m) = 0 of every load case, and the derivatives of r that tangent, adjoint and Hessian need.
///
/// Nothing outside this room knows how the equations are solved, or that a matrix exists. A state holds one field per
/// step; in a history, solves with the Jacobian run forward in time and those with its transpose backward.
/// `linearize_at(m)` sets the model, and all other functions use it. Loads enter r linearly with the state's load
/// factors.
///
/// Kinds of vectors: u, du and u_hat are primal states (m) with their load factors. p is a primal state in the space of
/// test functions: its constrained entries are zero. r, rhs and out are dual (StateDual, N). m and m_hat are primal
/// parameter vectors, g is a dual one. Ghosts: states that are passed in must have valid ghosts, and states that are
/// returned have them. Dual vectors have no ghosts in use, before and after. m_hat and g may come with or without valid
/// ghosts. Collective: every function that communicates says so; the others may be called by one rank alone.
class ForwardSolver
{
public:
  virtual ~ForwardSolver() = default;

  /// Number of load cases. Not collective.
  virtual unsigned int n_load_cases() const = 0;
  /// Number of loads of a load case: the length of State::load_factors, which are in the same order. Not collective.
  virtual unsigned int n_loads(unsigned int load_case) const = 0;
  /// @return a state whose displacement, load factors and affine part are zero, with valid ghosts. Collective.
  virtual State make_state(unsigned int load_case) const = 0;
  /// @return the functional zero. Not collective.
  virtual StateDual make_dual(unsigned int load_case) const = 0;

  /// Sets the model m: renews everything that depends on it (moduli, operator, preconditioner). Collective.
  /// @param m primal, with valid ghosts; the solver refers to it until the next call, so it must not change before that
  virtual void linearize_at(const ParameterVector &m) = 0;
  void linearize_at(ParameterVector &&) = delete;
  /// Whether m is the object that was given to `linearize_at` last. Not collective.
  virtual bool refers_to(const ParameterVector &m) const = 0;
  /// Adds to a state what solves leave behind that changes later ones within their tolerance: solutions from which first
  /// guesses are made. Not collective.
  virtual void add_to(RankState & /*state*/) const {}
  /// Takes it back, after `linearize_at` with the m that was set when the state was made. Collective.
  virtual void take_from(const RankState & /*state*/) {}

  /// Solves r(u, m) = 0 for the load factors and the affine part that `u` carries. Collective.
  /// @param u primal; its displacement is the first guess and becomes the solution, with valid ghosts
  virtual SolveReport solve(unsigned int load_case, State &u, const SolveRequest &request = {}) = 0;
  /// Computes the residual r(u, m). Collective; u is primal with valid ghosts, r is dual and zero on constrained
  /// entries.
  virtual void residual(unsigned int load_case, const State &u, StateDual &r) const = 0;

  /// out = dr/du du for the displacements of du; its load factors are ignored. Collective; du is primal with valid
  /// ghosts, out is dual.
  virtual void apply_jacobian(unsigned int load_case, const State &du, StateDual &out) const = 0;
  /// out = (dr/du)^T p. Collective; p is primal with valid ghosts, out is dual.
  virtual void apply_jacobian_transpose(unsigned int load_case, const State &p, StateDual &out) const = 0;
  /// Solves dr/du du = rhs. Collective. The right-hand side is overwritten, so move it in when it is no longer needed.
  /// @param rhs dual
  /// @param du primal; its displacement is the first guess and becomes the solution, zero on constrained entries, with
  ///   valid ghosts
  virtual SolveReport solve_jacobian(unsigned int load_case, StateDual rhs, State &du,
                                     const SolveRequest &request = {}) = 0;
  /// Solves (dr/du)^T p = rhs. Collective; rhs is dual and p primal, both as in `solve_jacobian`.
  virtual SolveReport solve_jacobian_transpose(unsigned int load_case, StateDual rhs, State &p,
                                               const SolveRequest &request = {}) = 0;

  /// out = dr/dm [m_hat] at (u, m). Collective; u and m_hat are primal, u with valid ghosts; out is dual.
  virtual void apply_parameter_jacobian(unsigned int load_case, const State &u, const ParameterVector &m_hat,
                                        StateDual &out) const = 0;
  /// g += (dr/dm)^T p at (u, m). Collective; u and p are primal with valid ghosts, g is dual.
  virtual void add_parameter_jacobian_transpose(unsigned int load_case, const State &u, const State &p,
                                                ParameterVector &g) const = 0;

  /// g += p^T d2r/dm2 [m_hat] at (u, m). Collective; u, p and m_hat are primal, u and p with valid ghosts; g is dual.
  virtual void add_second_parameter(unsigned int load_case, const State &u, const State &p,
                                    const ParameterVector &m_hat, ParameterVector &g) const = 0;
  /// g += p^T d2r/dm du [u_hat]. Collective; u_hat, with the increments of its load factors, and p are primal with
  /// valid ghosts, g is dual.
  virtual void add_second_mixed(unsigned int load_case, const State &u_hat, const State &p,
                                ParameterVector &g) const = 0;
  /// out = (d2r/du dm [m_hat])^T p. Collective; p and m_hat are primal, p with valid ghosts; out is dual.
  virtual void apply_second_mixed_transpose(unsigned int load_case, const State &p, const ParameterVector &m_hat,
                                            StateDual &out) const = 0;
};

} // namespace lodestone
