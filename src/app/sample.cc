#include <lodestone/app/cell_results.h>
#include <lodestone/app/commands.h>
#include <lodestone/app/prior_report.h>
#include <lodestone/app/run.h>
#include <lodestone/base/error.h>
#include <lodestone/base/loop_progress.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// What can be refused before the mesh is made.
void check(const PriorParameters &prior)
{
  const auto is_tv = [](const PriorType type) { return type == PriorType::total_variation; };
  if (prior.types.empty() ? is_tv(prior.type) : std::any_of(prior.types.begin(), prior.types.end(), is_tv))
    throw InputError("Prior/Type", "samples of total variation are not offered: it is no Gaussian prior",
                     "Set Type = Matern or H1, for instance with --set Prior/Type=Matern.");
}

/// Root of the mean over all unknowns of a field of sums of squares over n samples.
double deviation_of(const ParameterVector &squares, const unsigned int field, const unsigned int n)
{
  double sums[2] = {0, 0};
  for (const auto i : squares.values().locally_owned_elements())
    if (squares.layout().field_of(i) == field)
    {
      sums[0] += squares.values()(i);
      sums[1] += 1;
    }
  dealii::Utilities::MPI::sum(sums, squares.values().get_mpi_communicator(), sums);
  return std::sqrt(sums[0] / n / sums[1]);
}

} // namespace

template <int dim>
ExitCode sample_command(const Deck &deck, MPI_Comm comm, Log &log, const unsigned int n_samples)
{
  typename Run<dim>::Needs needs;
  needs.data = false;
  needs.folder = "prior";
  needs.check = [](const RunParameters<dim> &parameters) { check(parameters.prior); };
  Run<dim> run(deck, comm, log, needs);
  Problem<dim> &problem = run.problem();
  ParameterVector m = problem.parametrization().make_vector();
  if (m.size() == 0)
    throw InputError("Material/Unknowns", "no stiffness is unknown, so there is nothing to sample",
                     "Name an unknown, for instance with --set Material/Unknowns=\"Young modulus\".");
  run.begin_results(false);
  const Prior &prior = *problem.objective().prior();
  const ResultSource<dim> source = result_source(problem);
  VtuWriter<dim> writer(problem.space(), run.directory(), "samples");
  const ParameterVector mean = prior_centre(problem);
  ParameterVector squares = mean;
  squares.values() = 0;
  SafePoints points(comm);
  LoopProgress progress(log, "samples", n_samples);
  for (unsigned int k = 0; k < n_samples; ++k)
  {
    points.pass();
    const SolveReport report = prior.sample(run.parameters().output.seed + k, m);
    if (!report.converged)
      throw SolverError("a sample of the prior could not be drawn: " + report.reason);
    for (unsigned int i = 0; i < m.values().locally_owned_size(); ++i)
      squares.values().local_element(i) += std::pow(m.values().local_element(i) - mean.values().local_element(i), 2);
    NamedFields fields;
    for (DescribedField &field : cell_results(source, m, nullptr, nullptr))
      fields.emplace_back(name_with_unit(field.name, field.info.units), std::move(field.field));
    writer.write(k, fields, {});
    progress.step();
  }
  std::vector<double> deviations;
  for (unsigned int k = 0; k < m.layout().unknown_fields.size(); ++k)
  {
    deviations.push_back(deviation_of(squares, k, n_samples));
    log.line("standard deviation of " + m.layout().unknown_fields[k].name + ", over all " +
             (m.layout().unknown_fields[k].is_by_zone ? "zones" : "cells") + " of " + counted(n_samples, "sample") +
             ": " + significant(deviations.back(), 3));
  }
  report_one_sigma(problem, mean, deviations, log);
  log.line("samples: " + run.directory().file("samples.pvd") +
           ". Open it in ParaView: if they do not look like ground "
           "that you believe in, change section Prior");
  return ExitCode::done;
}

template ExitCode sample_command<2>(const Deck &, MPI_Comm, Log &, unsigned int);
template ExitCode sample_command<3>(const Deck &, MPI_Comm, Log &, unsigned int);

} // namespace lodestone
