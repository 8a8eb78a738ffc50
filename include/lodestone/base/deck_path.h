#pragma once

#include <lodestone/base/text.h>

#include <string>

namespace lodestone
{

/// The one rule for file names in a parameter file: a relative name counts from the folder of the parameter file, an
/// absolute one stays as it is. A blank name stays empty.
/// @param deck_directory folder of the parameter file; empty: names count from the folder in which the program was
///   started
inline std::string path_from_deck(const std::string &name, const std::string &deck_directory)
{
  const std::string file = trimmed(name);
  return file.empty() || file.front() == '/' || deck_directory.empty() ? file : deck_directory + "/" + file;
}

} // namespace lodestone
