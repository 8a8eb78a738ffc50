#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/result_directory.h>

#include <cctype>
#include <filesystem>
#include <system_error>
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

// Names that runs give to their files; anything else in the directory is the user's.
bool is_result(const std::string &name)
{
  for (const char *whole : {"log.txt", "parameters.prm", "history.csv", "results.h5", "checkpoint", "pictures"})
    if (name == whole)
      return true;
  for (const char *start : {"inversion-", "inversion.pvd", "forward-", "forward.pvd", "fit_", "surface_", "surface.csv"})
    if (name.rfind(start, 0) == 0)
      return true;
  return false;
}

} // namespace

ResultDirectory::ResultDirectory(const std::string &path, MPI_Comm comm) : path_(path), comm_(comm)
{
  while (path_.size() > 1 && path_.back() == '/')
    path_.pop_back();
  std::string problem;
  if (path_.empty())
    problem = "is empty";
  else if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    problem = make_directory(path_);
  problem = dealii::Utilities::MPI::broadcast(comm, problem, 0);
  if (!problem.empty())
    throw InputError("Output directory", problem, "Name a directory that can be made and written.");
}

void ResultDirectory::set_earlier_results_aside() const
{
  on_first_rank(comm_, path_,
                [this]() -> std::string
                {
                  namespace fs = std::filesystem;
                  std::error_code error;
                  if (!fs::exists(file("log.txt"), error))
                    return "";
                  std::vector<fs::path> files;
                  for (const auto &entry : fs::directory_iterator(path_, error))
                    if (is_result(entry.path().filename().string()))
                      files.push_back(entry.path());
                  unsigned int n = 1;
                  while (fs::exists(file("earlier-" + std::to_string(n)), error))
                    ++n;
                  const fs::path aside = file("earlier-" + std::to_string(n));
                  fs::create_directory(aside, error);
                  for (const auto &f : files)
                    if (!error)
                      fs::rename(f, aside / f.filename(), error);
                  return error ? "earlier results cannot be moved aside: " + error.message() : "";
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
