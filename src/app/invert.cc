#include <lodestone/app/commands.h>
#include <lodestone/app/continuation_report.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/find_model.h>
#include <lodestone/app/minimisation.h>
#include <lodestone/app/model_report.h>
#include <lodestone/app/prior_report.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/app/variance_components.h>
#include <lodestone/app/weight_report.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/csv_writer.h>
#include <lodestone/objective/sensitivity.h>

#include <filesystem>
#include <system_error>

namespace lodestone
{

namespace
{
ExitCode exit_code(const StopReason &stop)
{
  return stop.converged ? ExitCode::done : stop.resumable ? ExitCode::stopped_early : ExitCode::no_progress;
}

template <int dim>
void report_checkpoints(const CheckpointClock &checkpoints, const Run<dim> &run, Log &log)
{
  std::error_code error;
  double bytes = 0;
  for (std::filesystem::directory_iterator file(run.directory().file("checkpoint"), error), end; !error && file != end;
       file.increment(error))
    if (const auto size = file->file_size(error); !error)
      bytes += double(size);
  log.line("  checkpoints: " + std::to_string(checkpoints.n_written()) + " written in " +
           significant(checkpoints.seconds(), 2) + " s" +
           (error || bytes == 0 ? "" : ", " + significant(1e-6 * bytes, 3) + " MB on the disk"));
}

/// What is computed at the model that was found, as far as it is known.
struct AtModel
{
  std::optional<VarianceComponents> components;
  std::optional<DiscretizationError> error;
  std::optional<StandardErrors> standard_errors;
  std::optional<ParameterVector> gradient, sensitivity;
};

/// Writes everything that is known of the result, m, where the objective has been evaluated.
template <int dim>
void write_results(ResultWriter<dim> &writer, const unsigned int iteration, const ParameterVector &m,
                   const AtModel &at_model, const NumberTable &history, Log &log)
{
  const ParameterVector *const g = at_model.gradient ? &*at_model.gradient : nullptr;
  const ParameterVector *const s = at_model.sensitivity ? &*at_model.sensitivity : nullptr;
  writer.write_last_step(iteration, m, g, s);
  writer.write_fits(log);
  writer.write_surface_grid();
  writer.write_results_file(m, g, s, &history);
}

/// The gradient, and the sensitivity of the cells where the deck asks for it.
template <int dim>
void add_derivatives(Run<dim> &run, AtModel &found)
{
  ReducedObjective &objective = run.problem().objective();
  if (ParameterVector g; objective.gradient(g).converged)
    found.gradient = std::move(g);
  const unsigned int n_samples = run.parameters().output.sensitivity_samples;
  if (ParameterVector s; n_samples > 0 && sample_sensitivity(objective, n_samples, s).converged)
    found.sensitivity = std::move(s);
}

/// Finds the model and what is estimated at it, as far as the run is not asked to stop. Then the objective has been
/// evaluated at the model. @throws Interrupted before there is any iterate
template <int dim>
AtModel find_model_and_errors(Run<dim> &run, Minimisation<dim> &minimisation, Log &log)
{
  AtModel found;
  try
  {
    found.components = find_model(run, minimisation, log);
    if (stop_requested_on_any_rank(run.communicator()))
      throw Interrupted();
    found.error = estimate_and_report_error(run.problem(), log);
    if (wants_standard_errors(run.problem()))
      found.standard_errors = standard_errors(run.problem(), minimisation.m(), log);
    add_derivatives(run, found);
  }
  catch (const Interrupted &)
  {
    if (minimisation.result().stop.kind == StopReason::Kind::running)
      throw;
  }
  const bool is_interrupted = stop_requested_on_any_rank(run.communicator());
  begin_last_steps();
  if (!is_interrupted)
    return found;
  minimisation.interrupt();
  log.line(stop_cause(run.communicator()) +
           ": the run stops, and writes what it has. A second signal ends it at once; the checkpoint stays");
  ReducedObjective &objective = run.problem().objective();
  if (const SolveReport report = objective.evaluate(minimisation.m()); !report.converged)
    throw SolverError("the forward problem could not be solved at the last accepted iterate: " + report.reason);
  objective.set_accuracy({1, 1}); // that of the last iterate's gradient suffices
  if (ParameterVector g; !found.gradient && objective.has_adjoints() && objective.gradient(g).converged)
    found.gradient = std::move(g);
  return found;
}
} // namespace

template <int dim>
ExitCode invert_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  Resumption resumption;
  typename Run<dim>::Needs needs{true, true, 1};
  needs.look = [&](const Run<dim> &begun) {
    resumption = Resumption::find(begun.parameters().inversion.resume, begun.directory(),
                                  problem_entries(begun.resolved_parameters(), deck.directory(), comm), log);
  };
  Run<dim> run(deck, comm, log, needs);
  const RunParameters<dim> &parameters = run.parameters();
  Minimisation<dim> minimisation(run, deck, resumption, log);
  (void)wants_standard_errors(run.problem()); // refuses before the inversion what cannot be done after it
  // What the results are written with is tried before earlier results give way.
  (void)ResultWriter<dim>(result_source(run.problem()), parameters.output, run.directory(), "inversion", "");

