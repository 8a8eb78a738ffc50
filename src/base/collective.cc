#include <lodestone/base/collective.h>

#include <string>
#include <utility>

namespace lodestone
{

void throw_on_all_ranks(const std::optional<InputError> &error, const MPI_Comm comm)
{
  using namespace dealii::Utilities::MPI;
  const unsigned int n = n_mpi_processes(comm), rank = this_mpi_process(comm);
  const unsigned int first = min(error ? rank : n, comm);
  if (first == n)
    return;
  std::pair<std::string, std::string> text;
  if (rank == first)
    text = {error->where(), error->what()};
  text = broadcast(comm, text, first);
  const std::string prefix = text.first + ": "; // the constructor puts it there again
  const bool prefixed = text.second.compare(0, prefix.size(), prefix) == 0;
  throw InputError(text.first, prefixed ? text.second.substr(prefix.size()) : text.second);
}

} // namespace lodestone
