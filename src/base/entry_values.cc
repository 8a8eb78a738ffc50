#include <lodestone/base/entry_values.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>

#include <cctype>
#include <cstdlib>

namespace lodestone
{

namespace
{

/// Whether a text may be a number with a unit ("4.8e6 m^3/yr"): after the number come only characters of units.
bool may_be_quantity(const std::string &text)
{
  char *end = nullptr;
  (void)std::strtod(text.c_str(), &end);
  if (end == text.c_str())
    return false;
  for (; *end != 0; ++end)
    if (std::isalnum(static_cast<unsigned char>(*end)) == 0 && std::string(" \t^/%").find(*end) == std::string::npos)
      return false;
  return true;
}

/// Whether a text holds numbers and no names of units or variables: "20e9/2".
bool is_arithmetic(const std::string &text)
{
  return text.find_first_not_of("0123456789.eE+-*/^() \t") == std::string::npos;
}

} // namespace

template <int dim>
Formula<dim> read_value(const std::string &entry, const Quantity quantity, const std::string &where)
{
  const std::string text = trimmed(entry);
  if (text.empty())
    throw InputError(where, "the entry is empty",
                     "Give a value in " + units_of(quantity) + ", or a formula of x, y, z.");
  if (const std::string advice = decimal_comma_advice(text); !advice.empty())
    throw InputError(where, "found '" + text + "' where a number should stand", advice);
  if (!may_be_quantity(text))
    return Formula<dim>(text, where);
  try
  {
    return Formula<dim>(significant(parse_quantity(text, quantity, where), 17), where);
  }
  catch (const InputError &no_quantity)
  {
    try // "5e6/depth" looks like a quantity and is a formula
    {
      Formula<dim> formula(text, where);
      if (!formula.is_constant() || is_arithmetic(text))
        return formula;
    }
    catch (const InputError &)
    {
    }
    throw no_quantity;
  }
}

template <int dim>
std::vector<Formula<dim>> read_values(const std::string &text, const unsigned int count, const std::string &names,
                                      const Quantity quantity, const std::string &where)
{
  const std::vector<std::string> items = split_list(text);
  if (items.size() != count)
    throw InputError(where, "found " + counted(items.size(), "component") + " in '" + text + "'",
                     decimal_comma_advice(text) + "Give " + std::to_string(count) +
                         " values or formulas, separated by commas: " + names + ".");
  std::vector<Formula<dim>> values;
  for (const auto &item : items)
    values.push_back(read_value<dim>(item, quantity, where));
  return values;
}

bool is_plain_zero(const std::string &text, const Quantity quantity)
{
  try
  {
    return may_be_quantity(trimmed(text)) && parse_quantity(text, quantity, "") == 0;
  }
  catch (const InputError &)
  {
    return false;
  }
}

std::optional<std::string> table_file(const std::string &text)
{
  const std::string entry = trimmed(text);
  if (!starts_with(entry, "table ") && !starts_with(entry, "table\t"))
    return std::nullopt;
  return trimmed(entry.substr(6));
}

template Formula<2> read_value<2>(const std::string &, Quantity, const std::string &);
template Formula<3> read_value<3>(const std::string &, Quantity, const std::string &);
template std::vector<Formula<2>> read_values<2>(const std::string &, unsigned int, const std::string &, Quantity,
                                                const std::string &);
template std::vector<Formula<3>> read_values<3>(const std::string &, unsigned int, const std::string &, Quantity,
                                                const std::string &);

} // namespace lodestone
