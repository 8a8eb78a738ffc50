#include <lodestone/app/commands.h>
#include <lodestone/app/failure.h>
#include <lodestone/app/launcher.h>
#include <lodestone/app/petsc_options.h>
#include <lodestone/app/run_parameters.h>
#include <lodestone/base/blas.h>
#include <lodestone/base/heartbeat.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>

#include <iostream>

namespace lodestone
{

namespace
{
template <int dim>
ExitCode dispatch(const CommandLine &line, const Deck &deck, MPI_Comm comm, Log &log)
{
  if (line.command == "forward")
    return forward_command<dim>(deck, comm, log);
  if (line.command == "invert")
    return line.dry_run ? dry_run_command<dim>(deck, comm, log) : invert_command<dim>(deck, comm, log);
  if (line.command == "sample")
    return sample_command<dim>(deck, comm, log, line.n_samples);
  return verify_command<dim>(deck, comm, log);
}

void print(MPI_Comm comm, const std::string &text, std::ostream &out)
{
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    out << text << std::flush;
}

} // namespace

ExitCode run(const CommandLine &line, MPI_Comm comm)
{
  const PetscErrorCapture capture;
  try
  {
    if (line.command == "--help" || line.command == "--version")
    {
      print(comm, line.command == "--help" ? help_text() : version_text(), std::cout);
      return ExitCode::done;
    }
    if (line.command == "template")
    {
      if (!line.file.empty() && line.file != "2" && line.file != "3")
        throw InputError("command line", "template takes 2 or 3, not '" + line.file + "'",
                         "Write lodestone template 3 > FILE.prm");
      print(comm, template_text(line.file == "2" ? 2 : 3), std::cout);
      return ExitCode::done;
    }
    if (line.command == "info")
    {
      bool is_sound = false;
      print(comm, info_text(line.file, comm, is_sound), std::cout);
      return is_sound ? ExitCode::done : ExitCode::wrong_input;
    }
    check_launcher(comm);
    const Deck deck(line.file, line.set_options, comm);
    {
      const WorkingPart part("the start of the program");
      memory_of_all_ranks(comm); // for the message when it runs out
      reserve_memory_of_blas();
    }
    Log log(comm, line.quiet);
    const Heartbeat heartbeat(log);
    const ExitCode code =
        read_dimension(deck) == 2 ? dispatch<2>(line, deck, comm, log) : dispatch<3>(line, deck, comm, log);
    if (code == ExitCode::done && !line.dry_run) // a run that was stopped, or only measured, may not have come to them
      require_used("; the results are complete");
    return code;
  }
  catch (const Interrupted &)
  {
    return end_with(ExitCode::stopped_early, "interrupted by " + stop_cause(comm) + " before there was a result",
                    std::string("Start it again") +
                        (line.command == "invert"
                             ? ", with --set Optimizer/Resume=yes where the output directory holds a checkpoint"
                             : ""));
  }
  catch (const InputError &error)
  {
    const bool has_file = !line.file.empty() && line.command != "template";
    return end_with(ExitCode::wrong_input, "wrong input" + (has_file ? " in " + line.file : ""), error.what());
  }
  catch (const SolverError &error)
  {
    return end_with(ExitCode::solver_failure, "solver failure", error.what());
  }
}

} // namespace lodestone
