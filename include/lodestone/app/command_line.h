#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// `lodestone COMMAND FILE [--set section/entry=value ...] [--quiet] [-- PETSc options]`.
struct CommandLine
{
  std::string command, file;
  std::vector<std::string> set_options;
  bool quiet = false;
  bool dry_run = false; ///< invert: say what the run would take, and write nothing
  unsigned int n_samples = 5;
  std::vector<std::string> petsc_options; ///< what stands after "--"

  /// @throws InputError
  static CommandLine parse(const std::vector<std::string> &arguments);
};

/// What `--help` prints.
std::string help_text();
/// What `--version` prints: this program's and its libraries' versions, one per line.
std::string version_text();

} // namespace lodestone
