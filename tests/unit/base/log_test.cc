#include <lodestone/base/error.h>
#include <lodestone/base/heartbeat.h>
#include <lodestone/base/log.h>
#include <lodestone/base/loop_progress.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/time_text.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

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

TEST(LogParallel, AHeartbeatTellsWhatTheRunIsAtWhileNothingElseIsLogged)
{
  using std::chrono::milliseconds;
  const std::string file = "heartbeat_test.txt";
  Log log(MPI_COMM_WORLD, true);
  log.open(file);
  {
    const Heartbeat heartbeat(log, milliseconds(200));
    for (unsigned int k = 0; k < 5; ++k) // lines at short distances: none is needed
    {
      std::this_thread::sleep_for(milliseconds(60));
      log.line("a line");
    }
    const WorkingPart part("the test");
    LoopProgress loop(log, "turns", 4);
    std::this_thread::sleep_for(milliseconds(100));
    loop.step();
    log.progress("  solving");
    std::this_thread::sleep_for(milliseconds(450));
  }
  log.line("the end");
  MPI_Barrier(MPI_COMM_WORLD);
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  const std::string beat = "  at work in the test, 0 s since the last line; turns: 1 of 4, about 0 s left;  solving\n",
                    later = "  at work in the test, 1 s since the last line; turns: 1 of 4, about 0 s left;  solving\n";
  std::string lines;
  for (unsigned int k = 0; k < 5; ++k)
    lines += "a line\n";
  const bool expected =
      text.str() == lines + beat + beat + "the end\n" || text.str() == lines + beat + later + "the end\n";
  EXPECT_TRUE(expected) << text.str();
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::remove(file.c_str());
}

TEST(TimeText, HasTwoUnits)
{
  EXPECT_EQ(time_text(0.4), "0 s");
  EXPECT_EQ(time_text(59.6), "1 min 0 s");
  EXPECT_EQ(time_text(3599), "59 min 59 s");
  EXPECT_EQ(time_text(3600 * 25 + 61), "25 h 1 min");
}

TEST(InputError, MessageHoldsPlaceFindingAndRemedy)
{
  const InputError error("a.prm:3", "found 'x'", "Write y.");
  EXPECT_STREQ(error.what(), "a.prm:3: found 'x'. Write y.");
  EXPECT_EQ(error.where(), "a.prm:3");
}
