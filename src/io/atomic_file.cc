#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace lodestone
{

namespace
{

std::string system_message(const std::string &what)
{
  return what + ": " + std::strerror(errno);
}

/// Writes everything to a new file and brings it to disk; empty when that worked.
std::string write_and_sync(const std::string &file, const std::string &text)
{
  ::unlink(file.c_str()); // left by a run that was killed; a link that stands there is not followed
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return system_message("cannot be created");
  std::string problem;
  std::size_t written = 0;
  while (written < text.size() && problem.empty())
  {
    const ssize_t n = ::write(descriptor, text.data() + written, text.size() - written);
    if (n >= 0)
      written += n;
    else if (errno != EINTR)
      problem = system_message("cannot be written");
  }
  if (problem.empty() && ::fsync(descriptor) != 0)
    problem = system_message("cannot be brought to disk");
  if (::close(descriptor) != 0 && problem.empty())
    problem = system_message("cannot be closed");
  return problem;
}

/// Some file systems cannot sync a directory; then the rename is as safe as they make it.
void sync_directory_of(const std::string &file)
{
  const std::size_t slash = file.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0)
  {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

std::string rename_file(const std::string &temporary, const std::string &file)
{
  if (std::rename(temporary.c_str(), file.c_str()) != 0)
    return system_message("cannot be replaced");
  sync_directory_of(file);
  return "";
}

std::string sync_file(const std::string &file)
{
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return system_message("cannot be opened");
  std::string problem = ::fsync(descriptor) == 0 ? "" : system_message("cannot be brought to disk");
  ::close(descriptor);
  return problem;
}

} // namespace

void on_first_rank(MPI_Comm comm, const std::string &file, const std::function<std::string()> &action)
{
  std::string problem;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
    problem = action();
  problem = dealii::Utilities::MPI::broadcast(comm, problem, 0);
  if (!problem.empty())
    throw InputError(file, problem, "Free space there, or choose another `Output directory`.");
}

void write_atomically(const std::string &file, const std::string &text, MPI_Comm comm)
{
  on_first_rank(comm, file, [&] {
    const std::string temporary = file + ".part";
    std::string problem = write_and_sync(temporary, text);
    if (problem.empty())
      problem = rename_file(temporary, file);
    if (!problem.empty())
      std::remove(temporary.c_str());
    return problem;
  });
}

void replace_atomically(const std::string &temporary, const std::string &file, MPI_Comm comm,
                        const std::string &keep_as)
{
  on_first_rank(comm, file, [&] {
    std::string problem = sync_file(temporary);
    if (problem.empty() && !keep_as.empty() && std::rename(file.c_str(), keep_as.c_str()) != 0 && errno != ENOENT)
      problem = system_message("cannot be kept as '" + keep_as + "'");
    return problem.empty() ? rename_file(temporary, file) : problem;
  });
}

} // namespace lodestone
