#include <lodestone/io/array_name.h>

#include <cctype>
#include <set>

namespace lodestone
{

std::string array_name(const std::string &text)
{
  std::string name;
  const auto separate = [&name] {
    if (!name.empty() && name.back() != '_')
      name += '_';
  };
  const auto add_word = [&](const std::string &word) {
    separate();
    name += word + "_";
  };
  for (std::size_t i = 0; i < text.size(); ++i)
  {
    const unsigned char c = text[i];
    if (c < 128 && std::isalnum(c))
      name += static_cast<char>(std::tolower(c));
    else if (c == '/')
      add_word("over");
    else if (text.compare(i, 2, "- ") == 0 && i > 0 && text[i - 1] == ' ')
      add_word("minus");
    else
      separate();
  }
  while (!name.empty() && name.back() == '_')
    name.pop_back();
  return name.empty() ? "unnamed" : name;
}

std::vector<std::string> without_repetition(const std::vector<std::string> &names)
{
  std::set<std::string> used(names.begin(), names.end()), given;
  std::vector<std::string> result;
  for (const std::string &name : names)
  {
    std::string distinct = name;
    for (unsigned int n = 2; given.count(distinct) > 0; ++n)
      if (const std::string next = name + "_" + std::to_string(n); used.count(next) == 0)
        distinct = next;
    given.insert(distinct);
    used.insert(distinct);
    result.push_back(distinct);
  }
  return result;
}

} // namespace lodestone
