#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/units.h>

#include <array>
#include <cctype>
#include <cmath>
#include <map>

namespace lodestone
{

namespace
{

/// A unit: SI value = number * factor; exponents of metre, kilogram, second and of the angle.
struct Unit
{
  double factor = 1;
  std::array<int, 4> exponents = {{0, 0, 0, 0}};
  bool per_year = false; ///< whether "/yr" closes it, which neither factor nor exponents hold
};

constexpr std::array<int, 4> dimensionless = {{0, 0, 0, 0}}, metre = {{1, 0, 0, 0}}, kilogram = {{0, 1, 0, 0}},
                             second = {{0, 0, 1, 0}}, degree = {{0, 0, 0, 1}}, pascal = {{-1, 1, -2, 0}},
                             newton = {{1, 1, -2, 0}};

const double degrees_in_radian = 45 / std::atan(1.0);

const std::map<std::string, Unit> &known_units()
{
  static const std::map<std::string, Unit> units = {{"%", {1e-2, dimensionless}}, {"m", {1, metre}},
                                                    {"km", {1e3, metre}},         {"cm", {1e-2, metre}},
                                                    {"mm", {1e-3, metre}},        {"Pa", {1, pascal}},
                                                    {"kPa", {1e3, pascal}},       {"MPa", {1e6, pascal}},
                                                    {"GPa", {1e9, pascal}},       {"N", {1, newton}},
                                                    {"kN", {1e3, newton}},        {"MN", {1e6, newton}},
                                                    {"GN", {1e9, newton}},        {"kg", {1, kilogram}},
                                                    {"s", {1, second}},           {"min", {60, second}},
                                                    {"h", {3600, second}},        {"d", {86400, second}},
                                                    {"yr", {31557600, second}}, // 365.25 days
                                                    {"deg", {1, degree}},         {"rad", {degrees_in_radian, degree}}};
  return units;
}

std::array<int, 4> dimension_of(const Quantity quantity)
{
  switch (quantity)
  {
  case Quantity::number:
    return dimensionless;
  case Quantity::length:
    return metre;
  case Quantity::pressure:
    return pascal;
  case Quantity::force:
    return newton;
  case Quantity::force_density:
    return {{-2, 1, -2, 0}};
  case Quantity::volume:
    return {{3, 0, 0, 0}};
  case Quantity::area:
    return {{2, 0, 0, 0}};
  case Quantity::density:
    return {{-3, 1, 0, 0}};
  case Quantity::angle:
    return degree;
  case Quantity::spring:
    return {{-2, 1, -2, 0}};
  case Quantity::moment:
    return {{2, 1, -2, 0}};
  case Quantity::time:
    return second;
  }
  return dimensionless;
}

bool is_name_character(const char c)
{
  return std::isalnum((unsigned char)c) || c == '_';
}

void skip_blanks(const std::string &text, std::size_t &position)
{
  while (position < text.size() && (text[position] == ' ' || text[position] == '\t'))
    ++position;
}

/// Reads one unit with its power ("km^2") at `position` and moves past it; false when none stands there.
bool read_factor(const std::string &text, std::size_t &position, Unit &unit, std::string *name = nullptr)
{
  std::size_t end = position;
  if (end < text.size() && text[end] == '%')
    ++end;
  else
    while (end < text.size() && is_name_character(text[end]))
      ++end;
  const std::string word = text.substr(position, end - position);
  const auto known = known_units().find(word);
  if (known == known_units().end())
    return false;
  std::size_t next = end;
  skip_blanks(text, next);
  if (next < text.size() && text[next] == '(')
    return false;
  int power = 1;
  // "km^2", but neither "km^2.5" nor "km^x"
  if (end + 1 < text.size() && text[end] == '^' && std::isdigit((unsigned char)text[end + 1]) &&
      (end + 2 == text.size() || (!is_name_character(text[end + 2]) && text[end + 2] != '.')))
  {
    power = text[end + 1] - '0';
    end += 2;
  }
  unit.factor = std::pow(known->second.factor, power);
  for (unsigned int i = 0; i < 4; ++i)
    unit.exponents[i] = known->second.exponents[i] * power;
  position = end;
  if (name != nullptr)
    *name = word;
  return true;
}

void multiply(Unit &unit, const Unit &other, const int sign)
{
  unit.factor = sign > 0 ? unit.factor * other.factor : unit.factor / other.factor;
  for (unsigned int i = 0; i < 4; ++i)
    unit.exponents[i] += sign * other.exponents[i];
}

/// Reads the whole text as a unit such as "kN/m^2", "N m" or "m^3/yr"; a closing "/yr" is left out.
bool read_unit(const std::string &text, Unit &unit)
{
  unit = Unit();
  std::size_t position = 0;
  int sign = 1;
  while (position < text.size())
  {
    Unit next;
    std::string name;
    if (!read_factor(text, position, next, &name))
      return false;
    skip_blanks(text, position);
    unit.per_year = sign < 0 && name == "yr" && position == text.size();
    if (unit.per_year)
      return true;
    multiply(unit, next, sign);
    if (position == text.size())
      return true;
    sign = 1;
    if (text[position] == '/' || text[position] == '*')
    {
      sign = text[position] == '/' ? -1 : 1;
      ++position;
      skip_blanks(text, position);
      if (position == text.size())
        return false;
    }
  }
  return true;
}

/// Length of the number that starts the text: "2.5e3 m" -> 5; 0 when there is none. No sign.
std::size_t number_length(const std::string &text, const std::size_t start)
{
  const auto digits = [&text](std::size_t i) {
    while (i < text.size() && std::isdigit((unsigned char)text[i]))
      ++i;
    return i;
  };
  std::size_t end = digits(start);
  std::size_t count = end - start;
  if (end < text.size() && text[end] == '.')
  {
    const std::size_t after = digits(end + 1);
    count += after - end - 1;
    end = after;
  }
  if (count == 0)
    return 0;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E'))
  {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-'))
      ++exponent;
    if (digits(exponent) > exponent)
      end = digits(exponent);
  }
  return end - start;
}

/// The product of number and factor, correctly rounded also where the factor is a small power of ten: "5 mm" is 0.005.
double scaled(const double number, const double factor)
{
  const double inverse = std::round(1 / factor);
  return factor < 1 && std::abs(inverse * factor - 1) < 1e-14 ? number / inverse : number * factor;
}

/// "*1000" or "/1000".
std::string written_factor(const double factor)
{
  const double inverse = std::round(1 / factor);
  return factor < 1 && std::abs(inverse * factor - 1) < 1e-14 ? "/" + significant(inverse, 17)
                                                              : "*" + significant(factor, 17);
}

/// The unit behind a number in a formula: "km", "km^2", "MPa/km", "m^3/yr".
bool read_unit_in_formula(const std::string &text, std::size_t &position, Unit &unit)
{
  if (!read_factor(text, position, unit))
    return false;
  while (position + 1 < text.size() && text[position] == '/')
  {
    std::size_t next = position + 1;
    Unit divisor;
    std::string name;
    if (!read_factor(text, next, divisor, &name))
      break;
    if (name == "yr")
      unit.per_year = true;
    else
      multiply(unit, divisor, -1);
    position = next;
  }
  if (unit.exponents == degree)
    unit.factor /= degrees_in_radian;
  return true;
}

/// Moves past the next number of a formula and the unit behind it, if one stands there; false when there is none.
/// @param before the text up to the number, or to the end
bool next_number(const std::string &formula, std::size_t &position, std::string &before, std::string &number,
                 std::optional<Unit> &unit)
{
  before.clear();
  while (position < formula.size())
  {
    if (std::isalpha((unsigned char)formula[position]) || formula[position] == '_')
    {
      while (position < formula.size() && is_name_character(formula[position]))
        before += formula[position++];
      continue;
    }
    const std::size_t length = number_length(formula, position);
    if (length == 0)
    {
      before += formula[position++];
      continue;
    }
    number = formula.substr(position, length);
    position += length;
    std::size_t after = position;
    skip_blanks(formula, after);
    unit.emplace();
    if (read_unit_in_formula(formula, after, *unit))
      position = after;
    else
      unit.reset();
    return true;
  }
  return false;
}

} // namespace

std::string units_of(const Quantity quantity)
{
  switch (quantity)
  {
  case Quantity::number:
    return "none, or %";
  case Quantity::length:
    return "m, km, cm, mm";
  case Quantity::pressure:
    return "Pa, kPa, MPa, GPa";
  case Quantity::force:
    return "N, kN, MN, GN";
  case Quantity::force_density:
    return "N/m^3, kN/m^3";
  case Quantity::volume:
    return "m^3, km^3";
  case Quantity::area:
    return "m^2, km^2, m^3/m";
  case Quantity::density:
    return "kg/m^3";
  case Quantity::angle:
    return "deg, rad";
  case Quantity::spring:
    return "Pa/m, MPa/m";
  case Quantity::moment:
    return "N m, MN m, GN m";
  case Quantity::time:
    return "s, min, h, d, yr";
  }
  return "";
}

double parse_quantity(const std::string &text, const Quantity quantity, const std::string &where)
{
  const std::string entry = trimmed(text);
  const std::size_t sign = !entry.empty() && (entry[0] == '-' || entry[0] == '+') ? 1 : 0;
  const std::size_t end = sign + number_length(entry, sign);
  double number = 0;
  const std::string allowed =
      decimal_comma_advice(entry) +
      "Write a number in SI units (angles in degrees), or a number with one of the units: " + units_of(quantity) + ".";
  if (entry.empty())
    throw InputError(where, "the entry is empty", allowed);
  if (end == sign || !read_number(entry.substr(0, end), number) || !std::isfinite(number))
    throw InputError(where, "found '" + entry + "' where a number should stand", allowed);
  const std::string unit_text = trimmed(entry.substr(end));
  if (unit_text.empty())
    return number;
  Unit unit;
  if (!read_unit(unit_text, unit))
    throw InputError(where, "found '" + entry + "', and '" + unit_text + "' is not a known unit", allowed);
  if (unit.exponents != dimension_of(quantity))
    throw InputError(where, "found '" + entry + "', and the unit '" + unit_text + "' does not fit here", allowed);
  return scaled(number, unit.factor);
}

double unit_factor(const std::string &unit_text, const std::string &where, const std::optional<Quantity> quantity,
                   const std::string &advice)
{
  if (is_blank(unit_text))
    return 1;
  Unit unit;
  if (!read_unit(trimmed(unit_text), unit))
  {
    std::vector<std::string> names;
    for (const auto &known : known_units())
      names.push_back(known.first);
    throw InputError(where, "the unit '" + unit_text + "' is not known",
                     "Known are " + join(names) + " and their products.");
  }
  if (quantity && unit.exponents != dimension_of(*quantity))
    throw InputError(where, "the unit '" + unit_text + "' does not fit",
                     "Expected is " + units_of(*quantity) + "." + (advice.empty() ? "" : " " + advice));
  return unit.factor;
}

std::string expand_units(const std::string &formula)
{
  std::string expanded, before, number;
  std::size_t position = 0;
  std::optional<Unit> unit;
  while (next_number(formula, position, before, number, unit))
    expanded += before + (unit ? "(" + number + written_factor(unit->factor) + ")" : number);
  return expanded + before;
}

std::optional<bool> is_per_year(const std::string &text, const Quantity quantity)
{
  const std::string entry = trimmed(text);
  const std::size_t sign = !entry.empty() && (entry[0] == '-' || entry[0] == '+') ? 1 : 0,
                    length = number_length(entry, sign);
  const std::string rest = trimmed(entry.substr(sign + length));
  if (Unit unit; length > 0 && read_unit(rest, unit))
    return rest.empty() ? std::nullopt : std::optional<bool>(unit.per_year);
  std::string before, number;
  std::size_t position = 0;
  std::optional<Unit> unit;
  std::optional<bool> found;
  while (next_number(entry, position, before, number, unit))
    if (unit && unit->per_year)
      return true;
    else if (unit && quantity != Quantity::length && unit->exponents == dimension_of(quantity))
      found = false;
  return found;
}

} // namespace lodestone
