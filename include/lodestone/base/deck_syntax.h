#pragma once

#include <lodestone/base/deck.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The entries and subsections of a parameter file, in the order of the file.
struct DeckSyntax
{
  std::vector<Deck::Entry> entries;
  std::vector<Deck::Section> sections;

  /// Appends an entry. @throws InputError naming both places when the file sets the entry twice
  void add(Deck::Entry entry);
};

/// deal.II's own syntax: `subsection NAME`, `set NAME = VALUE`, `end`; `#` starts a comment, a backslash at the end of
/// a line continues it. @throws InputError with file and line
DeckSyntax read_prm(const std::string &text, const std::string &file);

/// Nested objects are subsections, scalars are values, arrays are lists separated by commas. An object that holds
/// "value" beside nothing but deal.II's own keys is an entry as deal.II prints it. @throws InputError with file and
/// line
DeckSyntax read_json(const std::string &text, const std::string &file);

} // namespace lodestone
