#include <lodestone/base/error.h>
#include <lodestone/base/log.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/printable.h>
#include <lodestone/base/process.h>
#include <lodestone/base/time_text.h>

#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace lodestone
{

namespace
{

const char *const erase_line = "\r\033[K";

// Whether someone sees the output as it comes. Open MPI's launcher puts a terminal of its own between a rank and where
// the output goes: then the launcher's output decides.
bool shown_on_terminal()
{
  if (isatty(STDOUT_FILENO) != 1)
    return false;
  if (std::getenv("OMPI_COMM_WORLD_RANK") == nullptr)
    return true;
  pid_t process = getppid();
  while (process > 1 && has_variable(process, "OMPI_COMM_WORLD_RANK")) // started by it, be it by way of a script
    process = parent_of(process);
  const int launcher = ::open(("/proc/" + std::to_string(process) + "/fd/1").c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  const bool terminal = launcher >= 0 && isatty(launcher) == 1;
  if (launcher >= 0)
    ::close(launcher);
  return terminal;
}

} // namespace

Log::Log(MPI_Comm comm, const bool quiet)
    : comm_(comm), active_(dealii::Utilities::MPI::this_mpi_process(comm) == 0), quiet_(quiet),
      terminal_(active_ && !quiet && shown_on_terminal())
{
}

Log Log::silent(const MPI_Comm comm)
{
  Log log(comm, true);
  log.active_ = log.terminal_ = false;
  return log;
}

void Log::open(const std::string &file)
{
  int failed = 0;
  if (active_)
  {
    const std::lock_guard<std::mutex> lock(*mutex_);
    file_.close();
    file_.clear();
    file_.open(file, std::ios::app);
    file_ << before_open_ << std::flush;
    failed = !file_;
  }
  if (dealii::Utilities::MPI::max(failed, comm_) != 0)
    throw InputError(file, "the log file cannot be written",
                     "Check that the folder exists, that it can be written to, and that the disk is not full.");
}

void Log::line(const std::string &text)
{
  if (!active_)
    return;
  const std::lock_guard<std::mutex> lock(*mutex_);
  last_line_ = last_told_ = std::chrono::steady_clock::now();
  doing_.clear();
  write_line(text);
}

void Log::write_line(const std::string &unchecked)
{
  const std::string text = printable(unchecked);
  if (!quiet_)
  {
    if (progress_shown_)
      std::cout << erase_line;
    progress_shown_ = false;
    std::cout << text << std::endl;
  }
  if (file_.is_open())
    file_ << text << std::endl;
  else
    before_open_ += text + "\n";
}

void Log::warning(const std::string &text)
{
  if (active_ && quiet_)
    std::cerr << "warning: " << printable(text) << std::endl;
  line("warning: " + text);
}

void Log::progress(const std::string &text)
{
  if (!active_)
    return;
  const std::lock_guard<std::mutex> lock(*mutex_);
  doing_ = text;
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_progress_ < std::chrono::milliseconds(500))
    return;
  last_progress_ = now;
  std::cout << erase_line << (task_.empty() ? "" : "  " + task_ + ";") << printable(text) << std::flush;
  progress_shown_ = true;
}

void Log::task(const std::string &text)
{
  const std::lock_guard<std::mutex> lock(*mutex_);
  task_ = text;
}

std::chrono::milliseconds Log::heartbeat(const std::chrono::milliseconds silence)
{
  using namespace std::chrono;
  const std::lock_guard<std::mutex> lock(*mutex_);
  const auto now = steady_clock::now();
  if (now - last_told_ < silence)
    return duration_cast<milliseconds>(silence - (now - last_told_)) + milliseconds(1);
  last_told_ = now;
  write_line(std::string("  at work in ") + working_part_name() + ", " +
             time_text(duration<double>(now - last_line_).count()) + " since the last line" +
             (task_.empty() ? "" : "; " + task_) + (doing_.empty() ? "" : ";" + doing_));
  return silence;
}

} // namespace lodestone
