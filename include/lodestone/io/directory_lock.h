#pragma once

#include <lodestone/base/log.h>
#include <lodestone/io/result_directory.h>

#include <memory>
#include <string>

namespace lodestone
{

/// Keeps a second run out of a result directory as long as the first one lives.
///
/// Rank 0 makes the file .lodestone.lock, which names host, process and job, and sets its time every ten seconds. The file
/// is made under another name and linked, which is atomic on network file systems too, where locks of the operating system
/// (lockf, flock) often do nothing. A lock is dead, and taken over with a line in the log, when
/// * its process is gone: on the same host, started since the same boot, in the same process namespace;
/// * its time, by the file system's own clock, is more than a minute old: on another host;
/// * it is of the same Slurm job before it was queued again.
/// The file is removed at the end. Collective.
class DirectoryLock
{
public:
  /// @throws InputError on all ranks naming the run that lives
  DirectoryLock(const ResultDirectory &directory, Log &log);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock &) = delete;
  DirectoryLock &operator=(const DirectoryLock &) = delete;

  static constexpr const char *file_name = ".lodestone.lock";

private:
  class Heartbeat;
  std::string take();

  std::string file_;
  std::unique_ptr<Heartbeat> heartbeat_; ///< on rank 0
};

} // namespace lodestone
