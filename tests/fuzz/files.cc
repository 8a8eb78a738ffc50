#include <lodestone/base/error.h>
#include <lodestone/discretization/gmsh_reader.h>
#include <lodestone/discretization/msh_file.h>
#include <lodestone/io/checkpoint.h>
#include <lodestone/io/checksum.h>
#include <lodestone/io/results_reader.h>

#include "readers.h"
#include <cstdlib>
#include <fstream>
#include <sys/mman.h>
#include <unistd.h>

namespace lodestone::fuzz
{

namespace
{

/// A file in memory with a name that can be opened.
class MemoryFile
{
public:
  explicit MemoryFile(const std::string &text) : descriptor_(::memfd_create("input", MFD_CLOEXEC))
  {
    if (descriptor_ < 0 || ::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  std::string name() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
  int descriptor_;
};

template <int dim>
void read_mesh(const std::string &text)
{
  if (parse_msh(text, "input.msh", dim).cells.size() > 1000)
    return; // what follows takes its time
  const MemoryFile file(text);
  dealii::parallel::distributed::Triangulation<dim> triangulation(MPI_COMM_SELF);
  read_gmsh<dim>(file.name(), 1., triangulation);
}

} // namespace

void read_msh(const std::string &text)
{
  try
  {
    read_mesh<2>(text);
  }
  catch (const InputError &)
  {
  }
  read_mesh<3>(text);
}

void read_results(const std::string &text)
{
  const MemoryFile input(text);
  const std::string file = input.name();
  check_checksum(file, MPI_COMM_SELF);
  const ResultsReader reader(file, "Resume", MPI_COMM_SELF);
  reader.attribute("kind");
  try
  {
    for (const std::string &name : reader.members("/"))
      reader.n_rows("/" + name);
    reader.visit_cells<3>({"m (young)"}, [](const auto &, const auto &) {});
  }
  catch (const InputError &)
  {
  }
  checkpoint_summary(file, "Resume", MPI_COMM_SELF);
  reader.table("history");
  reader.rank_numbers("ranks");
}

} // namespace lodestone::fuzz
