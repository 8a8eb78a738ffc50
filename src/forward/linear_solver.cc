#include <lodestone/forward/linear_solver.h>

#include <cmath>
#include <cstdio>

namespace lodestone
{

void LinearSolver::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  handler.add_parameter("Method", method,
                        "auto | multigrid | amg | direct: matrix-free conjugate gradients with geometric multigrid, an "
                        "assembled matrix with "
                        "algebraic multigrid, or a sparse Cholesky factorisation (MUMPS). auto takes the factorisation "
                        "for small models, multigrid otherwise, algebraic multigrid for Q1 on a mesh that was never "
                        "refined; the log says which and why.",
                        dealii::Patterns::Selection("auto|multigrid|amg|direct"));
  handler.add_parameter("Tolerance", tolerance,
                        "Relative residual |b - K x| / |b| at which an iterative solve ends (0 to 1e-2).",
                        dealii::Patterns::Double(1e-15, 1e-2));
  handler.add_parameter("Maximum iterations", maximum_iterations,
                        "Conjugate-gradient iterations after which a solve counts as failed.",
                        dealii::Patterns::Integer(1));
  handler.add_parameter(
      "Warm start vectors", warm_start_vectors,
      "States and adjoints at recent models, of each load case, that first guesses of iterative solves are made from "
      "(0: none). n of them take 16 (n + 1) byte an unknown and load case.",
      dealii::Patterns::Integer(0, 100));
}

void LinearSolver::explain_failure(SolveReport &report, const double tolerance, const unsigned int maximum_iterations, const std::string &breakdown)
{
  // Hundreds of iterations for less than a digit: more of them would be of no use.
  constexpr double no_headway = 0.1;
  const bool finite = std::isfinite(report.relative_residual);
  report.diverged = !breakdown.empty() || !finite || report.relative_residual > no_headway;
  char text[300];
  if (!breakdown.empty())
    std::snprintf(text, sizeof(text), "conjugate gradients broke down after %u iterations: %s", report.iterations, breakdown.c_str());
  else if (!finite)
    std::snprintf(text, sizeof(text), "conjugate gradients met numbers that are not finite after %u iterations", report.iterations);
  else
    std::snprintf(text, sizeof(text),
                  "conjugate gradients reached a relative residual of %.1e in the %u iterations that Solver/Maximum iterations allows; %.1e was asked for",
                  report.relative_residual, maximum_iterations, tolerance);
  report.reason = text;
}

} // namespace lodestone
