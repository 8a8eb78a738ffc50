#include <lodestone/base/error.h>
#include <lodestone/io/atomic_file.h>
#include <lodestone/io/checksum.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>

namespace lodestone
{

namespace
{
/// An open file, closed at the end.
class Descriptor
{
public:
  Descriptor(const std::string &file, const int flags) : id_(::open(file.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor()
  {
    if (id_ >= 0)
      ::close(id_);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  operator int() const { return id_; }

private:
  int id_;
};

std::string line_of(const std::uint64_t length, const std::uint32_t crc)
{
  char text[80];
  std::snprintf(text, sizeof(text), "\nLodestone checksum: CRC-32 %08" PRIx32 " of %020" PRIu64 " bytes\n", crc,
                length);
  return text;
}

/// The checksum of `n` bytes from `first` on; false when they cannot be read.
bool checksum_of(const Descriptor &file, std::uint64_t first, std::uint64_t n, uLong &crc)
{
  constexpr std::uint64_t piece = 1 << 20;
  std::vector<unsigned char> bytes(std::min(piece, n));
  while (n > 0)
  {
    const ssize_t got = ::pread(file, bytes.data(), std::min(piece, n), static_cast<off_t>(first));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    crc = crc32_z(crc, bytes.data(), got);
    first += got;
    n -= got;
  }
  return true;
}

/// The checksum of the first `n` bytes, of which every rank reads a share. Collective. @return false: not readable
bool joint_checksum(const std::string &file, const std::uint64_t n, const MPI_Comm comm, std::uint32_t &result)
{
  const std::uint64_t n_ranks = dealii::Utilities::MPI::n_mpi_processes(comm),
                      rank = dealii::Utilities::MPI::this_mpi_process(comm), share = n / n_ranks, first = rank * share,
                      mine = rank + 1 == n_ranks ? n - first : share;
  uLong crc = crc32_z(0, nullptr, 0);
  const Descriptor descriptor(file, O_RDONLY);
  const bool is_read = descriptor >= 0 && checksum_of(descriptor, first, mine, crc);
  if (dealii::Utilities::MPI::min(is_read ? 1 : 0, comm) == 0)
    return false;
  const std::vector<std::uint64_t> parts = dealii::Utilities::MPI::all_gather(comm, std::uint64_t(crc));
  uLong joined = parts[0];
  for (std::uint64_t r = 1; r < n_ranks; ++r)
    joined = crc32_combine(joined, parts[r], static_cast<z_off_t>(r + 1 == n_ranks ? n - r * share : share));
  result = static_cast<std::uint32_t>(joined);
  return true;
}

/// The length of a file as rank 0 sees it; -1: there is none. Collective.
std::int64_t length_of(const std::string &file, const MPI_Comm comm)
{
  struct stat status = {};
  std::int64_t length = -1;
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0 && ::stat(file.c_str(), &status) == 0 &&
      S_ISREG(status.st_mode))
    length = status.st_size;
  return dealii::Utilities::MPI::broadcast(comm, length, 0);
}

/// The last `n` bytes of a file of that length, as rank 0 reads them.
std::string end_of(const std::string &file, const std::int64_t length, const std::size_t n, const MPI_Comm comm)
{
  std::string text(n, '\0');
  if (dealii::Utilities::MPI::this_mpi_process(comm) == 0)
  {
    const Descriptor descriptor(file, O_RDONLY);
    if (descriptor < 0 || ::pread(descriptor, text.data(), n, length - static_cast<off_t>(n)) != ssize_t(n))
      text.clear();
  }
  return dealii::Utilities::MPI::broadcast(comm, text, 0);
}
} // namespace

void add_checksum(const std::string &file, const MPI_Comm comm)
{
  const std::int64_t length = length_of(file, comm);
  std::uint32_t crc = 0;
  if (length < 0 || !joint_checksum(file, length, comm, crc))
    throw InputError(file, "cannot be read back", "Choose another `Output directory`.");
  on_first_rank(comm, file, [&]() -> std::string {
    const std::string line = line_of(length, crc);
    const Descriptor descriptor(file, O_WRONLY);
    return descriptor >= 0 && ::pwrite(descriptor, line.data(), line.size(), length) == ssize_t(line.size())
               ? ""
               : std::string("cannot be written: ") + std::strerror(errno);
  });
}

std::string file_fingerprint(const std::string &file, const MPI_Comm comm)
{
  const std::int64_t length = length_of(file, comm);
  std::uint32_t crc = 0;
  if (length < 0 || !joint_checksum(file, length, comm, crc))
    return "";
  char text[64];
  std::snprintf(text, sizeof(text), "%" PRId64 " bytes, CRC-32 %08" PRIx32, length, crc);
  return text;
}

Soundness check_checksum(const std::string &file, const MPI_Comm comm)
{
  const std::int64_t length = length_of(file, comm), size_of_line = line_of(0, 0).size();
  if (length < 0)
    return Soundness::missing;
  if (length < size_of_line)
    return Soundness::without_checksum;
  const std::string line = end_of(file, length, size_of_line, comm);
  std::uint32_t written = 0, found = 0;
  std::uint64_t n = 0;
  if (std::sscanf(line.c_str(), "\nLodestone checksum: CRC-32 %8" SCNx32 " of %20" SCNu64 " bytes\n", &written, &n) !=
      2)
    return Soundness::without_checksum;
  if (line != line_of(n, written) || n != std::uint64_t(length - size_of_line))
    return Soundness::damaged;
  if (!joint_checksum(file, n, comm, found))
    return Soundness::missing;
  return found == written ? Soundness::sound : Soundness::damaged;
}

} // namespace lodestone
