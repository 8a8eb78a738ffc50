// A result directory is one directory for all ranks, or refused by all of them.
#include <lodestone/base/error.h>

#include <gtest/gtest.h>

#include "test_directory.h"

using namespace lodestone;

namespace
{

std::size_t n_files(const std::string &directory)
{
  std::size_t n = 0;
  for (const auto &entry : std::filesystem::directory_iterator(directory))
    n += entry.exists();
  return n;
}

} // namespace

TEST(ResultDirectoryParallel, NothingIsLeftBehindByTheLookRound)
{
  const TestDirectory test("io_shared");
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_EQ(n_files(test.directory.path()), 0u);
}

// A directory of each rank's own stands for the disks of nodes, which have the same path and hold other files.
TEST(ResultDirectoryParallel, ADirectoryThatSomeRanksDoNotSeeIsRefusedByAll)
{
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD),
                     n_ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
  const std::string path = "io_node_" + std::to_string(n_ranks) + "_" + std::to_string(rank);
  std::filesystem::create_directory(path);
  std::string message = "no error";
  try
  {
    ResultDirectory directory(path, MPI_COMM_WORLD, 0.1);
  }
  catch (const InputError &error)
  {
    message = error.what();
  }
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_EQ(n_files(path), 0u);
  std::filesystem::remove_all(path);
  if (n_ranks == 1)
  {
    EXPECT_EQ(message, "no error");
    return;
  }
  for (const std::string part :
       {"Output directory: what rank 0 (on ", "cannot be seen by rank 1 (on ", "all nodes share"})
    EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.find("rank 2") != std::string::npos, n_ranks > 2) << message;
}
