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

TEST(ResultDirectory, PathsAreShortUnlessALinkMakesThemAnotherPlace)
{
  namespace fs = std::filesystem;
  const fs::path top = fs::path(::testing::TempDir()) / "io_tidy";
  fs::remove_all(top);
  fs::create_directories(top / "inputs");
  fs::create_directories(top / "far/away");
  fs::create_directory_symlink(top / "far/away", top / "link");
  const auto path = [&](const std::string &name) {
    return ResultDirectory((top / name).string(), MPI_COMM_SELF).path();
  };
  EXPECT_EQ(path("inputs/../output/a//"), (top / "output/a").string());
  EXPECT_EQ(path("./b"), (top / "b").string());
  EXPECT_EQ(path("link/../c"), (top / "link/../c").string());
  EXPECT_TRUE(fs::exists(top / "far/c"));
  fs::create_directory("io_tidy_here");
  EXPECT_EQ(ResultDirectory("io_tidy_here/../io_tidy_new/d", MPI_COMM_SELF).path(), "io_tidy_new/d");
  fs::remove_all("io_tidy_here");
  fs::remove_all("io_tidy_new");
  fs::remove_all(top);
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
