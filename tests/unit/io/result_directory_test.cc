// A result directory is one directory for all ranks, or refused by all of them.
#include <lodestone/base/error.h>
#include <lodestone/io/directory_lock.h>

#include <gtest/gtest.h>

#include "test_directory.h"
#include <fstream>
#include <iterator>

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

namespace
{
void put(const std::filesystem::path &file, const std::string &text)
{
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string get(const std::filesystem::path &file)
{
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}
} // namespace

// Any file of an earlier run counts, not its log alone; a move that was stopped half way is brought to its end.
TEST(ResultDirectory, EarlierResultsAreMovedAllOrNone)
{
  namespace fs = std::filesystem;
  const fs::path top = fs::path(::testing::TempDir()) / "io_aside";
  fs::remove_all(top);
  const ResultDirectory directory(top.string(), MPI_COMM_SELF);
  directory.set_earlier_results_aside();
  EXPECT_EQ(n_files(top.string()), 0u);
  put(top / "results.h5", "first");
  put(top / "checkpoint/model.h5", "first");
  put(top / "mine.csv", "the user's");
  directory.set_earlier_results_aside();
  EXPECT_EQ(get(top / "earlier-1/results.h5"), "first");
  EXPECT_EQ(get(top / "earlier-1/checkpoint/model.h5"), "first");
  EXPECT_EQ(get(top / "mine.csv"), "the user's");
  EXPECT_EQ(n_files(top.string()), 2u);
  // A run was killed when one of two files had been moved.
  put(top / "earlier-2.part/history.csv", "second");
  put(top / "results.h5", "second");
  put(top / "checkpoint/model.h5.part", "half a file");
  put(top / "log.txt.part", "half a file");
  directory.set_earlier_results_aside();
  EXPECT_EQ(get(top / "earlier-2/history.csv"), "second");
  EXPECT_EQ(get(top / "earlier-2/results.h5"), "second");
  EXPECT_FALSE(fs::exists(top / "log.txt.part"));
  EXPECT_FALSE(fs::exists(top / "earlier-2/checkpoint/model.h5.part"));
  // A file that cannot be moved: a folder with its name is in the way, and is not empty.
  put(top / "results.h5", "third");
  put(top / "summary.json", "third");
  put(top / "earlier-3.part/summary.json/in the way", "");
  EXPECT_THROW(directory.set_earlier_results_aside(), InputError);
  EXPECT_EQ(get(top / "results.h5"), "third");
  EXPECT_EQ(get(top / "summary.json"), "third");
  EXPECT_FALSE(fs::exists(top / "earlier-3"));
  fs::remove_all(top);
}

TEST(DirectoryLockParallel, KeepsASecondRunOutAndOutlivesADeadOne)
{
  namespace fs = std::filesystem;
  const TestDirectory test("io_lock");
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  const std::string file = test.directory.file(DirectoryLock::file_name);
  Log log = Log::silent(MPI_COMM_WORLD);
  std::string text;
  {
    const DirectoryLock lock(test.directory, log);
    MPI_Barrier(MPI_COMM_WORLD);
    text = get(file);
    EXPECT_NE(text.find("process: "), std::string::npos);
    std::string message;
    try
    {
      const DirectoryLock second(test.directory, log);
    }
    catch (const InputError &error)
    {
      message = error.what();
    }
    EXPECT_NE(message.find("another run works there: process "), std::string::npos) << message;
    MPI_Barrier(MPI_COMM_WORLD);
    EXPECT_EQ(n_files(test.directory.path()), 1u);
    EXPECT_EQ(get(file), text);
    MPI_Barrier(MPI_COMM_WORLD);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_EQ(n_files(test.directory.path()), 0u);

  const auto replaced = [](std::string in, const std::string &name, const std::string &value) {
    const std::size_t at = in.find(name + ": "), end = in.find('\n', at);
    return in.replace(at, end - at, name + ": " + value);
  };
  struct Case
  {
    std::string text;
    int age; ///< s
    bool is_dead;
  };
  const std::string elsewhere = replaced(text, "host", "another-host");
  for (const Case &holder : {Case{replaced(text, "started", "1"), 0, true}, // another process has its number now
                             Case{replaced(text, "process", "4194305"), 0, true}, Case{elsewhere, 30, false},
                             Case{elsewhere, 100, true}, Case{"", 30, false}, Case{"", 100, true}})
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
    {
      put(file, holder.text);
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(holder.age));
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (holder.is_dead)
      EXPECT_NO_THROW(DirectoryLock(test.directory, log)) << holder.text;
    else
      EXPECT_THROW(DirectoryLock(test.directory, log), InputError) << holder.text;
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
      fs::remove(file);
  }
}
