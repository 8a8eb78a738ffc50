#include <lodestone/base/deck_syntax.h>
#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/base/printable.h>

namespace lodestone
{

void DeckSyntax::add(Deck::Entry entry)
{
  check(entry.path, entry.name, entry.where);
  if (!is_printable(entry.value))
    throw InputError(entry.where,
                     "the value of '" + entry_path(entry.path, entry.name) + "' is not printable text in UTF-8",
                     "Save the file in UTF-8, without control characters.");
  if (!known_.emplace(entry.path, entry.name).second)
    for (const auto &other : entries)
      if (other.name == entry.name && other.path == entry.path)
        throw InputError(entry.where, "'" + entry_path(entry.path, entry.name) + "' is set a second time",
                         "It is already set at " + other.where + "; remove one of the two.");
  entries.push_back(std::move(entry));
}

void DeckSyntax::add_section(Deck::Section section)
{
  check(section.path, section.path.back(), section.where);
  sections.push_back(std::move(section));
}

void DeckSyntax::check(const std::vector<std::string> &path, const std::string &name, const std::string &where)
{
  constexpr std::size_t longest = 200, most_bytes = 16 << 20;
  if (path.size() > most_nested)
    throw InputError(where, "subsections are nested more than " + std::to_string(most_nested) + " deep");
  if (name.size() > longest)
    throw InputError(where, "a name has " + std::to_string(name.size()) + " bytes",
                     "At most " + std::to_string(longest) + " are possible.");
  if (!is_printable(name))
    throw InputError(where, "a name is not printable text in UTF-8",
                     "Save the file in UTF-8, without control characters.");
  bytes_ += name.size() + sizeof(Deck::Entry);
  for (const std::string &part : path)
    bytes_ += part.size() + sizeof(std::string);
  if (bytes_ > most_bytes)
    throw InputError(where, "the parameter file has too many entries: their names take more than " +
                                std::to_string(most_bytes >> 20) + " MB");
}

} // namespace lodestone
