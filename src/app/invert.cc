#include <lodestone/app/checkpoint.h>
#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/interrupt.h>
#include <lodestone/app/problem.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/objective/sensitivity.h>

#include <deal.II/base/timer.h>

namespace lodestone
{

template <int dim>
ExitCode invert_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  dealii::Timer timer;
  std::string resolved;
  const auto parameters = RunParameters<dim>::read(deck, resolved);
  const ResultDirectory directory(parameters.output_directory, comm);
  log.line(version_text() + (parameters.title.empty() ? "" : parameters.title + "\n"));
  Problem<dim> problem(parameters, deck.directory(), comm, log);
  problem.require_data();
  ParameterVector m = problem.parametrization().make_vector();
  const ResultSource<dim> source = result_source(problem);
  ResultWriter<dim> writer(source, parameters.output, directory, "inversion", resolved);
  const Checkpoint<dim> checkpoint(problem, directory);
  typename Checkpoint<dim>::Start start;
  if (parameters.inversion.resume && checkpoint.exists())
    start = checkpoint.read(m);
  else if (!parameters.inversion.start_model.empty())
    read_model(problem, deck.resolve(parameters.inversion.start_model), "Optimizer/Start model", m);

  // The input is good: only now do earlier results give way.
  if (!parameters.inversion.resume)
    directory.set_earlier_results_aside();
  log.open(directory.file("log.txt"));
  write_atomically(directory.file("parameters.prm"), resolved, comm);
  HistoryWriter history(directory.file("history.csv"), Inversion::history_columns(), comm,
                        problem.has_rates() ? std::vector<std::string>{"the data are rates, per year"}
                                            : std::vector<std::string>{});
  for (const auto &row : start.rows)
    if (row.front() < start.progress.iteration)
      history.add_row(row);

  Inversion inversion(problem.objective(), problem.volume_weights(), parameters.inversion, log);
  inversion.stop_when(interrupted);
  const unsigned int first_iteration = start.progress.iteration;
  inversion.continue_from(std::move(start.progress));
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    history.add_row(Inversion::history_row(iterate));
    checkpoint.write(iterate, at, inversion.curvature(), history.table());
    const unsigned int iteration = iterate.optimizer.iteration;
    if (iteration == first_iteration)
    {
      problem.compare_finite_depth(log);
      report_estimates(source, log);
    }
    if (iteration % parameters.output.vtu_every == 0)
    {
      ParameterVector gradient;
      (void)problem.objective().gradient(gradient);
      writer.write_step(iteration, at, &gradient, nullptr);
    }
  });
  const auto result = inversion.run(m, problem.parametrization().bounds(), parameters.solver.tolerance);

  ParameterVector gradient, sensitivity;
  const bool has_gradient = problem.objective().gradient(gradient).converged;
  const bool has_sensitivity =
      parameters.output.sensitivity_samples > 0 &&
      sample_sensitivity(problem.objective(), parameters.output.sensitivity_samples, sensitivity).converged;
  writer.write_last_step(result.last.iteration, m, has_gradient ? &gradient : nullptr,
                         has_sensitivity ? &sensitivity : nullptr);
  writer.write_fits(log);
  writer.write_surface_grid();
  writer.write_results_file(m, has_gradient ? &gradient : nullptr, has_sensitivity ? &sensitivity : nullptr,
                            &history.table());
  report_estimates(source, log);
  const ExitCode code = result.stop.converged   ? ExitCode::done
                        : result.stop.resumable ? ExitCode::stopped_early
                                                : ExitCode::solver_failure;
  write_atomically(directory.file("summary.json"),
                   run_summary(source, {"invert", result, int(code), timer.wall_time()}), comm);
  if (m.size() == 0)
    log.line("no stiffness is unknown: load strengths and nuisance terms were estimated, nothing else");
  else
    log.line((result.stop.text.rfind("stopped", 0) == 0 ? "" : "stopped: ") + result.stop.text);
  log.line(problem.objective().ledger().table());
  log.line("results: " + directory.path() + " (ParaView: inversion.pvd)");
  return code;
}

template ExitCode invert_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode invert_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
