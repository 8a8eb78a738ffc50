#include <lodestone/app/time_limit.h>
#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/job_time.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/base/time_text.h>
#include <lodestone/base/units.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace lodestone
{

namespace
{
constexpr double smallest_margin = 5, largest_margin = 60, margin_of_all = 0.02; // seconds, seconds, share
constexpr std::size_t recent_iterations = 5;
constexpr double results_of_checkpoint = 10; // writing of results over that of a checkpoint, before there were any

double seconds_between(const std::chrono::steady_clock::time_point from, const std::chrono::steady_clock::time_point to)
{
  return std::chrono::duration<double>(to - from).count();
}

std::chrono::steady_clock::duration duration_of(const double seconds)
{
  using namespace std::chrono;
  return duration_cast<steady_clock::duration>(duration<double>(seconds));
}
} // namespace

std::optional<double> TimeLimit::read(const std::string &entry)
{
  const std::string text = trimmed(entry);
  if (text == "auto" || text == "none")
    return {};
  const double seconds = parse_quantity(text, Quantity::time, "Wall time limit");
  if (!(seconds > 0))
    throw InputError("Wall time limit", "found '" + text + "'",
                     "Give a time above 0, such as 11.5 h; auto: the limit of the job; none: no limit.");
  return seconds;
}

TimeLimit::TimeLimit(const std::string &entry, const MPI_Comm comm, Log &log) : begin_(Clock::now())
{
  constexpr double none = std::numeric_limits<double>::infinity();
  double left = read(entry).value_or(none);
  name_ = "entry Wall time limit";
  if (trimmed(entry) != "none" && dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    if (const auto job = time_left_of_job(); job && job->seconds < left)
    {
      left = job->seconds;
      name_ = "of the job: " + job->source;
    }
  std::tie(left, name_) = dealii::Utilities::MPI::broadcast(comm, std::make_pair(left, name_), 0);
  is_limited_ = left < none;
  if (!is_limited_)
    return;
  end_ = Clock::now() + duration_of(left);
  margin_ = std::clamp(margin_of_all * left, smallest_margin, largest_margin);
  log.line("time left: " + time_text(left) + " (" + name_ +
           "). The run stops by itself before that, and can be resumed");
  name_ = "the time limit (" + name_ + ")";
  ask_to_stop();
}

void TimeLimit::ask_to_stop()
{
  if (is_limited_)
    stop_at(end_ - duration_of(margin_ + 2 * writing_), name_);
}

void TimeLimit::begin_iterations()
{
  begin_ = Clock::now();
}

void TimeLimit::end_iteration()
{
  const auto now = Clock::now();
  recent_.push_back(seconds_between(begin_, now));
  if (recent_.size() > recent_iterations)
    recent_.pop_front();
  begin_ = now;
  const double longest = *std::max_element(recent_.begin(), recent_.end());
  if (is_limited_ && longest + margin_ + 2 * writing_ > seconds_between(now, end_))
    stop_at(now, name_);
}

void TimeLimit::wrote(const double seconds, const bool is_whole)
{
  const double whole = is_whole ? seconds : results_of_checkpoint * seconds;
  if (whole <= writing_)
    return;
  writing_ = whole;
  ask_to_stop();
}

} // namespace lodestone
