#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/interrupt.h>
#include <lodestone/app/model_report.h>
#include <lodestone/app/noise_estimate.h>
#include <lodestone/app/poisson_watch.h>
#include <lodestone/app/prior_report.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/app/variance_components.h>
#include <lodestone/app/weight_report.h>
#include <lodestone/inversion/weight_search.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/csv_writer.h>
#include <lodestone/io/history_writer.h>
#include <lodestone/objective/sensitivity.h>

#include <functional>

namespace lodestone
{

namespace
{
template <int dim>
Checkpoint<dim> make_checkpoint(Run<dim> &run)
{
  return {run.problem().parametrization().cells(), run.directory().file("checkpoint/model.h5"), "Optimizer/Resume"};
}

/// Sets m to the start and returns what an earlier run left, if this one goes on from it.
template <int dim>
typename Checkpoint<dim>::Content read_start(Run<dim> &run, const Deck &deck, ParameterVector &m)
{
  const InversionParameters &inversion = run.parameters().inversion;
  const Checkpoint<dim> checkpoint = make_checkpoint(run);
  if (inversion.resume && checkpoint.exists())
    return checkpoint.read(m);
  if (!inversion.start_model.empty())
    read_unknowns(run.problem().parametrization().cells(), deck.resolve(inversion.start_model), "Optimizer/Start model",
                  m);
  return {};
}

ExitCode exit_code(const StopReason &stop)
{
  return stop.converged ? ExitCode::done : stop.resumable ? ExitCode::stopped_early : ExitCode::no_progress;
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

/// The end of a minimisation, and what another one needs to go on from there.
template <int dim>
struct Minimum
{
  Optimizer::Result result;
  typename Checkpoint<dim>::Content content;
  WeightPath weight_path;
  bool weight_is_found = true;
};

/// Minimises on the present mesh from m, which is the last accepted iterate afterwards.
/// @param weight how the prior's weight comes about
template <int dim>
Minimum<dim> minimise(Run<dim> &run, ParameterVector &m, typename Checkpoint<dim>::Content start,
                      const WeightParameters &weight, Log &log)
{
  const RunParameters<dim> &parameters = run.parameters();
  Problem<dim> &problem = run.problem();
  const ResultSource<dim> source = result_source(problem);
  ResultWriter<dim> writer(source, parameters.output, run.directory(), "inversion", run.resolved_parameters());
  const Checkpoint<dim> checkpoint = make_checkpoint(run);
  HistoryWriter history(run.directory().file("history.csv"), Inversion::history_columns(), run.communicator(),
                        parameters.has_rates() ? std::vector<std::string>{"the data are rates, per year"}
                                               : std::vector<std::string>{});
  history.add_rows_before(start.state.number("iteration", 0), start.history);

  WeightSearch search(problem.objective(), problem.volume_weights(), parameters.inversion, weight, log);
  search.resume(std::move(start.state));
  Inversion &inversion = search.inversion();
  inversion.stop_when(interrupted);
  inversion.on_start([&] {
    compare_finite_depth(problem, log);
    compare_with_data(problem, log);
    report_estimates(source, log);
    (void)estimate_and_report_error(problem, log);
  });
  PoissonWatch<dim> poisson(problem, log);
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    poisson.look(iterate.optimizer.iteration, at);
    history.add_row(Inversion::history_row(iterate));
    checkpoint.write(at, search.state(), history.table());
    if (iterate.optimizer.iteration % parameters.output.vtu_every == 0)
    {
      ParameterVector gradient;
      (void)problem.objective().gradient(gradient);
      writer.write_step(iterate.optimizer.iteration, at, &gradient, nullptr);
    }
  });
  Minimum<dim> minimum;
  minimum.result = search.run(m, problem.parametrization().bounds(), parameters.solver.tolerance);
  minimum.content = {search.state(), history.table()};
  minimum.weight_path = search.path();
  minimum.weight_is_found = search.succeeded();
  return minimum;
}

/// The variance components at the minimum. With `Weights = estimate` they change sigma of the data sets, and the
/// minimisation goes on, until they stay.
template <int dim>
std::optional<VarianceComponents> weigh_data_sets(Run<dim> &run, Minimum<dim> &minimum,
                                                  const std::function<void()> &minimise_again, Log &log)
{
  constexpr unsigned int most_rounds = 8;
  Problem<dim> &problem = run.problem();
  std::optional<VarianceComponents> found;
  for (unsigned int round = 0; minimum.result.stop.converged && !interrupted_on_any_rank(run.communicator()); ++round)
  {
    const bool is_discrepancy =
        !minimum.weight_path.empty() && run.parameters().prior.weight_choice().choice == WeightChoice::discrepancy;
    found = variance_components(problem, is_discrepancy, log);
    if (!found || run.parameters().data_weights == DataWeights::given)
      break;
    if (round == most_rounds)
    {
      log.warning("Weights = estimate: after " + std::to_string(most_rounds) +
                  " rounds the factors of sigma still change. Look whether one of the data sets disagrees with the "
                  "others, and give the sets' sigma by hand.");
      break;
    }
    if (!apply_variance_components(problem, *found, log))
      break;
    minimise_again();
  }
  return found;
}
} // namespace

