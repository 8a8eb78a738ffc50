#include <lodestone/base/error.h>
#include <lodestone/base/printable.h>

namespace lodestone
{

namespace
{

std::string message(const std::string &where, const std::string &found, const std::string &remedy)
{
  std::string text = where.empty() ? found : where + ": " + found;
  if (!remedy.empty())
  {
    const bool ends =
        !text.empty() && (text.back() == '.' || text.back() == '!' || text.back() == '?' || text.back() == '\n');
    text += (ends ? " " : ". ") + remedy;
  }
  return text;
}

} // namespace

InputError::InputError(const std::string &where, const std::string &found, const std::string &remedy)
    : std::runtime_error(printable(message(where, found, remedy))), where_(where)
{
}

} // namespace lodestone
