#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/app/run.h>
#include <lodestone/app/run_summary.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/text.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/noise.h>

#include <algorithm>

namespace lodestone
{

namespace
{
/// @throws InputError for a strength that is to be estimated where nothing was observed, or beside places that were
/// not: their zeros would count as data
template <int dim>
void check_strengths(const Problem<dim> &problem)
{
  const auto &load_cases = problem.parameters().load_cases;
  for (unsigned int s = 0; s < load_cases.size(); ++s)
    for (const auto &load : problem.loads(s))
      if (load.estimated && !any_observed(problem.data_sets(s)))
        throw InputError("Load cases/" + load_cases[s].name + "/" + load.name + "/Strength",
                         "'estimate' without observed data to estimate it from",
                         "Give a number, or name data sets with observed values.");
      else if (load.estimated)
        for (const DataSet &set : problem.data_sets(s))
          if (!set.observed)
            throw InputError(set.file,
                             "nothing was observed there, and the strength of " + load.name + " is to be estimated",
                             "Estimate it first without this data set, and give the strength that was found as a "
                             "number.");
}

/// "gnss: predicted -75.6 to 24.3 mm"
std::string describe_prediction(const DataSet &set, const DataView predicted)
{
  if (predicted.size() == 0)
    return set.name + ": no data";
  const auto [lowest, highest] = std::minmax_element(predicted.begin(), predicted.end());
  return set.name + ": predicted " + significant(*lowest / set.unit, 3) + " to " + significant(*highest / set.unit, 3) +
         " " + set.unit_name;
}
} // namespace

template <int dim>
ExitCode forward_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  Run<dim> run(deck, comm, log, {});
  const RunParameters<dim> &parameters = run.parameters();
  Problem<dim> &problem = run.problem();
  const ResultDirectory &directory = run.directory();
  check_strengths(problem);
  DiscretizationError error;
  const ResultSource<dim> source = result_source(problem, &error);
  ResultWriter<dim> writer(source, parameters.output, directory, "forward", run.resolved_parameters());

  run.begin_results(false);
  const ParameterVector m = problem.parametrization().make_vector();
  const SolveReport report = problem.objective().evaluate(m);
  if (!report.converged)
    throw SolverError(
        "the forward problem could not be solved: " + report.reason +
        ". Change what section Solver asks for: another Method, more Maximum iterations, a looser Tolerance");
  compare_finite_depth(problem, log);
  compare_with_data(problem, log);
  error = estimate_and_report_error(problem, log);
  writer.write_last_step(0, m, nullptr, nullptr);
  for (unsigned int s = 0; s < problem.objective().load_cases().size(); ++s)
  {
    DataVector predicted = problem.predict(s);
    const auto sets = predicted_sets(problem.data_sets(s), predicted);
    if (parameters.output.noise > 0)
    {
      const DataVector noise = gaussian_noise(sets, parameters.output.seed + s, comm);
      for (std::size_t i = 0; i < predicted.size(); ++i)
        predicted[i] += parameters.output.noise * noise[i];
    }
    const DataLayout layout(sets);
    const auto u = total_displacement(problem.loads(s), problem.objective().state(s));
    log.line("load case " + parameters.load_cases[s].name + ": largest displacement of the boundary " +
             significant(largest_on_boundary(problem.space(), u), 4) + " m" + parameters.load_cases[s].rate_suffix());
    for (unsigned int k = 0; k < sets.size(); ++k)
    {
      log.line("  " + describe_prediction(sets[k], layout.slice(predicted, k)));
      const DataFile &file = *sets[k].source;
      write_atomically(directory.file(writer.data_name(s, sets[k]) + file.ending()),
                       file.contents(sets[k], layout.slice(predicted, k)), comm);
    }
  }
  writer.write_surface_grid();
  writer.write_results_file(m, nullptr, nullptr, nullptr);
  report_estimates(source, log);
  write_atomically(directory.file("summary.json"),
                   run_summary(source, {"forward", {}, int(ExitCode::done), run.seconds(), {}, deck.file()}), comm);
  log.line(problem.objective().ledger().table());
  log.line("results: " + directory.path() + ". Next: make a page of them with scripts/report.py " + directory.path() +
           ", or open forward.pvd in ParaView");
  return ExitCode::done;
}

template ExitCode forward_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode forward_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
