#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

namespace lodestone
{

// Other processes, as /proc shows them.

/// Number of the parent of a process; 0 where it is not known.
pid_t parent_of(pid_t process);
/// Whether a process was started with an environment variable of this name.
bool has_variable(pid_t process, const std::string &name);
/// Seconds since a process was started; empty where it is not known.
std::optional<double> age_of(pid_t process);
/// What a program prints, its first 64 kB. Empty when it fails, or has not ended after some seconds.
std::string output_of(const std::string &command, unsigned int seconds);

} // namespace lodestone
