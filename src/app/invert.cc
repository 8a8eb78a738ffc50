#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/interrupt.h>
#include <lodestone/app/model_report.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/history_writer.h>
#include <lodestone/objective/sensitivity.h>

namespace lodestone
{

namespace
{
/// Sets m to the start and returns what an earlier run left, if this one goes on from it.
template <int dim>
typename Checkpoint<dim>::Content read_start(Run<dim> &run, const Checkpoint<dim> &checkpoint, const Deck &deck,
                                             ParameterVector &m)
{
  const InversionParameters &inversion = run.parameters().inversion;
  if (inversion.resume && checkpoint.exists())
    return checkpoint.read(m);
  if (!inversion.start_model.empty())
    read_unknowns(run.problem().parametrization().cells(), deck.resolve(inversion.start_model), "Optimizer/Start model",
                  m);
  return {};
}

ExitCode exit_code(const StopReason &stop)
{
  return stop.converged ? ExitCode::done : stop.resumable ? ExitCode::stopped_early : ExitCode::solver_failure;
}

/// Writes everything that is known of the result, m, where the objective has been evaluated.
template <int dim>
void write_results(Run<dim> &run, ResultWriter<dim> &writer, const unsigned int iteration, const ParameterVector &m,
                   const NumberTable &history, Log &log)
{
  ReducedObjective &objective = run.problem().objective();
  ParameterVector gradient, sensitivity;
  const unsigned int n_samples = run.parameters().output.sensitivity_samples;
  const bool has_gradient = objective.gradient(gradient).converged;
  const bool has_sensitivity = n_samples > 0 && sample_sensitivity(objective, n_samples, sensitivity).converged;
  const ParameterVector *const g = has_gradient ? &gradient : nullptr;
  const ParameterVector *const s = has_sensitivity ? &sensitivity : nullptr;
  writer.write_last_step(iteration, m, g, s);
  writer.write_fits(log);
  writer.write_surface_grid();
  writer.write_results_file(m, g, s, &history);
}
} // namespace

template <int dim>
ExitCode invert_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  Run<dim> run(deck, comm, log, {true, true, 1});
  const RunParameters<dim> &parameters = run.parameters();
  Problem<dim> &problem = run.problem();
  const ResultDirectory &directory = run.directory();
  const ResultSource<dim> source = result_source(problem);
  ResultWriter<dim> writer(source, parameters.output, directory, "inversion", run.resolved_parameters());
  const Checkpoint<dim> checkpoint(problem.parametrization().cells(), directory.file("checkpoint/model.h5"),
                                   "Optimizer/Resume");
  ParameterVector m = problem.parametrization().make_vector();
  auto start = read_start(run, checkpoint, deck, m);

  run.begin_results(parameters.inversion.resume);
  HistoryWriter history(directory.file("history.csv"), Inversion::history_columns(), comm,
                        parameters.has_rates() ? std::vector<std::string>{"the data are rates, per year"}
                                               : std::vector<std::string>{});
  history.add_rows_before(start.state.number("iteration", 0), start.history);

  Inversion inversion(problem.objective(), problem.volume_weights(), parameters.inversion, log);
  inversion.resume(std::move(start.state));
  inversion.stop_when(interrupted);
  inversion.on_start([&] {
    compare_finite_depth(problem, log);
    compare_with_data(problem, log);
    report_estimates(source, log);
  });
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    history.add_row(Inversion::history_row(iterate));
    checkpoint.write(at, inversion.state(), history.table());
    if (iterate.optimizer.iteration % parameters.output.vtu_every == 0)
    {
      ParameterVector gradient;
      (void)problem.objective().gradient(gradient);
      writer.write_step(iterate.optimizer.iteration, at, &gradient, nullptr);
    }
  });
  const auto result = inversion.run(m, problem.parametrization().bounds(), parameters.solver.tolerance);

  write_results(run, writer, result.last.iteration, m, history.table(), log);
  report_estimates(source, log);
  report_moduli(problem, m, log);
  const bool unfitted = warn_of_unfitted_data(problem, log);
  const ExitCode code = exit_code(result.stop);
  write_atomically(directory.file("summary.json"), run_summary(source, {"invert", result, int(code), run.seconds()}),
                   comm);
  const std::string end =
      m.size() > 0 ? result.stop.text
                   : "no stiffness is unknown: load strengths and nuisance terms were estimated, nothing else";
  log.line(end + (result.stop.converged && unfitted
                      ? ". This minimum does not fit the data: see the warnings above before you use it"
                      : ""));
  log.line(problem.objective().ledger().table());
  log.line("results: " + directory.path() + ". Next: draw them with scripts/plot.py " + directory.path() +
           ", or open inversion.pvd in ParaView");
  return code;
}

template ExitCode invert_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode invert_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
