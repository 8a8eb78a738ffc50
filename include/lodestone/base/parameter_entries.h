#pragma once

#include <lodestone/base/error.h>
#include <lodestone/base/text.h>

#include <deal.II/base/parameter_handler.h>

#include <string>
#include <utility>
#include <vector>

namespace lodestone
{

/// Declares an entry that holds any text; the object that owns `text` reads it later, when it knows what else is
/// needed.
inline void add_text(dealii::ParameterHandler &handler, const std::string &entry, std::string &text,
                     const std::string &help)
{
  handler.add_parameter(entry, text, help, dealii::Patterns::Anything());
}

/// The values of an enumeration by the words that stand for them in parameter files.
///
/// An entry becomes an enumerator when it is read, and nothing compares texts afterwards:
///
///   enum class Method { automatic, direct };
///   const Choice<Method> methods = {{Method::automatic, "auto"}, {Method::direct, "direct"}};
///   add_choice(handler, "Method", method, methods, "How systems are solved.");
template <typename Enum>
class Choice
{
public:
  Choice(std::initializer_list<std::pair<Enum, std::string>> words) : words_(words) {}

  /// The word of a value.
  const std::string &word(const Enum value) const
  {
    for (const auto &known : words_)
      if (known.first == value)
        return known.second;
    AssertThrow(false, dealii::ExcMessage("A value of the enumeration has no word."));
    return words_.front().second;
  }
  /// The value of a word; blanks at its ends do not matter. @throws InputError naming `where` and the words that are
  /// known
  Enum value(const std::string &text, const std::string &where) const
  {
    for (const auto &known : words_)
      if (known.second == trimmed(text))
        return known.first;
    throw InputError(where, "found '" + trimmed(text) + "', which is not allowed", name_advice(trimmed(text), words()));
  }
  /// All words, in the order in which they were given.
  std::vector<std::string> words() const
  {
    std::vector<std::string> result;
    for (const auto &known : words_)
      result.push_back(known.second);
    return result;
  }

private:
  std::vector<std::pair<Enum, std::string>> words_;
};

/// The pattern of an entry whose text is one of the words of `choice`.
template <typename Enum>
dealii::Patterns::Selection one_of(const Choice<Enum> &choice)
{
  return dealii::Patterns::Selection(join(choice.words(), "|"));
}

/// Declares an entry whose text is one of a few words, and has the handler set `value`, whose present value is the
/// default.
/// @param choice must live as long as the handler
template <typename Enum>
void add_choice(dealii::ParameterHandler &handler, const std::string &entry, Enum &value, const Choice<Enum> &choice,
                const std::string &help)
{
  handler.declare_entry(entry, choice.word(value), one_of(choice), help);
  handler.add_action(entry, [&value, &choice, entry](const std::string &text) { value = choice.value(text, entry); });
}

} // namespace lodestone
