#include <lodestone/app/launcher.h>
#include <lodestone/base/error.h>

#include <deal.II/base/mpi.h>

#include <cstdlib>

namespace lodestone
{

void check_launcher(const MPI_Comm comm)
{
  const char *const tasks = std::getenv("SLURM_NTASKS");
  if (tasks == nullptr || std::atoi(tasks) <= 1 || dealii::Utilities::MPI::n_mpi_processes(comm) > 1)
    return;
  throw InputError("SLURM_NTASKS",
                   "Slurm has " + std::string(tasks) + " tasks, but this program is alone: it has one MPI rank",
                   "Start it with srun --mpi=pmix (srun --mpi=list shows what there is), or with mpirun. One rank on "
                   "purpose: srun --ntasks=1.");
}

} // namespace lodestone
