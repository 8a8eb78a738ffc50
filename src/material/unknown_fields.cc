#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/units.h>
#include <lodestone/material/unknown_fields.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace lodestone
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

struct ModulusBounds
{
  double lower = 0, upper = infinity;
};

Transform::Kind transform_kind(const std::string &name)
{
  if (name == "log")
    return Transform::Kind::log;
  if (name == "logit")
    return Transform::Kind::logit;
  if (name == "identity")
    return Transform::Kind::identity;
  throw InputError("Material/Transform", "\"" + name + "\" is not a transform", "Choose log, logit or identity.");
}

ModulusBounds read_bounds(const UnknownEntries &entries)
{
  ModulusBounds bounds;
  if (!entries.lower_bound.empty())
  {
    bounds.lower = parse_quantity(entries.lower_bound, Quantity::pressure, "Material/Lower bound");
    if (!(bounds.lower > 0))
      throw InputError("Material/Lower bound", "\"" + entries.lower_bound + "\" is not positive",
                       "Moduli are positive.");
  }
  else if (entries.transform == "logit")
    throw InputError("Material/Lower bound", "it is not given", "The logit transform needs both bounds.");
  if (!entries.upper_bound.empty())
  {
    bounds.upper = parse_quantity(entries.upper_bound, Quantity::pressure, "Material/Upper bound");
    if (!(bounds.upper > bounds.lower))
      throw InputError("Material/Upper bound", "\"" + entries.upper_bound + "\" is not above the lower bound",
                       "Raise it or lower the other one.");
  }
  else if (entries.transform == "logit")
    throw InputError("Material/Upper bound", "it is not given", "The logit transform needs both bounds.");
  return bounds;
}

UnknownField modulus(const unsigned int argument, const std::string &symbol, const UnknownEntries &entries)
{
  const ModulusBounds bounds = read_bounds(entries);
  UnknownField field;
  field.argument = argument;
  field.is_poisson = false;
  field.transform = {transform_kind(entries.transform), bounds.lower, bounds.upper};
  const std::string ratio = symbol + "/" + symbol + "0";
  field.name = field.transform.kind == Transform::Kind::log     ? "ln " + ratio
               : field.transform.kind == Transform::Kind::logit ? "logit " + symbol
                                                                : ratio + " - 1";
  field.lower = bounds.lower;
  field.upper = bounds.upper;
  field.lower_entry = "Material/Lower bound";
  field.upper_entry = "Material/Upper bound";
  return field;
}

UnknownField poisson(const UnknownEntries &entries)
{
  UnknownField field;
  field.argument = 1;
  field.is_poisson = true;
  field.lower_entry = "Material/Poisson lower bound";
  field.upper_entry = "Material/Poisson upper bound";
  field.lower = parse_quantity(entries.poisson_lower, Quantity::number, field.lower_entry);
  field.upper = parse_quantity(entries.poisson_upper, Quantity::number, field.upper_entry);
  if (!(field.lower > -1 && field.lower < 0.5))
    throw InputError(field.lower_entry, "\"" + entries.poisson_lower + "\" is not between -1 and 0.5");
  if (!(field.upper > field.lower && field.upper < 0.5))
    throw InputError(field.upper_entry, "\"" + entries.poisson_upper + "\" is not between the lower bound and 0.5");
  const bool identity = transform_kind(entries.transform) == Transform::Kind::identity;
  field.transform = {identity ? Transform::Kind::identity : Transform::Kind::logit, field.lower, field.upper};
  field.name = identity ? "nu - nu0" : "logit nu";
  return field;
}

} // namespace

UnknownFields::UnknownFields(const UnknownEntries &entries)
{
  const auto names = split_list(entries.unknowns);
  const auto has = [&](const std::string &name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const bool E = has("Young modulus"), nu = has("Poisson ratio"), K = has("Bulk modulus"), G = has("Shear modulus");
  const bool none = names.empty() || (names.size() == 1 && names[0] == "none");
  if (!none && ((E || nu) == (K || G) || names.size() != static_cast<std::size_t>(E) + nu + K + G))
    throw InputError(
        "Material/Unknowns", "\"" + entries.unknowns + "\" is not a known set",
        "Choose none, Young modulus, Shear modulus, Bulk modulus, Poisson ratio, \"Bulk modulus, Shear modulus\" or "
        "\"Young modulus, Poisson ratio\".");
  if (entries.held != "Poisson ratio" && entries.held != "Bulk modulus")
    throw InputError("Material/Held fixed", "\"" + entries.held + "\" is not known",
                     "Choose Poisson ratio or Bulk modulus.");
  if (entries.held == "Bulk modulus" && !none && !(G && !K))
    throw InputError(
        "Material/Held fixed", "\"Bulk modulus\" with Unknowns = " + entries.unknowns,
        "It says what stays when the shear modulus alone is unknown: leave it out, or set Unknowns = Shear modulus.");
  if (E)
    fields.push_back(modulus(0, "E", entries));
  if (nu)
    fields.push_back(poisson(entries));
  if (K || (G && entries.held == "Bulk modulus"))
    pair = ModuliPair::bulk_shear;
  else if (G)
    pair = ModuliPair::shear_poisson;
  if (K)
    fields.push_back(modulus(0, "K", entries));
  if (G)
    fields.push_back(modulus(pair == ModuliPair::bulk_shear ? 1 : 0, "G", entries));
}

double UnknownField::smallest(const double background) const
{
  if (transform.kind == Transform::Kind::logit)
    return -infinity; // never left
  const bool at_one_percent = transform.kind == Transform::Kind::identity && !is_poisson && lower == 0;
  return transform.inverse(at_one_percent ? 0.01 * background : lower, background, scale(background));
}

double UnknownField::largest(const double background) const
{
  if (transform.kind == Transform::Kind::logit || std::isinf(upper))
    return infinity;
  return transform.inverse(upper, background, scale(background));
}

void UnknownField::check(const double background, const std::string &place) const
{
  // The logit of a bound itself is infinite.
  const bool strict = transform.kind == Transform::Kind::logit;
  const bool too_low = strict ? background <= lower : background < lower;
  const bool too_high = strict ? background >= upper : background > upper;
  if (!too_low && !too_high)
    return;
  std::ostringstream found;
  found << "the background " << background << " at " << place << " is " << (too_low ? "not above " : "not below ")
        << (too_low ? lower : upper);
  throw InputError(too_low ? lower_entry : upper_entry, found.str(),
                   "m = 0 is the background: it has to lie within the bounds.");
}

} // namespace lodestone
