#pragma once

#include <lodestone/base/log.h>

#include <chrono>
#include <string>

namespace lodestone
{

/// Tells how far a long loop of equal turns is, and how long the rest will take: "standard errors: 12 of 100, about 3 min
/// 20 s left" (Log::task). After the first turn there is an estimate. The text goes with the object.
class LoopProgress
{
public:
  /// @param name of the loop; @param n turns
  LoopProgress(Log &log, const std::string &name, unsigned int n);
  ~LoopProgress();
  LoopProgress(const LoopProgress &) = delete;
  LoopProgress &operator=(const LoopProgress &) = delete;
  /// A turn has ended.
  void step();

private:
  void tell() const;

  Log &log_;
  std::string name_;
  unsigned int n_, done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace lodestone
