#include <lodestone/base/machine_memory.h>

#include <deal.II/base/utilities.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <unistd.h>

namespace lodestone
{

namespace
{

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

dealii::Utilities::System::MemoryStats memory_stats()
{
  dealii::Utilities::System::MemoryStats memory;
  dealii::Utilities::System::get_memory_stats(memory);
  return memory;
}

double address_space()
{
  return 1024. * memory_stats().VmSize;
}

/// What ulimit allows beside the program and its libraries, of which the address space is full when the run begins.
double process_limit(const double at_the_start)
{
  double least = unlimited;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA})
    if (rlimit limit; getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
      least = std::min(least, std::max(0., double(limit.rlim_cur) - (resource == RLIMIT_AS ? at_the_start : 0.)));
  return least;
}

/// MemAvailable of /proc/meminfo (bytes); all of the machine's memory where that is not said.
double available_memory()
{
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("MemAvailable:", 0) == 0)
      return 1024 * std::stod(line.substr(13));
  return double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
}

std::string host_name()
{
  char name[256] = "";
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown host";
}

} // namespace

MemoryLimits memory_limits()
{
  static const double at_the_start = address_space();
  const double process = process_limit(at_the_start);
  return {control_group_limit(), process, std::max(0., process - (address_space() - at_the_start))};
}

std::vector<MachineMemory> memory_of_machines(const MPI_Comm comm)
{
  using namespace dealii::Utilities::MPI;
  MPI_Comm machine;
  MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  const dealii::Utilities::System::MemoryStats stats = memory_stats();
  const MemoryLimits limits = memory_limits();
  const double own = 1024. * stats.VmRSS;
  const double in_use = sum(own, machine), peak = sum(1024. * stats.VmHWM, machine);
  const double by_process = in_use + sum(std::min(limits.left_to_process, 1e18), machine); // a sum of finite numbers
  const double room = std::min({available_memory() + in_use, min(limits.control_group, machine), by_process});
  const unsigned int n = n_mpi_processes(machine);
  const bool is_first = this_mpi_process(machine) == 0;
  MPI_Comm_free(&machine);

  const std::vector<double> numbers = {is_first ? 1. : 0., double(n), in_use, peak, room};
  const auto all = all_gather(comm, std::make_pair(host_name(), numbers));
  std::vector<MachineMemory> machines;
  for (const auto &[name, of_rank] : all)
    if (of_rank[0] > 0)
      machines.push_back({name, static_cast<unsigned int>(of_rank[1]), of_rank[2], of_rank[3], of_rank[4]});
  return machines;
}

MachineMemory total(const std::vector<MachineMemory> &machines)
{
  MachineMemory all;
  for (const MachineMemory &one : machines)
  {
    all.n_ranks += one.n_ranks;
    all.in_use += one.in_use;
    all.peak += one.peak;
    all.room += one.room;
  }
  return all;
}

} // namespace lodestone
