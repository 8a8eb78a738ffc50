#include <lodestone/base/loop_progress.h>
#include <lodestone/base/time_text.h>

namespace lodestone
{

LoopProgress::LoopProgress(Log &log, const std::string &name, const unsigned int n) : log_(log), name_(name), n_(n)
{
  tell();
}

LoopProgress::~LoopProgress()
{
  log_.task("");
}

void LoopProgress::step()
{
  ++done_;
  tell();
}

void LoopProgress::tell() const
{
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  log_.task(name_ + ": " + std::to_string(done_) + " of " + std::to_string(n_) +
            (done_ > 0 && done_ <= n_ ? ", about " + time_text(seconds / done_ * (n_ - done_)) + " left" : ""));
}

} // namespace lodestone
