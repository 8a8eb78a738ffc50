#pragma once

#include <deal.II/base/parameter_handler.h>

#include <string>
#include <vector>

namespace lodestone
{

/// One entry as a ParameterHandler declares it.
struct DeclaredEntry
{
  std::vector<std::string> path; ///< subsections, outermost first
  std::string name, value, default_value, documentation;
  std::string pattern;   ///< deal.II's description: "[Double 0...0.5 (inclusive)]"
  bool is_alias = false; ///< the entry is another name for one that holds the value
};

/// All that a ParameterHandler declares, in the order of declaration.
struct Declarations
{
  std::vector<DeclaredEntry> entries;
  std::vector<std::vector<std::string>> sections; ///< paths of all subsections, those without entries included

  /// The entry of that path and name; nullptr when there is none.
  const DeclaredEntry *find(const std::vector<std::string> &path, const std::string &name) const;
  bool has_section(const std::vector<std::string> &path) const;
};

/// Reads the declarations from what the handler prints.
Declarations declarations_of(const dealii::ParameterHandler &handler);

/// What a pattern allows, in plain words: "[Selection box|gmsh ]" -> "one of box, gmsh"; empty when it allows anything.
std::string pattern_in_words(const std::string &description);

/// All entries as text of a parameter file that Deck reads back: help, allowed values and default as comments above
/// each entry, in the order of declaration. The lines of `heading` come first, as comments.
std::string parameter_text(const dealii::ParameterHandler &handler, const std::string &heading = "");

/// "Mesh/Cells": the path of an entry as users write it.
std::string entry_path(const std::vector<std::string> &path, const std::string &name);

} // namespace lodestone
