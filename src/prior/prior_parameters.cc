#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/prior/prior_kinds.h>
#include <lodestone/prior/prior_parameters.h>

#include <cmath>

namespace lodestone
{

namespace
{

/// A list of positive numbers.
std::vector<double> read_list(const std::string &text, const Quantity quantity, const std::string &where)
{
  std::vector<double> values;
  for (const auto &item : split_list(text))
  {
    values.push_back(parse_quantity(item, quantity, where));
    if (!(values.back() > 0 && std::isfinite(values.back())))
      throw InputError(where, "\"" + item + "\" is not positive",
                       decimal_comma_advice(text) + "Give a positive number.");
  }
  if (values.empty())
    throw InputError(where, "it is empty", "Give one positive number, or one for each unknown field.");
  return values;
}

/// One value for each field.
std::vector<double> read_fields(const std::string &text, const Quantity quantity, const std::string &where,
                                const std::size_t n_fields)
{
  auto values = read_list(text, quantity, where);
  if (values.size() == 1)
    values.resize(n_fields, values[0]);
  if (values.size() != n_fields)
    throw InputError(where,
                     "\"" + text + "\" holds " + std::to_string(values.size()) + " numbers for " +
                         std::to_string(n_fields) + " unknown fields",
                     "Give one number, or one for each field.");
  return values;
}

/// The names of all kinds, joined.
std::string names_of_kinds(const std::string &separator)
{
  std::string names;
  for (const PriorKind &kind : prior_kinds())
    names += (names.empty() ? "" : separator) + kind.name;
  return names;
}

PriorType type_of(const std::string &name)
{
  for (const PriorKind &kind : prior_kinds())
    if (kind.name == name)
      return kind.type;
  throw InputError("Prior/Type", "\"" + name + "\" is not known", "Choose one of " + names_of_kinds(", ") + ".");
}

} // namespace

void PriorParameters::add_parameters(dealii::ParameterHandler &handler)
{
  const dealii::Patterns::Anything anything;
  const std::string list = " One number for all unknown fields, or a list with one for each.";
  std::string help;
  for (const PriorKind &kind : prior_kinds())
    help += (help.empty() ? "" : "; ") + kind.name + ", " + kind.help;
  handler.declare_entry("Type", prior_kind(type).name, dealii::Patterns::Selection(names_of_kinds("|")),
                        "What the prior penalises. " + help);
  handler.add_action("Type", [this](const std::string &name) { type = type_of(name); });
  handler.add_parameter(
      "Standard deviation", standard_deviation,
      "How far m is expected to be from the background (dimensionless; 0.5 with the log transform: a factor "
      "exp(0.5) = 1.65), positive. With Matern it is that of every point; with H1 that of averages over a correlation "
      "volume, and single cells vary more." +
          list,
      anything);
  handler.add_parameter(
      "Horizontal correlation length", horizontal_length,
      "Matern: distance at which the correlation is about 0.1; H1: distance over which m changes (m; units m, km), "
      "positive. Empty: a tenth of the model's width." +
          list,
      anything);
  handler.add_parameter("Vertical correlation length", vertical_length,
                        "The same in the vertical. Empty: the horizontal one." + list, anything);
  handler.add_parameter(
      "Cut at", cut_at,
      "Where m may jump, because nothing is smoothed there (H1, Matern): `zones`, between cells of two "
      "zones; names of surfaces inside a gmsh mesh; or a formula, where its sign changes from one "
      "cell to the next: x - 2 km. Empty: nowhere.",
      anything);
  handler.add_parameter("Weight", weight, "Factor of the whole prior (dimensionless), positive.", anything);
  handler.add_parameter(
      "Gradient weight", gradient_weight,
      "Factor of the squared gradient's integral itself, 0 or positive (m^(2-dim)); needs `Mass weight`. Empty: from "
      "standard deviation and correlation lengths.",
      anything);
  handler.add_parameter("Epsilon", epsilon,
                        "TV: difference of m between neighbours (dimensionless), positive. Smaller ones are smoothed "
                        "like squares, larger ones are edges and count by their size.",
                        anything);
  handler.add_parameter("Variation weight", variation_weight,
                        "TV: factor of jump times area, summed over faces, itself, 0 or positive (m^(1-dim)); needs "
                        "`Mass weight`. Empty: from standard deviation and correlation lengths.",
                        anything);
  handler.add_parameter(
      "Mass weight", mass_weight,
      "Factor of the integral of m^2 itself, positive (m^-dim); it and `Gradient weight` (TV: `Variation weight`) "
      "replace standard deviation and correlation lengths. Empty: from those.",
      anything);
}

void PriorParameters::validate() const
{
  (void)read_list(standard_deviation, Quantity::number, "Prior/Standard deviation");
  if (!horizontal_length.empty())
    (void)read_list(horizontal_length, Quantity::length, "Prior/Horizontal correlation length");
  if (!vertical_length.empty())
    (void)read_list(vertical_length, Quantity::length, "Prior/Vertical correlation length");
  (void)factor();
  if (type == PriorType::tikhonov && !is_blank(cut_at))
    throw InputError("Prior/Cut at", "it is given, but the type is Tikhonov, which smooths nothing",
                     "Set Type = H1 or Matern, or leave it empty.");
  if (!mass_weight.empty() && !(mass_factor() > 0))
    throw InputError("Prior/Mass weight", "\"" + mass_weight + "\" is not positive",
                     "The gradient alone does not see a constant: give a positive number.");
  if (type == PriorType::matern && !mass_weight.empty())
    throw InputError("Prior/Mass weight", "it is given, but the type is Matern",
                     "Give standard deviation and correlation lengths, or set Type = H1.");
  validate_variation();
  if (gradient_weight.empty())
    return;
  if (mass_weight.empty())
    throw InputError("Prior/Mass weight", "it is not given, but `Gradient weight` is", "Give both, or neither.");
  if (!(gradient_factor() >= 0))
    throw InputError("Prior/Gradient weight", "\"" + gradient_weight + "\" is negative",
                     "Give 0 or a positive number.");
  if (type == PriorType::tikhonov || type == PriorType::total_variation)
    throw InputError("Prior/Gradient weight", "it is given, but the type is " + prior_kind(type).name,
                     "Set Type = H1, or leave it empty.");
}

void PriorParameters::validate_variation() const
{
  if (!(smallest_jump() > 0 && std::isfinite(smallest_jump())))
    throw InputError("Prior/Epsilon", "\"" + epsilon + "\" is not positive",
                     "Give a difference of m that is small against the jumps you expect, such as 0.01.");
  if (type == PriorType::total_variation && !mass_weight.empty() && variation_weight.empty())
    throw InputError("Prior/Variation weight", "it is not given, but `Mass weight` is", "Give both, or neither.");
  if (variation_weight.empty())
    return;
  if (type != PriorType::total_variation)
    throw InputError("Prior/Variation weight", "it is given, but the type is " + prior_kind(type).name,
                     "Set Type = TV, or leave it empty.");
  if (mass_weight.empty())
    throw InputError("Prior/Mass weight", "it is not given, but `Variation weight` is", "Give both, or neither.");
  if (!(variation_factor() >= 0 && std::isfinite(variation_factor())))
    throw InputError("Prior/Variation weight", "\"" + variation_weight + "\" is negative",
                     "Give 0 or a positive number.");
}

std::vector<double> PriorParameters::standard_deviations(const std::size_t n_fields) const
{
  return read_fields(standard_deviation, Quantity::number, "Prior/Standard deviation", n_fields);
}

std::vector<double> PriorParameters::horizontal_lengths(const std::size_t n_fields, const double by_default) const
{
  if (horizontal_length.empty())
    return std::vector<double>(n_fields, by_default);
  return read_fields(horizontal_length, Quantity::length, "Prior/Horizontal correlation length", n_fields);
}

std::vector<double> PriorParameters::vertical_lengths(const std::size_t n_fields,
                                                      const std::vector<double> &by_default) const
{
  if (vertical_length.empty())
    return by_default;
  return read_fields(vertical_length, Quantity::length, "Prior/Vertical correlation length", n_fields);
}

double PriorParameters::factor() const
{
  const auto numbers = read_list(weight, Quantity::number, "Prior/Weight");
  if (numbers.size() != 1)
    throw InputError("Prior/Weight", "\"" + weight + "\" is a list", "Give one number.");
  return numbers[0];
}

double PriorParameters::mass_factor() const
{
  return parse_quantity(mass_weight, Quantity::number, "Prior/Mass weight");
}

double PriorParameters::variation_factor() const
{
  return parse_quantity(variation_weight, Quantity::number, "Prior/Variation weight");
}

double PriorParameters::smallest_jump() const
{
  return parse_quantity(epsilon, Quantity::number, "Prior/Epsilon");
}

double PriorParameters::gradient_factor() const
{
  return gradient_weight.empty() ? 0 : parse_quantity(gradient_weight, Quantity::number, "Prior/Gradient weight");
}

} // namespace lodestone
