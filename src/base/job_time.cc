#include <lodestone/base/job_time.h>
#include <lodestone/base/process.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <regex>
#include <unistd.h>

namespace lodestone
{

namespace
{
constexpr unsigned int patience = 10; // seconds for a program of the scheduler
constexpr unsigned int attempts = 3;  // a busy scheduler may refuse a question

/// A variable of the environment; empty where there is none.
std::string variable(const char *const name)
{
  const char *const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Whether a text may stand in a command line as it is.
bool is_job_number(const std::string &text)
{
  return std::regex_match(text, std::regex("[0-9A-Za-z_.\\[\\]-]+"));
}

/// What a program of the scheduler says; empty where it gave no answer.
std::string ask(const std::string &command)
{
  std::string answer;
  for (unsigned int attempt = 0; attempt < attempts && answer.empty(); ++attempt)
    answer = output_of(command, patience);
  return answer;
}

std::optional<double> whole_number(const std::string &text)
{
  if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string::npos)
    return {};
  return std::stod(text);
}

std::optional<JobTime> of_slurm()
{
  using namespace std::chrono;
  const std::string job = variable("SLURM_JOB_ID");
  if (!is_job_number(job))
    return {};
  if (const auto end = whole_number(variable("SLURM_JOB_END_TIME")))
    return JobTime{*end - duration<double>(system_clock::now().time_since_epoch()).count(), "SLURM_JOB_END_TIME"};
  std::string left = ask("squeue --noheader --jobs=" + job + " --format=%L");
  left.erase(std::remove_if(left.begin(), left.end(), [](const char c) { return c == ' ' || c == '\n'; }), left.end());
  if (const auto seconds = seconds_of_clock(left))
    return JobTime{*seconds, "squeue"};
  return {};
}

/// Seconds since the oldest process of a PBS job above this one was started.
std::optional<double> age_of_pbs_job()
{
  std::optional<double> age;
  for (pid_t process = getpid(); process > 1 && has_variable(process, "PBS_JOBID"); process = parent_of(process))
    age = age_of(process);
  return age;
}

std::optional<JobTime> of_pbs()
{
  const std::string job = variable("PBS_JOBID");
  if (!is_job_number(job))
    return {};
  const auto age = age_of_pbs_job();
  if (!age)
    return {};
  if (const auto limit = whole_number(variable("PBS_WALLTIME")))
    return JobTime{*limit - *age, "PBS_WALLTIME"};
  const std::string job_text = ask("qstat -f '" + job + "'");
  std::smatch match;
  if (std::regex_search(job_text, match, std::regex("Resource_List\\.walltime = ([0-9:]+)")))
    if (const auto limit = seconds_of_clock(match[1]))
      return JobTime{*limit - *age, "qstat"};
  return {};
}
} // namespace

std::optional<double> seconds_of_clock(const std::string &text)
{
  std::smatch match;
  if (!std::regex_match(text, match, std::regex("(?:([0-9]{1,6})-)?(?:([0-9]{1,6}):)?([0-9]{1,6}):([0-9]{1,2})")))
    return {};
  const auto number = [&](const int k) { return match[k].matched ? std::stod(match[k]) : 0.; };
  return 86400 * number(1) + 3600 * number(2) + 60 * number(3) + number(4);
}

std::optional<JobTime> time_left_of_job()
{
  if (auto left = of_slurm())
    return left;
  return of_pbs();
}

} // namespace lodestone
