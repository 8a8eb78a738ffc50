#include <lodestone/base/error.h>
#include <lodestone/base/log.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace lodestone;

TEST(LogParallel, FileHoldsEveryLineOnce)
{
  const std::string file = "log_test.txt";
  {
    Log log(MPI_COMM_WORLD, true);
    log.line("before");
    log.open(file);
    log.line("after");
    log.progress("not in the file");
    log.warning("careful");
    MPI_Barrier(MPI_COMM_WORLD);
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(text.str(), "before\nafter\nwarning: careful\n");
    MPI_Barrier(MPI_COMM_WORLD);
    EXPECT_THROW(log.open("no/such/folder/log.txt"), InputError);
  }
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

TEST(InputError, MessageHoldsPlaceFindingAndRemedy)
{
  const InputError error("a.prm:3", "found 'x'", "Write y.");
  EXPECT_STREQ(error.what(), "a.prm:3: found 'x'. Write y.");
  EXPECT_EQ(error.where(), "a.prm:3");
}
