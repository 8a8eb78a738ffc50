// Times as schedulers write them (sbatch(1): "days-hours:minutes:seconds"; PBS: "hours:minutes:seconds"), by hand.
#include <lodestone/base/job_time.h>
#include <lodestone/base/process.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <unistd.h>

using namespace lodestone;

TEST(JobTime, ClocksOfSchedulers)
{
  EXPECT_EQ(seconds_of_clock("1-02:03:04"), 86400. + 2 * 3600 + 3 * 60 + 4);
  EXPECT_EQ(seconds_of_clock("02:03:04"), 2 * 3600. + 3 * 60 + 4);
  EXPECT_EQ(seconds_of_clock("123:00:00"), 123 * 3600.);
  EXPECT_EQ(seconds_of_clock("0:11"), 11.);
  for (const char *text : {"", "UNLIMITED", "INVALID", "NOT_SET", "12", "1:2:3:4", "-1:00", "1:00 "})
    EXPECT_FALSE(seconds_of_clock(text)) << text;
}

TEST(JobTime, ThereIsNoneOutsideOfJobs)
{
  for (const char *name : {"SLURM_JOB_ID", "PBS_JOBID"})
    unsetenv(name);
  EXPECT_FALSE(time_left_of_job());
}

TEST(JobTime, APbsJobIsAsOldAsItsOldestProcess)
{
  setenv("PBS_JOBID", "1; rm", 1); // no number of a job
  EXPECT_FALSE(time_left_of_job());
  unsetenv("PBS_JOBID");
}

TEST(Process, ItsParentAndItsAge)
{
  EXPECT_EQ(parent_of(getpid()), getppid());
  const auto age = age_of(getpid()), of_first = age_of(1);
  ASSERT_TRUE(age && of_first);
  EXPECT_GE(*age, -0.1);
  EXPECT_LT(*age, 600);
  EXPECT_GE(*of_first, *age);
  EXPECT_FALSE(age_of(-1));
  setenv("LODESTONE_OF_THIS_TEST", "1", 1); // /proc shows what the process was started with
  EXPECT_FALSE(has_variable(getpid(), "LODESTONE_OF_THIS_TEST"));
  EXPECT_TRUE(has_variable(getpid(), "PATH"));
  EXPECT_FALSE(has_variable(getpid(), "ATH"));
}

TEST(Process, OutputOfPrograms)
{
  EXPECT_EQ(output_of("echo a b", 5), "a b\n");
  EXPECT_EQ(output_of("false", 5), "");
  EXPECT_EQ(output_of("no_such_program_at_all", 5), "");
  EXPECT_EQ(output_of("sleep 20", 1), "");
}
