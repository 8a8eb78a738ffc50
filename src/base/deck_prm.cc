#include <lodestone/base/csv.h>
#include <lodestone/base/deck_syntax.h>
#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>

#include <algorithm>
#include <sstream>

namespace lodestone
{

namespace
{

/// Removes `keyword` and the blanks behind it from the start of a line; false when the line starts otherwise.
bool take_keyword(std::string &line, const std::string &keyword)
{
  std::string start = line.substr(0, keyword.size());
  std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) { return std::tolower(c); });
  if (start != keyword || (line.size() > keyword.size() && line[keyword.size()] != ' ' && line[keyword.size()] != '\t'))
    return false;
  line = trimmed(line.substr(keyword.size()));
  return true;
}

/// Runs of blanks become one space.
std::string single_spaced(const std::string &text)
{
  std::istringstream words(text);
  std::string result;
  for (std::string word; words >> word;)
    result += (result.empty() ? "" : " ") + word;
  return result;
}

class PrmReader
{
public:
  explicit PrmReader(const std::string &file) : file_(file) {}

  DeckSyntax read(const std::string &text)
  {
    std::istringstream in(text);
    std::string statement;
    unsigned int line_number = 0, first_line = 0;
    bool continued = false;
    for (std::string line; std::getline(in, line);)
    {
      ++line_number;
      if (line_number == 1 && line.compare(0, 3, "\xEF\xBB\xBF") == 0) // byte order mark
        line.erase(0, 3);
      const bool is_comment = trimmed(line).compare(0, 1, "#") == 0;
      if (is_comment && continued)
        continue;
      line = trimmed(line.substr(0, line.find('#')));
      if (!continued)
      {
        statement.clear();
        first_line = line_number;
      }
      continued = !line.empty() && line.back() == '\\';
      if (continued)
        line.pop_back();
      statement += line;
      if (!continued)
        interpret(trimmed(statement), first_line);
    }
    if (continued)
      interpret(trimmed(statement), first_line);
    if (!path_.empty())
      throw InputError(place(opened_at_.back()),
                       "the subsection '" + path_.back() + "' that starts here is never ended",
                       "Add the missing 'end'.");
    return std::move(syntax_);
  }

private:
  std::string place(const unsigned int line) const { return file_ + ":" + std::to_string(line); }

  void interpret(std::string statement, const unsigned int line)
  {
    const std::string whole = statement;
    if (statement.empty())
      return;
    if (take_keyword(statement, "subsection"))
    {
      if (statement.empty())
        throw InputError(place(line), "a subsection without a name");
      path_.push_back(single_spaced(statement));
      opened_at_.push_back(line);
      syntax_.add_section({path_, place(line)});
    }
    else if (take_keyword(statement, "end") && statement.empty())
    {
      if (path_.empty())
        throw InputError(place(line), "an 'end' without a subsection that it could end",
                         "Remove it, or look for an 'end' too many above.");
      path_.pop_back();
      opened_at_.pop_back();
    }
    else if (take_keyword(statement, "set"))
      add_entry(statement, line);
    else
      throw InputError(place(line), "cannot understand '" + whole + "'",
                       "Lines are: subsection NAME, set NAME = VALUE, end; '#' starts a comment.");
  }

  void add_entry(const std::string &statement, const unsigned int line)
  {
    const auto equals = statement.find('=');
    const std::string name = single_spaced(statement.substr(0, equals));
    if (equals == std::string::npos || name.empty())
      throw InputError(place(line), "cannot understand 'set " + statement + "'", "Write: set NAME = VALUE");
    syntax_.add({path_, name, trimmed(statement.substr(equals + 1)), place(line)});
  }

  std::string file_;
  std::vector<std::string> path_;
  std::vector<unsigned int> opened_at_;
  DeckSyntax syntax_;
};

} // namespace

DeckSyntax read_prm(const std::string &text, const std::string &file)
{
  return PrmReader(file).read(text);
}

} // namespace lodestone
