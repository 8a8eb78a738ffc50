#include <lodestone/base/parameter_entries.h>
#include <lodestone/solver/linear_solver.h>

#include <cmath>
#include <iomanip>
#include <sstream>

namespace lodestone
{

namespace
{
const Choice<SolverMethod> methods = {{SolverMethod::automatic, "auto"},
                                      {SolverMethod::multigrid, "multigrid"},
                                      {SolverMethod::amg, "amg"},
                                      {SolverMethod::direct, "direct"}};
} // namespace

void LinearSolver::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  add_choice(handler, "Method", method, methods,
             "multigrid: matrix-free conjugate gradients with geometric multigrid. amg: an assembled matrix "
             "with algebraic multigrid. direct: a sparse Cholesky factorisation (MUMPS). auto chooses direct "
             "for small models, multigrid otherwise, and amg for Q1 on a mesh that was never refined; the "
             "log says which and why.");
  handler.add_parameter("Tolerance", tolerance,
                        "Relative residual |b - K x| / |b| at which an iterative solve ends (0 to 1e-2).",
                        dealii::Patterns::Double(1e-15, 1e-2));
  handler.add_parameter("Maximum iterations", maximum_iterations,
                        "Conjugate-gradient iterations after which a solve counts as failed.",
                        dealii::Patterns::Integer(1));
  handler.add_parameter(
      "Warm start vectors", warm_start_vectors,
      "Number of recent states and adjoints per load case from which iterative solves make first guesses (0: none). "
      "n of them take 16 (n + 1) bytes per unknown and load case.",
      dealii::Patterns::Integer(0, 100));
}

void LinearSolver::explain_failure(SolveReport &report, const double tolerance, const Parameters &parameters,
                                   const std::string &breakdown)
{
  // After a hundred iterations for less than a digit, further ones would be of no use.
  constexpr double no_headway = 0.1;
  constexpr unsigned int many_iterations = 100;
  const bool finite = std::isfinite(report.relative_residual);
  report.diverged =
      !breakdown.empty() || !finite || (report.relative_residual > no_headway && report.iterations >= many_iterations);
  std::ostringstream text;
  text << std::setprecision(2) << "conjugate gradients ";
  if (!breakdown.empty())
    text << "broke down after " << report.iterations << " iterations, at a relative residual of "
         << report.relative_residual << ": " << breakdown;
  else if (!finite)
    text << "met numbers that are not finite after " << report.iterations << " iterations";
  else
    text << "reached a relative residual of " << report.relative_residual << " in " << report.iterations
         << " iterations, where " << (tolerance > parameters.tolerance ? "an inexact solve" : "Solver/Tolerance")
         << " asks for " << tolerance << " and Solver/Maximum iterations allows " << parameters.maximum_iterations;
  report.reason = text.str();
}

} // namespace lodestone
