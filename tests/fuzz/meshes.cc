#include <lodestone/base/error.h>
#include <lodestone/discretization/gmsh_reader.h>
#include <lodestone/discretization/msh_file.h>

#include "memory_file.h"
#include "readers.h"

namespace lodestone::fuzz
{

namespace
{

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

} // namespace lodestone::fuzz
