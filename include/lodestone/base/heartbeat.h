#pragma once

#include <lodestone/base/log.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lodestone
{

/// While it lives, a line of the log tells what the run is at whenever nothing else has been logged for some time, also
/// inside of libraries that cannot be asked (Log::heartbeat). A thread of rank 0 does it, without MPI.
class Heartbeat
{
public:
  explicit Heartbeat(Log &log, std::chrono::milliseconds silence = std::chrono::seconds(60));
  ~Heartbeat();
  Heartbeat(const Heartbeat &) = delete;
  Heartbeat &operator=(const Heartbeat &) = delete;

private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::thread thread_;
};

} // namespace lodestone
