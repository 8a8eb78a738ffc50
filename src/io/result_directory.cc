#include <lodestone/base/error.h>
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

std::string ResultDirectory::safe_name(const std::string &name)
{
  std::string safe = name;
  for (char &c : safe)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.')
      c = '_';
  return safe;
}

} // namespace lodestone
