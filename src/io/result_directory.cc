#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/result_directory.h>

#include <array>
#include <boost/serialization/utility.hpp>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace lodestone
{

namespace
{

std::string make_directory(const std::string &path)
{
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return "'" + path + "' cannot be made: " + error.message();
  if (!std::filesystem::is_directory(path, error))
    return "'" + path + "' is a file";
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return "'" + path + "' is not writable";
  return "";
}

// Ends the name of a folder into which results are being moved.
const char *const unfinished = ".part";

// Names that runs, and the scripts that draw them, give to their files; anything else in the directory is the user's.
bool is_result(const std::string &name)
{
  for (const char *whole : {"log.txt", "parameters.prm", "history.csv", "weight_path.csv", "results.h5", "summary.json",
                            "checkpoint", "pictures", "report.html", "figure.png", "history.png"})
    if (name == whole)
      return true;
  for (const char *start :
       {"inversion-", "inversion.pvd", "forward-", "forward.pvd", "fit_", "surface_", "surface.csv", "variogram_"})
    if (name.rfind(start, 0) == 0)
      return true;
  return false;
}

std::string host_name()
{
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

bool appears(const std::string &file, const double patience)
{
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(patience);
  std::error_code error;
  while (!std::filesystem::exists(file, error))
  {
    if (Clock::now() >= end)
      return false;
    // Reading the directory makes network file systems ask the server anew.
    for (std::filesystem::directory_iterator entry(std::filesystem::path(file).parent_path(), error), none;
         entry != none && !error;)
      entry.increment(error);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

/// Rank 0 puts a file of a name of its own there, all ranks look for it. Collective. @throws InputError naming ranks
/// and hosts
void check_that_all_ranks_see(const std::string &path, const MPI_Comm comm, const double patience)
{
  using namespace dealii::Utilities::MPI;
  const bool first = this_mpi_process(comm) == 0;
  std::string name = ".seen-by-all-ranks-" + std::to_string(::getpid()) + "-" +
                     std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  std::string problem;
  if (first && !std::ofstream(path + "/" + name).flush())
    problem = "no file can be written to '" + path + "'";
  problem = broadcast(comm, problem, 0);
  if (!problem.empty())
    throw InputError("Output directory", problem, "Free space there, or name another directory.");
  name = broadcast(comm, name, 0);
  const bool seen = appears(path + "/" + name, patience);
  const std::vector<std::pair<bool, std::string>> ranks = all_gather(comm, std::make_pair(seen, host_name()));
  if (first)
    std::remove((path + "/" + name).c_str());

  constexpr unsigned int most_named = 8;
  std::string blind;
  unsigned int n_blind = 0;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank)
    if (!ranks[rank].first && ++n_blind <= most_named)
      blind += (blind.empty() ? "rank " : ", rank ") + std::to_string(rank) + " (on " + ranks[rank].second + ")";
  if (n_blind > most_named)
    blind += " and " + std::to_string(n_blind - most_named) + " more ranks";
  if (n_blind > 0)
    throw InputError(
        "Output directory",
        "what rank 0 (on " + ranks[0].second + ") writes to '" + path + "' cannot be seen by " + blind,
        "Name a directory on a file system that all nodes share; a node's own disk, such as its /tmp, is not one.");
}

/// "inputs/../output/" as "output", unless a symbolic link among the folders makes that another place.
std::string tidy(std::string path)
{
  namespace fs = std::filesystem;
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  const fs::path short_path = fs::path(path).lexically_normal();
  std::error_code error;
  const auto place = [&error](const fs::path &p) { return fs::weakly_canonical(fs::absolute(p, error), error); };
  return !path.empty() && place(path) == place(short_path) ? short_path.string() : path;
}

} // namespace

ResultDirectory::ResultDirectory(const std::string &path, MPI_Comm comm, const double patience)
    : path_(tidy(path)), comm_(comm)
{
  std::string problem;
  if (path_.empty())
    problem = "is empty";
  else if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    problem = make_directory(path_);
  problem = dealii::Utilities::MPI::broadcast(comm, problem, 0);
  if (!problem.empty())
    throw InputError("Output directory", problem, "Name a directory that can be made and written.");
  if (dealii::Utilities::MPI::n_mpi_processes(comm) > 1)
    check_that_all_ranks_see(path_, comm, patience);
}

void ResultDirectory::set_earlier_results_aside() const
{
  on_first_rank(comm_, path_, [this]() -> std::string {
    namespace fs = std::filesystem;
    std::error_code error, ignored;
    // What was being written when a run was killed holds nothing.
    for (const fs::path &folder : {fs::path(path_), fs::path(file("checkpoint"))})
      for (const auto &entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == unfinished && fs::is_regular_file(entry.symlink_status(ignored)))
          fs::remove(entry.path(), ignored);
    std::vector<fs::path> files;
    fs::path begun; // where a run that was killed has begun to move them
    for (const auto &entry : fs::directory_iterator(path_, error))
    {
      const std::string name = entry.path().filename().string();
      if (is_result(name))
        files.push_back(entry.path());
      else if (name.rfind("earlier-", 0) == 0 && entry.path().extension() == unfinished)
        begun = entry.path();
    }
    if (error)
      return "cannot be read: " + error.message();
    if (files.empty() && begun.empty())
      return "";
    unsigned int n = 1;
    while (fs::exists(file("earlier-" + std::to_string(n)), error))
      ++n;
    const fs::path aside = file("earlier-" + std::to_string(n));
    const fs::path on_the_way = begun.empty() ? fs::path(aside.string() + unfinished) : begun;
    fs::create_directory(on_the_way, error);
    std::vector<fs::path> moved;
    for (const auto &f : files)
      if (!error)
      {
        fs::rename(f, on_the_way / f.filename(), error);
        if (!error)
          moved.push_back(f);
      }
    if (!error)
      fs::rename(on_the_way, aside, error);
    if (!error)
      return "";
    // All or nothing: what has been moved goes back.
    for (const auto &f : moved)
      fs::rename(on_the_way / f.filename(), f, ignored);
    fs::remove(on_the_way, ignored); // where it is empty
    return "earlier results cannot be moved aside: " + error.message();
  });
}

std::string ResultDirectory::safe_name(const std::string &name)
{
  std::string safe = name;
  for (char &c : safe)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.')
      c = '_';
  return safe;
}

} // namespace lodestone