  run.begin_results(minimisation.goes_on());
  report_one_sigma(run.problem(), log);
  const AtModel at_model = find_model_and_errors(run, minimisation, log);
  const WorkingPart part("the results");
  const auto &components = at_model.components;
  const auto &error = at_model.error;
  const auto &errors = at_model.standard_errors;
  const auto &result = minimisation.result();
  const ParameterVector &m = minimisation.m();
  Problem<dim> &problem = run.problem();
  const ResultSource<dim> source = result_source(problem, error ? &*error : nullptr, errors ? &*errors : nullptr,
                                                 components ? &*components : nullptr);
  ResultWriter<dim> writer(source, parameters.output, run.directory(), "inversion", run.resolved_parameters());
  write_results(writer, result.last.iteration, m, at_model, minimisation.history(), log);
  const Continuation &continuation = minimisation.continuation();
  if (const WeightPath &path = continuation.weight_path(); !path.empty())
  {
    write_csv(run.directory().file("weight_path.csv"), weight_table(path), comm);
    if (result.stop.converged)
      report_weight(problem, path, continuation.weight_is_found(), log);
    else
      log.line("the search for the weight of the prior is not finished: the model is that of a weight on the way");
  }
  if (parameters.inversion.continuation_levels > 0)
    report_continuation(continuation, log);
  if (components)
    report_variance_components(problem, *components, log);
  report_estimates(source, log);
  report_moduli(problem, m, log);
  if (errors)
    report_standard_errors(*errors, log);
  const bool unfitted = warn_of_unfitted_data(problem, log);
  const ExitCode code = exit_code(result.stop);
  write_atomically(
      run.directory().file("summary.json"),
      run_summary(source, {"invert", result, int(code), run.seconds(), recovered_ranges(problem, m), deck.file(),
                           parameters.inversion.continuation_levels > 0 ? continuation.levels()
                                                                        : std::vector<ContinuationLevel>()}),
      comm);
  const std::string end =
      m.size() > 0 ? result.stop.text
                   : "no stiffness is unknown: load strengths and nuisance terms were estimated, nothing else";
  log.line(end + (result.stop.converged && unfitted
                      ? ". This minimum does not fit the data: see the warnings above before you use it"
                      : ""));
  log.line(problem.objective().ledger().table());
  report_checkpoints(minimisation.checkpoints(), run, log);
  log.line("results: " + run.directory().path() + ". Next: make a page of them with scripts/report.py " +
           run.directory().path() + ", or open inversion.pvd in ParaView");
  if (code == ExitCode::stopped_early)
    log.line("to go on: the same command with --set Optimizer/Resume=yes");
  return code;
}

template ExitCode invert_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode invert_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
