#include <lodestone/base/fault.h>
#include <lodestone/base/machine_memory.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <unistd.h>

namespace lodestone
{

namespace
{

// The state of the process: the handler of std::bad_alloc has nothing else to ask.
WorkingPart::Description part{"the solution or its results", memory_per_unknown::multigrid, ""};
std::atomic<const char *> name_of_part{part.name}; // for other threads and handlers of signals
double unknowns = 0, bytes_per_rank = 0;
unsigned int n_ranks = 1;

} // namespace

WorkingPart::WorkingPart(const char *name, const double bytes_per_unknown, const char *remedy)
    : before_(part), exceptions_before_(std::uncaught_exceptions())
{
  part = {name, bytes_per_unknown, remedy};
  name_of_part = name;
  cause_fault(name);
}

WorkingPart::~WorkingPart()
{
  if (std::uncaught_exceptions() == exceptions_before_)
  {
    part = before_;
    name_of_part = part.name;
  }
}

const char *working_part_name()
{
  return name_of_part;
}

double memory_of_all_ranks(const MPI_Comm comm)
{
  using namespace dealii::Utilities::MPI;
  MPI_Comm machine;
  MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  const unsigned int neighbours = n_mpi_processes(machine);
  MPI_Comm_free(&machine);
  const double machine_memory = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
  const MemoryLimits limits = memory_limits();
  const double share = std::min(std::min(machine_memory, limits.control_group) / neighbours, limits.process);
  bytes_per_rank = min(share, comm);
  n_ranks = n_mpi_processes(comm);
  return sum(share, comm);
}

std::string gigabytes(const double bytes)
{
  return significant(bytes / 1e9, 2) + " GB";
}

std::string roughly(const double n)
{
  return n < 1e15 ? grouped(std::stoull(fixed(std::stod(scientific(n, 1)), 0))) : significant(n, 2);
}

void remember_unknowns(const double n)
{
  unknowns = n;
}

std::string out_of_memory_text()
{
  std::string text = std::string("memory ran out in ") + part.name + ".";
  if (bytes_per_rank > 0)
  {
    const double fit = bytes_per_rank / part.bytes_per_unknown;
    if (unknowns > 0)
      text +=
          " The model has about " + roughly(unknowns) + " displacement unknowns on " + counted(n_ranks, "rank") + ".";
    text += " With the " + gigabytes(bytes_per_rank) + " that " + (n_ranks > 1 ? "each rank" : "the run") +
            " may take, about " + roughly(fit) + " unknowns" + (n_ranks > 1 ? " a rank" : "") + " fit (" +
            significant(part.bytes_per_unknown / 1000, 2) + " kB each): use " +
            (unknowns / n_ranks < fit ? "a machine on which nothing else takes the memory, " : "") +
            "more ranks on more machines, or a coarser mesh.";
  }
  return text + (*part.remedy != '\0' ? std::string(" ") + part.remedy : "");
}

bool is_out_of_memory(const std::exception &error)
{
  return dynamic_cast<const std::bad_alloc *>(&error) != nullptr ||
         dynamic_cast<const dealii::StandardExceptions::ExcOutOfMemory *>(&error) != nullptr;
}

} // namespace lodestone
