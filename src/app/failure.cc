#include <lodestone/app/failure.h>
#include <lodestone/base/memory.h>

#include <deal.II/base/mpi.h>

#include <iostream>
#include <sc.h>

namespace lodestone
{

namespace
{
void report_out_of_memory()
{
  const unsigned int n_ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD),
                     rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  std::cerr << "\nlodestone: out of memory" +
                   (n_ranks > 1 ? " on rank " + std::to_string(rank) + " of " + std::to_string(n_ranks) : "") + "\n  " +
                   out_of_memory_text() + "\n"
            << std::flush;
}

void end_of_p4est()
{
  report_out_of_memory();
  MPI_Abort(MPI_COMM_WORLD, int(ExitCode::solver_failure));
}
} // namespace

void catch_end_of_p4est()
{
  sc_set_abort_handler(end_of_p4est);
}

ExitCode end_after(const std::exception &error)
{
  const bool no_memory = is_out_of_memory(error);
  if (no_memory)
    report_out_of_memory();
  else
    std::cerr << "lodestone: internal error\n  " << error.what() << std::endl;
  if (!no_memory || dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) > 1)
    MPI_Abort(MPI_COMM_WORLD, int(ExitCode::solver_failure));
  return ExitCode::solver_failure;
}

} // namespace lodestone
