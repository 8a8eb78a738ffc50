#include <lodestone/app/failure.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/printable.h>

#include <deal.II/base/mpi.h>

#include <petscsys.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <sc.h>
#include <thread>
#include <unistd.h>

namespace lodestone
{

namespace
{
using namespace dealii::Utilities::MPI;

MPI_Comm meeting = MPI_COMM_NULL; // of ranks that end; nothing else is sent there
char crash_text[128] = "";        // what a handler of signals says first, made beforehand

std::string on_this_rank()
{
  const unsigned int n = n_mpi_processes(MPI_COMM_WORLD);
  return n > 1 ? " on rank " + std::to_string(this_mpi_process(MPI_COMM_WORLD)) + " of " + std::to_string(n) : "";
}

void print(const std::string &kind, const std::string &message)
{
  std::cerr << printable("\nlodestone: " + kind + "\n  " + message + "\n") << std::flush;
}

/// Whether all ranks come here within the time. A rank that was left alone once is not kept waiting again.
bool all_come(const std::chrono::milliseconds patience)
{
  static bool is_alone = false;
  if (is_alone)
    return false;
  MPI_Request arrival;
  MPI_Ibarrier(meeting, &arrival);
  const auto end = std::chrono::steady_clock::now() + patience;
  int done = 0;
  do
  {
    MPI_Test(&arrival, &done, MPI_STATUS_IGNORE);
    if (done == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } while (done == 0 && std::chrono::steady_clock::now() < end);
  is_alone = done == 0;
  return !is_alone;
}

void end_of_p4est()
{
  print("out of memory" + on_this_rank(), out_of_memory_text());
  MPI_Abort(MPI_COMM_WORLD, int(ExitCode::solver_failure));
}

void write_text(const char *const text)
{
  (void)!write(STDERR_FILENO, text, std::strlen(text));
}

/// Says what ends this rank; the launcher ends the others.
void crash(const int signal)
{
  std::signal(signal, SIG_DFL);
  write_text(crash_text);
  write_text(signal == SIGABRT  ? "an abort in "
             : signal == SIGFPE ? "an arithmetic exception in "
                                : "an invalid access to memory in ");
  write_text(working_part_name());
  write_text(". Please report it with the parameter file.\n");
  raise(signal);
}

/// What PETSc meets outside our calls, as when it ends and cannot write what an option asks for: one line, no stack.
PetscErrorCode say_in_one_line(MPI_Comm, int, const char *, const char *, const PetscErrorCode code,
                               const PetscErrorType type, const char *text, void *)
{
  if (type == PETSC_ERROR_INITIAL && text != nullptr)
    std::cerr << "lodestone: PETSc: " << printable(text) << std::endl;
  return code;
}
} // namespace

void prepare_ends()
{
  (void)PetscPushErrorHandler(say_in_one_line, nullptr);
  MPI_Comm_dup(MPI_COMM_WORLD, &meeting);
  const std::string text = "\nlodestone: internal error" + on_this_rank() + "\n  ";
  text.copy(crash_text, sizeof(crash_text) - 1);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    std::signal(signal, crash);
  sc_set_abort_handler(end_of_p4est);
}

bool all_ranks_come_here()
{
  return meeting == MPI_COMM_NULL || all_come(std::chrono::milliseconds(5000));
}

ExitCode end_with(const ExitCode code, const std::string &kind, const std::string &message)
{
  const unsigned int n = n_mpi_processes(MPI_COMM_WORLD), rank = this_mpi_process(MPI_COMM_WORLD);
  if (n == 1)
  {
    print(kind, message);
    return code;
  }
  // The first of several ranks, not all, ends the others before they print too.
  if (!all_come(std::chrono::milliseconds(5000 + std::min(50 * rank, 2000U))))
  {
    const bool names_rank = kind.find(" on rank ") != std::string::npos;
    print(kind + (names_rank ? "" : on_this_rank()),
          message + "\n  The other ranks wait for this one, so they are ended too.");
    MPI_Abort(MPI_COMM_WORLD, int(code));
  }
  const int largest = max(int(code), meeting);
  if (min(int(code) == largest ? rank : n, meeting) == rank)
    print(kind, message);
  return ExitCode(largest);
}

ExitCode end_after(const std::exception &error)
{
  if (is_out_of_memory(error))
    return end_with(ExitCode::solver_failure, "out of memory" + on_this_rank(), out_of_memory_text());
  return end_with(ExitCode::solver_failure, "internal error", error.what());
}

} // namespace lodestone
