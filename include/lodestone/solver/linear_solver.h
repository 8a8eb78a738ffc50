#pragma once

#include <lodestone/base/solve_report.h>
#include <lodestone/material/moduli.h>

#include <deal.II/base/parameter_handler.h>

#include <functional>
#include <string>

namespace lodestone
{

/// Solves K(moduli) x = b, K the stiffness with springs and boundary conditions; one set-up serves every solve at these moduli.
///
/// K is symmetric positive definite, so forward, adjoint and incremental solves use the same operator. Behind this
/// interface are assembled matrices, factorisations and matrix-free multigrid.
class LinearSolver
{
public:
  struct Parameters
  {
    std::string method = "auto"; ///< auto | multigrid | amg | direct
    double tolerance = 1e-10;    ///< |b - K x| / |b| of a solve of which nothing else is said
    unsigned int maximum_iterations = 500;
    unsigned int solves_per_model =
        20; ///< what the run is expected to ask for between two models; `auto` weighs set-up with it
    unsigned int warm_start_vectors = 2; ///< states and adjoints kept of each load case, for first guesses

    void add_parameters(dealii::ParameterHandler &handler);
  };

  virtual ~LinearSolver() = default;

  /// Takes new moduli. Where no operator can be made of them, solves report why.
  virtual void renew(const Moduli &moduli) = 0;
  /// @param x first guess and result, no ghosts needed; zero on constrained entries
  /// @param tolerance |b - K x| / |b| at which an iterative solver ends, whatever the first guess
  virtual SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) = 0;
  /// Whether a good first guess saves work.
  virtual bool uses_guess() const = 0;
  /// Told of every iteration of a solve, for a line that shows that something happens.
  using Progress = std::function<void(unsigned int iteration, double relative_residual)>;
  virtual void on_progress(Progress progress) = 0;
  /// One line for the log: which method and why.
  virtual std::string describe() const = 0;

  /// After a solve that diverged: makes the method sturdier and slower, for this model and all later ones.
  /// @return a clause that says what is done ("multigrid smooths twice as often"); empty when nothing is left to do
  virtual std::string strengthen() { return ""; }
  /// Told in a sentence when a solve needed more than the usual method, for the log.
  using Notice = std::function<void(const std::string &)>;
  virtual void on_notice(Notice /*notice*/) {}

protected:
  /// Completes the report of conjugate gradients that did not converge: whether they diverged, and the reason in words.
  /// @param tolerance asked of this solve
  /// @param breakdown what broke down; empty when the iterations were used up
  static void explain_failure(SolveReport &report, double tolerance, const Parameters &parameters,
                              const std::string &breakdown);
};

} // namespace lodestone
