#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// What stands after `--` on the command line: names, each with one value or none. Called before PETSc starts, which ends
/// the program where it cannot read a file of options.
/// @throws InputError for a value without a name, and for files of options that cannot be read
void check_petsc_options(const std::vector<std::string> &words);

/// @throws InputError that names the options of the command line that nothing has asked for so far, with `consequence`: they are misspelt, or
/// belong to a method that does not run
void require_used(const std::string &consequence);

} // namespace lodestone
