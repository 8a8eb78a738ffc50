#include <lodestone/base/error.h>
#include <lodestone/base/fault.h>
#include <lodestone/base/petsc.h>

#ifdef LODESTONE_TESTS
#include <deal.II/base/mpi.h>

#include <petscvec.h>

#include <csignal>
#include <cstdlib>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#endif

namespace lodestone
{

#ifdef LODESTONE_TESTS

namespace
{
std::vector<std::string> read_fault()
{
  const char *const text = std::getenv("LODESTONE_FAULT");
  std::vector<std::string> parts;
  std::istringstream in(text == nullptr ? "" : text);
  for (std::string part; std::getline(in, part, ';');)
    parts.push_back(part);
  return parts;
}

void fail(const std::string &kind)
{
  if (kind == "throw")
    throw std::runtime_error("a fault of a test");
  if (kind == "solver")
    throw SolverError("a fault of a test");
  if (kind == "input")
    throw InputError("a test", "a fault of a test");
  if (kind == "memory")
    throw std::bad_alloc();
  if (kind == "petsc")
  {
    Vec v = nullptr;
    LODESTONE_PETSC(VecCreate(PETSC_COMM_SELF, &v));
    LODESTONE_PETSC(VecSetSizes(v, 2, 1)); // more on this rank than on all
  }
  if (kind == "access")
    std::raise(SIGSEGV);
  std::abort();
}
} // namespace

void cause_fault(const char *const place)
{
  static const std::vector<std::string> fault = read_fault();
  static int left = fault.size() > 3 ? std::stoi(fault[3]) : 1;
  if (fault.size() < 3 || fault[1] != place ||
      std::to_string(dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD)) != fault[0] || left == 0 || --left > 0)
    return;
  fail(fault[2]);
}

#else

void cause_fault(const char *)
{
}

#endif

} // namespace lodestone
