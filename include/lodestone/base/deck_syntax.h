#pragma once

#include <lodestone/base/deck.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// The entries and subsections of a parameter file, in the order of the file.
struct DeckSyntax
{
  std::vector<Deck::Entry> entries;
  std::vector<Deck::Section> sections;
  static constexpr unsigned int most_nested = 100;

  /// Appends an entry. @throws InputError naming both places when the file sets the entry twice, or as add_section does
  void add(Deck::Entry entry);
  /// Appends a subsection. @throws InputError for one that is nested more than 100 deep, for a name of more than 200 bytes
  /// or one that is not printable, and for a file whose names take too much memory
  void add_section(Deck::Section section);

private:
  /// Names and paths stand in full in each entry: what all of them take is limited.
  void check(const std::vector<std::string> &path, const std::string &name, const std::string &where);

  std::set<std::pair<std::vector<std::string>, std::string>> known_;
  std::size_t bytes_ = 0;
};

/// deal.II's own syntax: `subsection NAME`, `set NAME = VALUE`, `end`; `#` starts a comment, a backslash at the end of
/// a line continues it. @throws InputError with file and line
DeckSyntax read_prm(const std::string &text, const std::string &file);

/// Nested objects are subsections, scalars are values, arrays are lists separated by commas. An object that holds
/// "value" beside nothing but deal.II's own keys is an entry as deal.II prints it. @throws InputError with file and
/// line
DeckSyntax read_json(const std::string &text, const std::string &file);

} // namespace lodestone
