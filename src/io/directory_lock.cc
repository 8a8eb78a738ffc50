#include <lodestone/base/error.h>
#include <lodestone/io/directory_lock.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace lodestone
{

namespace
{
constexpr std::chrono::seconds heartbeat_interval(10);
// So many seconds without a sign of life, six times missed, mean that a node is gone.
constexpr double longest_silence = 60;

using Identity = std::map<std::string, std::string>; ///< lines "name: value" of the file

std::string first_line_of(const std::string &file)
{
  std::string line;
  std::ifstream in(file);
  std::getline(in, line);
  return line;
}

/// When a process started, in clock ticks since the boot; empty where it is gone or nothing is known of it.
std::string start_of(const std::string &process)
{
  std::istringstream behind_name;
  std::string word;
  const std::string line = first_line_of("/proc/" + process + "/stat");
  if (const std::size_t end = line.rfind(')'); end != std::string::npos)
    behind_name.str(line.substr(end + 1));
  for (unsigned int k = 0; k < 20; ++k) // fields 3 to 22 of proc(5)
    if (!(behind_name >> word) || (k == 0 && word == "Z"))
      return "";
  return word;
}

std::string host_name()
{
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

/// Processes with the same text see each other by their numbers.
std::string namespace_of_processes()
{
  std::array<char, 64> link{};
  const ssize_t n = ::readlink("/proc/self/ns/pid", link.data(), link.size() - 1);
  return first_line_of("/proc/sys/kernel/random/boot_id") + " " + (n > 0 ? link.data() : "");
}

std::string variable(const char *name)
{
  const char *const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Identity own_identity()
{
  const std::string process = std::to_string(::getpid()), slurm = variable("SLURM_JOB_ID");
  return {{"host", host_name()},
          {"process", process},
          {"started", start_of(process)},
          {"namespace", namespace_of_processes()},
          {"job", slurm.empty() ? variable("PBS_JOBID") : slurm},
          {"restart", variable("SLURM_RESTART_COUNT")}};
}

Identity read_identity(const std::string &file)
{
  Identity identity;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (const std::size_t colon = line.find(": "); colon != std::string::npos)
      identity[line.substr(0, colon)] = line.substr(colon + 2);
  return identity;
}

std::string described(const Identity &identity)
{
  const auto value = [&](const std::string &name) {
    const auto found = identity.find(name);
    return found == identity.end() ? std::string() : found->second;
  };
  return "process " + value("process") + " on " + value("host") + (value("job").empty() ? "" : ", job " + value("job"));
}

/// Modification times of two files as their file system sets them (s); negative: no such file.
double time_of(const std::string &file)
{
  struct stat status = {};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mtim.tv_sec + 1e-9 * status.st_mtim.tv_nsec : -1;
}

/// Why a lock is dead; empty: its run lives, or may live.
std::string death(const Identity &holder, const Identity &self, const double silence)
{
  const auto same = [&](const std::string &name) {
    const auto a = holder.find(name), b = self.find(name);
    return a != holder.end() && b != self.end() && !a->second.empty() && a->second == b->second;
  };
  if (holder.count("process") > 0 && same("host") && same("namespace"))
    return start_of(holder.at("process")) == holder.at("started") ? "" : "is gone";
  if (same("job") && holder.count("restart") > 0 && holder.at("restart") != self.at("restart"))
    return "was queued again";
  if (silence > longest_silence)
    return "has given no sign of life for " + std::to_string(static_cast<long>(silence)) + " s";
  return "";
}
} // namespace

/// Sets the time of the lock as long as it lives.
class DirectoryLock::Heartbeat
{
public:
  explicit Heartbeat(const std::string &file)
  {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // signals are for the thread that works
    thread_ = std::thread([this, file] {
      std::unique_lock<std::mutex> lock(mutex_);
      while (!wake_.wait_for(lock, heartbeat_interval, [this] { return ends_; }))
        ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
    });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Heartbeat()
  {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Heartbeat(const Heartbeat &) = delete;
  Heartbeat &operator=(const Heartbeat &) = delete;

private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::thread thread_;
};

/// Makes the lock. @return an error of the kind "!...", or a remark for the user, or nothing
std::string DirectoryLock::take()
{
  const Identity self = own_identity();
  const std::string own = file_ + "." + self.at("host") + "." + self.at("process");
  std::string remark;
  for (unsigned int attempt = 0; attempt < 10; ++attempt)
  {
    {
      std::ofstream out(own);
      for (const auto &[name, value] : self)
        out << name << ": " << value << '\n';
      if (!out.flush())
      {
        std::remove(own.c_str());
        return "!'" + file_ + "' cannot be written: " + std::strerror(errno);
      }
    }
    const bool is_linked = ::link(own.c_str(), file_.c_str()) == 0;
    const int error = errno;
    if (!is_linked && error != EEXIST)
    {
      // A file system without links: a file that is made new is as good, but for old network file systems.
      const int made = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (made >= 0)
      {
        ::close(made);
        if (std::rename(own.c_str(), file_.c_str()) == 0)
          return remark;
      }
    }
    if (is_linked)
    {
      std::remove(own.c_str());
      return remark;
    }
    const Identity holder = read_identity(file_);
    const double silence = time_of(own) - time_of(file_);
    const std::string why = death(holder, self, silence);
    const std::string dead = own + ".dead";
    if (why.empty() && time_of(file_) >= 0)
    {
      std::remove(own.c_str());
      return "!another run works there: " + described(holder) + ", whose last sign of life is " +
             std::to_string(std::max(0L, static_cast<long>(silence))) + " s old";
    }
    if (!why.empty() && std::rename(file_.c_str(), dead.c_str()) == 0) // only one of several succeeds
    {
      remark = "the run before in this directory (" + described(holder) + ") " + why + ": this one takes over";
      std::remove(dead.c_str());
    }
  }
  std::remove(own.c_str());
  return "!'" + file_ + "' cannot be made";
}

DirectoryLock::DirectoryLock(const ResultDirectory &directory, Log &log) : file_(directory.file(file_name))
{
  const MPI_Comm comm = directory.communicator();
  const bool first = dealii::Utilities::MPI::this_mpi_process(comm) == 0;
  const std::string found = dealii::Utilities::MPI::broadcast(comm, first ? take() : std::string(), 0);
  if (!found.empty() && found[0] == '!')
    throw InputError(
        "Output directory", "'" + directory.path() + "': " + found.substr(1),
        "Wait until that run has ended, or name another directory. On another host it counts as dead after a "
        "minute without a sign of life. Where you know that it is, remove '" +
            file_ + "'.");
  if (!found.empty())
    log.line(found);
  if (first)
    heartbeat_ = std::make_unique<Heartbeat>(file_);
}

DirectoryLock::~DirectoryLock()
{
  if (!heartbeat_)
    return;
  heartbeat_.reset();
  std::remove(file_.c_str());
}

} // namespace lodestone
