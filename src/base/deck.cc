#include <lodestone/base/csv.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/deck_syntax.h>
#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/base/printable.h>

#include <algorithm>

namespace lodestone
{

namespace
{

/// "Did you mean 'Cells'?", or the list of what is known there.
std::string suggestion(const std::string &name, const std::vector<std::string> &known)
{
  const std::string nearest = nearest_name(name, known);
  if (!nearest.empty())
    return "Did you mean '" + nearest + "'?";
  if (known.empty())
    return "";
  const std::size_t shown = std::min<std::size_t>(known.size(), 15);
  return "Known there: " + join({known.begin(), known.begin() + shown}) + (known.size() > shown ? ", ..." : ".");
}

/// Names of the subsections directly inside `path`.
std::vector<std::string> sections_in(const Declarations &declared, const std::vector<std::string> &path)
{
  std::vector<std::string> names;
  for (const auto &section : declared.sections)
    if (section.size() == path.size() + 1 && std::equal(path.begin(), path.end(), section.begin()))
      names.push_back(section.back());
  return names;
}

/// @throws InputError naming the outermost subsection of `path` that is not declared
void check_path(const Declarations &declared, const std::vector<std::string> &path, const std::string &where)
{
  std::vector<std::string> parent;
  for (const auto &name : path)
  {
    std::vector<std::string> inner = parent;
    inner.push_back(name);
    if (!declared.has_section(inner))
    {
      const auto known = sections_in(declared, parent);
      std::string remedy = suggestion(name, known);
      if (nearest_name(name, known).empty())
        remedy +=
            (remedy.empty() ? "" : " ") + std::string("The subsection of a named thing (a load case, a load, a data "
                                                      "set, ...) needs its name in the list of these names.");
      throw InputError(where, "there is no subsection '" + entry_path(parent, name) + "'", remedy);
    }
    parent = inner;
  }
}

/// Words that users write for true and false; deal.II knows these two only.
std::string boolean_text(const std::string &value)
{
  const std::string word = lower_case(value);
  if (word == "yes" || word == "on" || word == "true")
    return "true";
  if (word == "no" || word == "off" || word == "false")
    return "false";
  return value;
}

std::string description(const Deck::Entry &entry)
{
  return entry.where + ": " + entry_path(entry.path, entry.name);
}

InputError refused_value(const Deck::Entry &entry, const DeclaredEntry &declared)
{
  std::string remedy = pattern_in_words(declared.pattern);
  std::vector<std::string> choices;
  if (remedy.compare(0, 7, "one of ") == 0)
    choices = dealii::Utilities::split_string_list(remedy.substr(7));
  const std::string nearest = nearest_name(entry.value, choices);
  remedy = decimal_comma_advice(entry.value) + "Allowed is " + remedy + "." +
           (nearest.empty() ? "" : " Did you mean '" + nearest + "'?");
  return InputError(description(entry), "found '" + entry.value + "', which is not allowed", remedy);
}

/// Sets one entry, and is back at the top level of the handler whatever happens.
void set_entry(dealii::ParameterHandler &handler, const Deck::Entry &entry, const DeclaredEntry &declared)
{
  const std::string value = declared.pattern == "[Bool]" ? boolean_text(entry.value) : entry.value;
  const auto leave = [&]() {
    for (std::size_t i = 0; i < entry.path.size(); ++i)
      handler.leave_subsection();
  };
  for (const auto &section : entry.path)
    handler.enter_subsection(section);
  try
  {
    handler.set(entry.name, value);
  }
  catch (const dealii::ParameterHandler::ExcValueDoesNotMatchPattern &)
  {
    leave();
    throw refused_value(entry, declared);
  }
  catch (const dealii::ExceptionBase &error)
  {
    leave();
    throw InputError(description(entry), "found '" + entry.value + "', which cannot be used: " + error.what());
  }
  catch (...)
  {
    leave();
    throw;
  }
  leave();
}

/// "Mesh/Cells = 4,4,4" as an entry.
Deck::Entry read_set_option(const std::string &option)
{
  if (!is_printable(option))
    throw InputError("--set", "an option is not printable text in UTF-8", "Write: --set \"Section/Entry=value\"");
  const auto equals = option.find('=');
  Deck::Entry entry;
  entry.where = "--set";
  std::string part;
  for (const char c : option.substr(0, equals) + "/")
    if (c == '/')
    {
      entry.path.push_back(trimmed(part));
      part.clear();
    }
    else
      part += c;
  entry.name = entry.path.back();
  entry.path.pop_back();
  if (equals == std::string::npos || entry.name.empty() || std::count(entry.path.begin(), entry.path.end(), "") > 0)
    throw InputError("--set", "cannot understand '" + option + "'", "Write: --set \"Section/Entry=value\"");
  entry.value = trimmed(option.substr(equals + 1));
  return entry;
}

bool is_json(const std::string &file)
{
  const auto dot = file.rfind('.');
  return dot != std::string::npos && lower_case(file.substr(dot)) == ".json";
}

} // namespace

Deck::Deck(const std::string &file, const std::vector<std::string> &set_options, MPI_Comm comm)
{
  const std::string text = read_text_file(file, comm);
  check_is_text(text, file);
  *this = from_text(text, file);
  for (const auto &option : set_options)
  {
    const Entry entry = read_set_option(option);
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry &other) {
      return other.name == entry.name && other.path == entry.path;
    });
    if (known == entries_.end())
      entries_.push_back(entry);
    else
      *known = entry;
  }
}

