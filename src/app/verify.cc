#include <lodestone/app/commands.h>
#include <lodestone/app/problem.h>
#include <lodestone/objective/derivative_check.h>
#include <lodestone/objective/gradient_cost.h>

namespace lodestone
{

template <int dim>
ExitCode verify_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  std::string resolved;
  auto parameters = RunParameters<dim>::read(deck, resolved);
  parameters.solver.tolerance =
      std::min(parameters.solver.tolerance, 1e-12); // derivatives of the discrete problem, not of the solver's error
  log.line(version_text() + (parameters.title.empty() ? "" : parameters.title + "\n"));
  Problem<dim> problem(parameters, deck.directory(), comm, log);
  problem.require_data();

  // Away from the background, where no derivative vanishes by accident.
  ParameterVector m = random_direction(problem.parametrization().make_vector(), 1);
  m.values() *= 0.1;
  m.values().update_ghost_values();
  const ParameterVector a = random_direction(m, 2), b = random_direction(m, 3);

  log.line("\nderivatives at a random model, along a random direction");
  const DerivativeCheck check = check_derivatives(problem.objective(), m, a, b);
  log.line(check.table(parameters.solver.tolerance));
  log.line("cost of the full gradient (m per zone; * extrapolated from the first ten zones)");
  log.line(gradient_cost_table(problem.objective(), m, {10, 100, 1000}));
  const bool passed = check.passes(parameters.solver.tolerance);
  log.line(passed ? "PASS"
                  : "FAIL: a derivative does not agree with the others; do not trust an inversion of this problem");
  return passed ? ExitCode::done : ExitCode::solver_failure;
}

template ExitCode verify_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode verify_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