template <int dim>
ExitCode invert_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  Run<dim> run(deck, comm, log, {true, true, 1});
  const RunParameters<dim> &parameters = run.parameters();
  ParameterVector m = run.problem().parametrization().make_vector();
  auto start = read_start(run, deck, m);
  (void)wants_standard_errors(run.problem()); // refuses before the inversion what cannot be done after it
  // What the results are written with is tried before earlier results give way.
  (void)ResultWriter<dim>(result_source(run.problem()), parameters.output, run.directory(), "inversion", "");

  run.begin_results(parameters.inversion.resume);
  report_one_sigma(run.problem(), log);
  // What chi^2/N says of the weight depends on the noise: until that is estimated, the prior is taken at its word.
  WeightParameters weight = parameters.prior.weight_choice();
  const bool weight_comes_later = weight.choice != WeightChoice::given && wants_noise_estimate(run.problem());
  if (weight_comes_later)
  {
    weight = WeightParameters();
    log.line("Estimate noise: the weight of the prior is 1 until the noise is estimated, and looked for after that");
  }
  Minimum<dim> minimum = minimise(run, m, std::move(start), weight, log);
  const auto minimise_again = [&] {
    minimum.content.state = WeightSearch::for_changed_problem(std::move(minimum.content.state));
    minimum = minimise(run, m, std::move(minimum.content), weight, log);
  };
  if (minimum.result.stop.converged && run.adapt_at(m, FirstMesh::is_checked))
    minimise_again();
  constexpr unsigned int most_noise_estimates = 3;
  for (unsigned int k = 0;
       k < most_noise_estimates && minimum.result.stop.converged && estimate_noise(run.problem(), run.directory(), log);
       ++k)
    minimise_again();
  weight = parameters.prior.weight_choice();
  if (weight_comes_later && minimum.result.stop.converged)
    minimise_again();

  Problem<dim> &problem = run.problem();
  const auto components = weigh_data_sets(run, minimum, minimise_again, log);
  const auto &result = minimum.result;
  const DiscretizationError error = estimate_and_report_error(problem, log);
  const auto errors = wants_standard_errors(problem) && !interrupted_on_any_rank(comm)
                          ? standard_errors(problem, m, log)
                          : std::nullopt;
  const ResultSource<dim> source =
      result_source(problem, &error, errors ? &*errors : nullptr, components ? &*components : nullptr);
  ResultWriter<dim> writer(source, parameters.output, run.directory(), "inversion", run.resolved_parameters());
  write_results(run, writer, result.last.iteration, m, minimum.content.history, log);
  if (!minimum.weight_path.empty())
  {
    write_csv(run.directory().file("weight_path.csv"), weight_table(minimum.weight_path), comm);
    if (result.stop.converged)
      report_weight(problem, minimum.weight_path, minimum.weight_is_found, log);
    else
      log.line("the search for the weight of the prior is not finished: the model is that of a weight on the way");
  }
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
      run_summary(source, {"invert", result, int(code), run.seconds(), recovered_ranges(problem, m), deck.file()}),
      comm);
  const std::string end =
      m.size() > 0 ? result.stop.text
                   : "no stiffness is unknown: load strengths and nuisance terms were estimated, nothing else";
  log.line(end + (result.stop.converged && unfitted
                      ? ". This minimum does not fit the data: see the warnings above before you use it"
                      : ""));
  log.line(problem.objective().ledger().table());
  log.line("results: " + run.directory().path() + ". Next: make a page of them with scripts/report.py " +
           run.directory().path() + ", or open inversion.pvd in ParaView");
  return code;
}

template ExitCode invert_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode invert_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