Deck Deck::from_text(const std::string &text, const std::string &file_name)
{
  Deck deck;
  deck.file_ = file_name;
  const auto slash = file_name.rfind('/');
  deck.directory_ = slash == std::string::npos ? "." : slash == 0 ? "/" : file_name.substr(0, slash);
  DeckSyntax syntax = is_json(file_name) ? read_json(text, file_name) : read_prm(text, file_name);
  deck.entries_ = std::move(syntax.entries);
  deck.sections_ = std::move(syntax.sections);
  return deck;
}

void Deck::fill(dealii::ParameterHandler &handler) const
{
  const Declarations declared = declarations_of(handler);
  for (const auto &entry : entries_)
    if (const DeclaredEntry *known = declared.find(entry.path, entry.name))
      set_entry(handler, entry, *known);
}

void Deck::check(dealii::ParameterHandler &handler, const std::vector<RenamedEntry> &renamed) const
{
  const Declarations declared = declarations_of(handler);
  for (const auto &section : sections_)
    check_path(declared, section.path, section.where);
  for (const auto &entry : entries_)
  {
    if (declared.find(entry.path, entry.name) != nullptr)
      continue;
    check_path(declared, entry.path, description(entry));
    for (const auto &names : renamed)
      if (names.old_name == entry.name && declared.find(entry.path, names.new_name) != nullptr)
        throw InputError(description(entry), "the entry '" + entry.name + "' has another name now",
                         "Call it '" + names.new_name + "'.");
    std::vector<std::string> siblings;
    std::string elsewhere;
    for (const auto &other : declared.entries)
    {
      if (other.path == entry.path)
        siblings.push_back(other.name);
      else if (other.name == entry.name && elsewhere.empty())
        elsewhere = entry_path(other.path, other.name);
    }
    std::string remedy = suggestion(entry.name, siblings);
    if (!elsewhere.empty() && nearest_name(entry.name, siblings).empty())
      remedy = "An entry of this name is '" + elsewhere + "'. " + remedy;
    throw InputError(description(entry), "there is no entry '" + entry.name + "' here", remedy);
  }
}

std::string Deck::where(const std::string &path) const
{
  for (const auto &entry : entries_)
    if (entry_path(entry.path, entry.name) == path)
      return description(entry);
  return path;
}

} // namespace lodestone
