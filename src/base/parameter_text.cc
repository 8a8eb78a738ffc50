#include <lodestone/base/csv.h>
#include <lodestone/base/parameter_text.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <sstream>

namespace lodestone
{

namespace
{

using Json = nlohmann::ordered_json;

std::string text_of(const Json &node, const char *key)
{
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

void collect(const Json &node, std::vector<std::string> &path, Declarations &declarations)
{
  if (!node.is_object()) // an empty subsection is printed as ""
    return;
  for (const auto &[name, child] : node.items())
  {
    const bool is_alias = child.is_object() && child.contains("alias") && child["alias"].is_string();
    const bool is_entry = child.is_object() && child.contains("value") && child["value"].is_string();
    if (is_alias || is_entry)
      declarations.entries.push_back({path, name, text_of(child, "value"), text_of(child, "default_value"),
                                      text_of(child, "documentation"), text_of(child, "pattern_description"),
                                      is_alias});
    else
    {
      path.push_back(name);
      declarations.sections.push_back(path);
      collect(child, path, declarations);
      path.pop_back();
    }
  }
}

/// "a|b|c " -> "a, b, c".
std::string alternatives(const std::string &list)
{
  return join(dealii::Utilities::split_string_list(trimmed(list), '|'));
}

/// "0...0.5 (inclusive)" -> " from 0 to 0.5".
std::string range_in_words(const std::string &range)
{
  const auto dots = range.find("...");
  if (dots == std::string::npos)
    return "";
  const std::string from = trimmed(range.substr(0, dots));
  const std::string to = trimmed(range.substr(dots + 3, range.find(" (") - dots - 3));
  const bool below = from == "-MAX_DOUBLE" || from == std::to_string(std::numeric_limits<int>::min());
  const bool above = to == "MAX_DOUBLE" || to == std::to_string(std::numeric_limits<int>::max());
  if (below && above)
    return "";
  if (below)
    return " not above " + to;
  if (above)
    return " not below " + from;
  return " from " + from + " to " + to;
}

/// "<[...]> of length 0...3 (inclusive) separated by <;>" -> words.
std::string list_in_words(const std::string &rest)
{
  const auto element_end = rest.rfind("]> of length ");
  if (element_end == std::string::npos)
    return "a list";
  const std::string element = pattern_in_words(rest.substr(1, element_end));
  const auto separated = rest.find("separated by <", element_end);
  const std::string separator = separated == std::string::npos ? "commas" : "'" + rest.substr(separated + 14, 1) + "'";
  std::istringstream lengths(rest.substr(element_end + 13));
  unsigned long from = 0, to = 0;
  char dot;
  lengths >> from >> dot >> dot >> dot >> to;
  std::string words = "a list separated by " + separator;
  if (from == to)
    words += ", " + std::to_string(from) + " items";
  else if (to < std::numeric_limits<unsigned int>::max())
    words += ", " + std::to_string(from) + " to " + std::to_string(to) + " items";
  else if (from > 0)
    words += ", at least " + std::to_string(from) + (from == 1 ? " item" : " items");
  return words + (element.empty() ? "" : ", each " + element);
}

/// Writes `text` as comment lines of at most about 100 characters.
void write_comment(std::ostream &out, const std::string &indent, const std::string &text)
{
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
  {
    std::istringstream words(line);
    std::string written = indent + "#";
    for (std::string word; words >> word;)
    {
      if (written.size() + word.size() > 100 && written.size() > indent.size() + 1)
      {
        out << written << '\n';
        written = indent + "#";
      }
      written += " " + word;
    }
    out << written << '\n';
  }
}

/// deal.II writes the values of yes-or-no entries as true and false.
std::string value_text(const DeclaredEntry &entry, const std::string &value)
{
  return entry.pattern != "[Bool]" ? value : value == "true" ? "yes" : value == "false" ? "no" : value;
}

void write_entry(std::ostream &out, const std::string &indent, const DeclaredEntry &entry)
{
  std::string comment = trimmed(entry.documentation);
  const std::string allowed = pattern_in_words(entry.pattern);
  if (!allowed.empty())
    comment += (comment.empty() ? "Allowed: " : "\nAllowed: ") + allowed;
  if (entry.value != entry.default_value)
    comment += (comment.empty() ? "Default: " : "\nDefault: ") +
               (entry.default_value.empty() ? std::string("empty") : value_text(entry, entry.default_value));
  write_comment(out, indent, comment);
  out << indent << "set " << entry.name << " =" << (entry.value.empty() ? "" : " ") << value_text(entry, entry.value)
      << "\n\n";
}

/// Entries of one subsection first, then the subsections in it.
void write_section(std::ostream &out, const Declarations &declarations, const std::vector<std::string> &path)
{
  const std::string indent(2 * path.size(), ' ');
  for (const auto &entry : declarations.entries)
    if (entry.path == path && !entry.is_alias)
      write_entry(out, indent, entry);
  for (const auto &section : declarations.sections)
    if (section.size() == path.size() + 1 && std::equal(path.begin(), path.end(), section.begin()))
    {
      out << indent << "subsection " << section.back() << '\n';
      write_section(out, declarations, section);
      out << indent << "end\n\n";
    }
}

} // namespace

std::string entry_path(const std::vector<std::string> &path, const std::string &name)
{
  std::string text;
  for (const auto &section : path)
    text += section + "/";
  return text + name;
}

const DeclaredEntry *Declarations::find(const std::vector<std::string> &path, const std::string &name) const
{
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const DeclaredEntry &entry) { return entry.name == name && entry.path == path; });
  return found == entries.end() ? nullptr : &*found;
}

bool Declarations::has_section(const std::vector<std::string> &path) const
{
  return path.empty() || std::find(sections.begin(), sections.end(), path) != sections.end();
}

Declarations declarations_of(const dealii::ParameterHandler &handler)
{
  // The handler shows its tree in no other way than by printing it.
  std::stringstream printed;
  handler.print_parameters(printed,
                           static_cast<dealii::ParameterHandler::OutputStyle>(
                               dealii::ParameterHandler::JSON | dealii::ParameterHandler::KeepDeclarationOrder));
  Declarations declarations;
  std::vector<std::string> path;
  collect(Json::parse(printed), path, declarations);
  return declarations;
}

std::string pattern_in_words(const std::string &description)
{
  std::string inside = trimmed(description);
  if (inside.size() < 2 || inside.front() != '[' || inside.back() != ']')
    return inside;
  inside = inside.substr(1, inside.size() - 2);
  if (starts_with(inside, "Anything"))
    return "";
  if (starts_with(inside, "Bool"))
    return "yes or no";
  if (starts_with(inside, "Double"))
    return "a number" + range_in_words(inside.substr(6));
  if (starts_with(inside, "Integer range "))
    return "a whole number" + range_in_words(inside.substr(14));
  if (starts_with(inside, "Integer"))
    return "a whole number";
  if (starts_with(inside, "Selection "))
    return "one of " + alternatives(inside.substr(10));
  if (starts_with(inside, "MultipleSelection "))
    return "any of " + alternatives(inside.substr(18)) + ", separated by commas";
  if (starts_with(inside, "List of "))
    return list_in_words(inside.substr(8));
  return inside;
}

std::string parameter_text(const dealii::ParameterHandler &handler, const std::string &heading)
{
  std::ostringstream out;
  write_comment(out, "", heading);
  if (!heading.empty())
    out << '\n';
  write_section(out, declarations_of(handler), {});
  return out.str();
}

} // namespace lodestone
