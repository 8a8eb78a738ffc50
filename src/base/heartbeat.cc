#include <lodestone/base/heartbeat.h>

#include <csignal>

namespace lodestone
{

Heartbeat::Heartbeat(Log &log, const std::chrono::milliseconds silence)
{
  if (!log.is_active())
    return;
  // Signals to the process are for the thread that runs it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this, &log, silence] {
    std::unique_lock<std::mutex> lock(mutex_);
    auto next = silence;
    while (!ended_.wait_for(lock, next, [this] { return has_ended_; }))
      next = log.heartbeat(silence);
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Heartbeat::~Heartbeat()
{
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

} // namespace lodestone
