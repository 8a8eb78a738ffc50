#include <lodestone/base/fault.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>

#include <deal.II/base/exceptions.h>
#include <deal.II/base/utilities.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sys/resource.h>
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

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// The limit that a file of a control group holds; none where it cannot be read or says "max".
double limit_in(const std::filesystem::path &file)
{
  double bytes = unlimited;
  std::ifstream in(file);
  return in >> bytes ? bytes : unlimited;
}

/// The least limit of the control groups in which this process is (version 2, or 1), up to the root.
double control_group_limit()
{
  double least = unlimited;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) // "0::/path", "4:memory:/path"
  {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_second_version = controllers.empty();
    if (!is_second_version && controllers != "memory")
      continue;
    const std::filesystem::path root = is_second_version ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    const char *name = is_second_version ? "memory.max" : "memory.limit_in_bytes";
    for (std::filesystem::path group = std::filesystem::path(line.substr(second + 1)).relative_path();;
         group = group.parent_path())
    {
      least = std::min(least, limit_in(root / group / name));
      if (group.empty())
        break;
    }
  }
  return least;
}

/// What ulimit allows beside the program and its libraries, of which the address space is full when the run begins.
double process_limit()
{
  dealii::Utilities::System::MemoryStats memory;
  dealii::Utilities::System::get_memory_stats(memory);
  static const double at_the_start = 1024. * memory.VmSize;
  double least = unlimited;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA})
    if (rlimit limit; getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
      least = std::min(least, std::max(0., double(limit.rlim_cur) - (resource == RLIMIT_AS ? at_the_start : 0.)));
  return least;
}

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
  const double share = std::min(std::min(machine_memory, control_group_limit()) / neighbours, process_limit());
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
