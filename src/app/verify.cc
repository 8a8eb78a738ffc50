#include <lodestone/app/commands.h>
#include <lodestone/app/discretization_error.h>
#include <lodestone/app/run.h>
#include <lodestone/base/error.h>
#include <lodestone/objective/derivative_check.h>
#include <lodestone/objective/gradient_cost.h>

namespace lodestone
{

template <int dim>
ExitCode verify_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  // Derivatives are those of the discrete problem, not of the error of the solver.
  Run<dim> run(deck, comm, log, {false, true, 1e-12});
  Problem<dim> &problem = run.problem();
  if (problem.parametrization().make_vector().size() == 0)
    throw InputError("Material/Unknowns", "no stiffness is unknown, so there are no derivatives to verify",
                     "Name an unknown, for instance with --set Material/Unknowns=\"Young modulus\".");
  const double tolerance = run.parameters().solver.tolerance;

  // Away from the background, where no derivative vanishes by accident.
  ParameterVector m = random_direction(problem.parametrization().make_vector(), 1);
  m.values() *= 0.1;
  m.values().update_ghost_values();
  const ParameterVector a = random_direction(m, 2), b = random_direction(m, 3);

  log.line("\nVerify tests the derivatives of this problem at a random model m, along random directions d. It does not "
           "test whether the mesh is\n"
           "fine enough, nor whether the data or the loads are right.\n"
           "J is the objective, g its gradient, H its Hessian. As the step h shrinks, J(m + h d) - J(m) - h g.d must "
           "fall like h^2 (slope 2),\n"
           "with the term of H as well like h^3 (slope 3), and the same for the gradient: g(m + h d) - g(m) - h H d "
           "like h^2.");
  if (const SolveReport report = problem.objective().evaluate(problem.parametrization().make_vector());
      report.converged)
    (void)estimate_and_report_error(problem, log);
  const DerivativeCheck check = check_derivatives(problem.objective(), m, a, b);
  log.line(check.table(tolerance));
  log.line("What a gradient costs with respect to n groups of neighbouring unknowns, in three ways: by adjoint, by "
           "tangent mode, by differences\n"
           "(*: extrapolated from the first ten groups).");
  log.line(gradient_cost_table(problem.objective(), m, {10, 100, 1000}));
  const bool passed = check.passes(tolerance);
  log.line(passed ? "PASS"
                  : "FAIL: a derivative does not agree with the others; do not trust an inversion of this problem");
  return passed ? ExitCode::done : ExitCode::solver_failure;
}

template ExitCode verify_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode verify_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
