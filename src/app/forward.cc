#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/problem.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/observation/data_writer.h>

#include <deal.II/base/timer.h>

namespace lodestone
{

template <int dim>
ExitCode forward_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  dealii::Timer timer;
  std::string resolved;
  const auto parameters = RunParameters<dim>::read(deck, resolved);
  const ResultDirectory directory(parameters.output_directory, comm);
  log.line(version_text() + (parameters.title.empty() ? "" : parameters.title + "\n"));
  Problem<dim> problem(parameters, deck.directory(), comm, log);
  for (unsigned int s = 0; s < parameters.load_cases.size(); ++s)
    for (const auto &load : problem.loads(s))
      if (load.estimated && !problem.has_observations(s))
        throw InputError("Load cases/" + parameters.load_cases[s].name + "/" + load.name + "/Strength",
                         "'estimate' without observed data to estimate it from",
                         "Give a number, or name data sets with a File.");
  const ResultSource<dim> source = result_source(problem);
  ResultWriter<dim> writer(source, parameters.output, directory, "forward", resolved);

  // The input is good: only now do earlier results give way.
  directory.set_earlier_results_aside();
  log.open(directory.file("log.txt"));
  write_atomically(directory.file("parameters.prm"), resolved, comm);

  const ParameterVector m = problem.parametrization().make_vector();
  const SolveReport report = problem.objective().evaluate(m);
  if (!report.converged)
    throw SolverError(
        "the forward problem could not be solved: " + report.reason +
        ". Change what section Solver asks for: another Method, more Maximum iterations, a looser Tolerance");
  problem.compare_finite_depth(log);
  writer.write_last_step(0, m, nullptr, nullptr);
  for (unsigned int s = 0; s < problem.objective().load_cases().size(); ++s)
  {
    DataVector predicted = problem.predict(s);
    const auto sets = predicted_sets(problem.data_sets(s), predicted);
    if (parameters.output.noise > 0)
    {
      const DataVector noise = gaussian_noise(sets, parameters.output.seed + s);
      for (std::size_t i = 0; i < predicted.size(); ++i)
        predicted[i] += parameters.output.noise * noise[i];
    }
    const auto first = first_data(sets);
    for (unsigned int k = 0; k < sets.size(); ++k)
      write_atomically(directory.file(writer.data_name(s, sets[k]) + ".csv"),
                       data_file_text(sets[k], predicted, first[k]), comm);
  }
  writer.write_surface_grid();
  writer.write_results_file(m, nullptr, nullptr, nullptr);
  report_estimates(source, log);
  write_atomically(directory.file("summary.json"),
                   run_summary(source, {"forward", {}, int(ExitCode::done), timer.wall_time()}), comm);
  log.line(problem.objective().ledger().table());
  log.line("results: " + directory.path() + " (ParaView: forward.pvd)");
  return ExitCode::done;
}

template ExitCode forward_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode forward_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
