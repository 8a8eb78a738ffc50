#pragma once

#include <optional>
#include <string>

namespace lodestone
{

/// The time that the job of a scheduler has left.
struct JobTime
{
  double seconds;
  std::string source; ///< what says so: "SLURM_JOB_END_TIME"
};

/// Time left to the job in which this process runs; empty outside of jobs and in jobs without a limit. Slurm:
/// SLURM_JOB_END_TIME, or squeue. PBS: PBS_WALLTIME (Torque), or qstat, and the age of the oldest process of the job
/// above this one. LSF tells its jobs no limit; it sends SIGUSR2 at its end and waits. It may run a program of the
/// scheduler, so call it on one rank. Source: sbatch(1), pbs_job_attributes(7B), bsub -W.
std::optional<JobTime> time_left_of_job();

/// Seconds of "1-02:03:04", "02:03:04", "03:04" as Slurm and PBS write times; empty for other words, such as UNLIMITED.
std::optional<double> seconds_of_clock(const std::string &text);

} // namespace lodestone
