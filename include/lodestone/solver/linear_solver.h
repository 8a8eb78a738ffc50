#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/base/solve_report.h>
#include <lodestone/material/moduli.h>

#include <deal.II/base/parameter_handler.h>

#include <functional>
#include <string>

namespace lodestone
{

/// The linear solver that a parameter file asks for.
enum class SolverMethod
{
  automatic, ///< the one that is expected to be fastest
  multigrid, ///< conjugate gradients with geometric multigrid, without a matrix
  amg,       ///< conjugate gradients with algebraic multigrid, assembled
  direct     ///< a sparse Cholesky factorisation
};

/// Solves K(moduli) x = b, where K is the stiffness with springs and boundary conditions. One set-up serves every solve
/// at these moduli.
///
/// K is symmetric positive definite, so forward, adjoint and incremental solves use the same operator. Implementations:
/// AssembledSolver, MultigridSolver, and RecoveringSolver, which helps these two when they break down.
class LinearSolver
{
public:
  /// The section `Solver` of a deck.
  struct Parameters
  {
    SolverMethod method = SolverMethod::automatic;
    double tolerance = 1e-10;               ///< |b - K x| / |b| of a solve that asks for nothing else
    unsigned int maximum_iterations = 2000; ///< iterations after which a solve counts as failed
    /// Number of solves that the run is expected to make at one model; `auto` weighs the cost of a set-up with it. It
    /// is no entry of the deck.
    unsigned int solves_per_model = 20;
    unsigned int warm_start_vectors = 2; ///< states and adjoints that are kept per load case, for first guesses

    /// Declares the entries.
    void add_parameters(dealii::ParameterHandler &handler);
  };

  virtual ~LinearSolver() = default;

  /// Takes new moduli. If no operator can be built from them (not finite, not positive), later solves report why.
  /// Collective.
  virtual void renew(const Moduli &moduli) = 0;
  /// Solves K x = b. Collective.
  /// @param b dual, zero on constrained entries; needs no ghosts
  /// @param x primal, first guess and result; zero on constrained entries; needs no ghosts
  /// @param tolerance |b - K x| / |b| at which an iterative solver ends, whatever the first guess
  virtual SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) = 0;
  /// Whether a good first guess saves work.
  virtual bool uses_guess() const = 0;
  /// A function that is told of every iteration of a solve, to show that something happens.
  using Progress = std::function<void(unsigned int iteration, double relative_residual)>;
  /// Sets the function that is told of every iteration.
  virtual void on_progress(Progress progress) = 0;
  /// Names the method in one line, for the log.
  virtual std::string describe() const = 0;

  /// Adds to a state what earlier models and solves have left behind and later solves depend on within their tolerance;
  /// the names begin with `name`. Not collective.
  virtual void add_to(RankState & /*state*/, const std::string & /*name*/) const {}
  /// Takes it back, on the same number of ranks, after `renew` with these moduli, which are those that the solver had
  /// when the state was made. Collective.
  virtual void take_from(const RankState & /*state*/, const std::string & /*name*/, const Moduli & /*moduli*/) {}

  /// Makes the method sturdier and slower, for this model and all later ones. Call it after a solve that diverged.
  /// Collective.
  /// @return a clause that says what is done ("multigrid smooths twice as often"); empty if nothing is left to do
  virtual std::string strengthen() { return ""; }
  /// A function that is told, in a sentence for the log, that a solve needed more than the usual method.
  using Notice = std::function<void(const std::string &)>;
  /// Sets the function that is told of such solves.
  virtual void on_notice(Notice /*notice*/) {}

protected:
  /// Completes the report of conjugate gradients that did not converge: says whether they diverged, and the reason in
  /// words.
  /// @param report the report, which has residual and iterations already
  /// @param tolerance the tolerance that this solve was asked for
  /// @param parameters the parameters of the solver
  /// @param breakdown what broke down; empty if the iterations were used up
  static void explain_failure(SolveReport &report, double tolerance, const Parameters &parameters,
                              const std::string &breakdown);
};

} // namespace lodestone
