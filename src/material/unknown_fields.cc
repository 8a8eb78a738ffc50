#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/material/unknown_fields.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

struct ModulusBounds
{
  double lower = 0, upper = infinity;
};

const Choice<HeldFixed> held_choice = {{HeldFixed::poisson_ratio, "Poisson ratio"},
                                       {HeldFixed::bulk_modulus, "Bulk modulus"}};
const Choice<Transform::Kind> transform_choice = {
    {Transform::Kind::log, "log"}, {Transform::Kind::logit, "logit"}, {Transform::Kind::identity, "identity"}};

/// The fields that the entry `Unknowns` names.
struct Named
{
  bool none, young, poisson, bulk, shear;
  std::size_t n() const { return std::size_t(young) + poisson + bulk + shear; }
};

/// @throws InputError for names that are not known, and for a set that no pair of numbers holds
Named read_names(const std::string &unknowns)
{
  const auto names = split_list(unknowns);
  const auto has = [&](const std::string &name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const Named named = {names.empty() || (names.size() == 1 && names[0] == "none"), has("Young modulus"),
                       has("Poisson ratio"), has("Bulk modulus"), has("Shear modulus")};
  if (!named.none && ((named.young || named.poisson) == (named.bulk || named.shear) || names.size() != named.n()))
    throw InputError(
        "Material/Unknowns", "\"" + unknowns + "\" is not a known set",
        "Choose none, Young modulus, Shear modulus, Bulk modulus, Poisson ratio, \"Bulk modulus, Shear modulus\" or "
        "\"Young modulus, Poisson ratio\".");
  if (named.n() == 2 && (names[0] == "Poisson ratio" || names[0] == "Shear modulus"))
    throw InputError("Material/Unknowns", "\"" + unknowns + "\" is in another order than the fields of the model",
                     "Write \"" + names[1] + ", " + names[0] + "\": lists of other entries have this order, too.");
  return named;
}

/// The transform of each of n fields.
struct Transforms
{
  std::vector<Transform::Kind> kinds;
  bool is_list; ///< whether each field has a word of its own
};

Transforms read_transforms(const std::string &text, const std::size_t n)
{
  std::vector<Transform::Kind> kinds;
  for (const std::string &word : split_list(text))
    kinds.push_back(transform_choice.value(word, "Material/Transform"));
  if (kinds.size() > 1 && kinds.size() == n)
    return {kinds, true};
  if (kinds.size() != 1)
    throw InputError("Material/Transform",
                     "\"" + text + "\" holds " + counted(kinds.size(), "word") + " for " + counted(n, "unknown field"),
                     "Give one of log, logit and identity, or one for each field, in the order of Unknowns.");
  return {std::vector<Transform::Kind>(n, kinds.front()), false};
}

ModulusBounds read_bounds(const UnknownEntries &entries, const Transform::Kind transform)
{
  ModulusBounds bounds;
  if (!entries.lower_bound.empty())
  {
    bounds.lower = parse_quantity(entries.lower_bound, Quantity::pressure, "Material/Lower bound");
    if (!(bounds.lower > 0))
      throw InputError("Material/Lower bound", "found '" + entries.lower_bound + "', which is not positive",
                       "Moduli are positive.");
  }
  else if (transform == Transform::Kind::logit)
    throw InputError("Material/Lower bound", "it is not given", "The logit transform needs both bounds.");
  if (!entries.upper_bound.empty())
  {
    bounds.upper = parse_quantity(entries.upper_bound, Quantity::pressure, "Material/Upper bound");
    if (!(bounds.upper > bounds.lower))
      throw InputError("Material/Upper bound",
                       "found '" + entries.upper_bound + "', which is not above the lower bound",
                       "Raise it or lower the other one.");
  }
  else if (transform == Transform::Kind::logit)
    throw InputError("Material/Upper bound", "it is not given", "The logit transform needs both bounds.");
  return bounds;
}

UnknownField modulus(const unsigned int argument, const std::string &symbol, const UnknownEntries &entries,
                     const Transform::Kind transform)
{
  const ModulusBounds bounds = read_bounds(entries, transform);
  UnknownField field;
  field.argument = argument;
  field.is_poisson = false;
  field.transform = {transform, bounds.lower, bounds.upper};
  const std::string ratio = symbol + "/" + symbol + "0";
  field.name = field.transform.kind == Transform::Kind::log     ? "ln " + ratio
               : field.transform.kind == Transform::Kind::logit ? "logit " + symbol
                                                                : ratio + " - 1";
  field.lower = bounds.lower;
  field.upper = bounds.upper;
  field.poisson_scale = 0;
  field.lower_entry = "Material/Lower bound";
  field.upper_entry = "Material/Upper bound";
  return field;
}

UnknownField poisson(const UnknownEntries &entries, const Transform::Kind transform)
{
  UnknownField field;
  field.argument = 1;
  field.is_poisson = true;
  field.lower_entry = "Material/Poisson lower bound";
  field.upper_entry = "Material/Poisson upper bound";
  field.lower = parse_quantity(entries.poisson_lower, Quantity::number, field.lower_entry);
  field.upper = parse_quantity(entries.poisson_upper, Quantity::number, field.upper_entry);
  if (!(field.lower > -1 && field.lower < 0.5))
    throw InputError(field.lower_entry, "found '" + entries.poisson_lower + "'", "It lies between -1 and 0.5.");
  if (!(field.upper > field.lower && field.upper < 0.5))
    throw InputError(field.upper_entry, "found '" + entries.poisson_upper + "'",
                     "It lies between the lower bound and 0.5.");
  field.poisson_scale = field.upper - field.lower;
  if (!is_blank(entries.poisson_scale))
    field.poisson_scale = parse_quantity(entries.poisson_scale, Quantity::number, "Material/Poisson scale");
  if (!(field.poisson_scale > 0 && std::isfinite(field.poisson_scale)))
    throw InputError("Material/Poisson scale", "found '" + entries.poisson_scale + "', which is not positive",
                     "Give the change of Poisson's ratio at m = 1, such as 0.05, or leave it empty.");
  const bool identity = transform == Transform::Kind::identity;
  if (!identity && !is_blank(entries.poisson_scale))
    throw InputError("Material/Poisson scale", "it is given, but the transform of Poisson's ratio is the logit",
                     "Set Transform = identity (or log, identity), or leave it empty.");
  field.transform = {identity ? Transform::Kind::identity : Transform::Kind::logit, field.lower, field.upper};
  field.name = identity ? "nu - nu0" : "logit nu";
  return field;
}

} // namespace

void UnknownEntries::add_parameters(dealii::ParameterHandler &handler)
{
  add_text(handler, "Unknowns", unknowns,
           "Which fields are to be found: none | Young modulus | Shear modulus | Bulk modulus | Poisson ratio | Bulk "
           "modulus, Shear modulus | Young modulus, Poisson ratio. Where one of E and nu is unknown, the other keeps "
           "its background; where K is unknown, G does.");
  add_choice(handler, "Held fixed", held, held_choice,
             "Used only with Unknowns = Shear modulus: the quantity that does not change.");
  add_text(
      handler, "Transform", transform,
      "How a modulus x follows from its unknown m, which is 0 at the background. log: x = background exp(m); "
      "logit: x lies between the bounds; identity: x = background (1 + m), with bounds on m. One word for all "
      "unknown fields (with log, Poisson's ratio takes the logit), or one for each, in the order of Unknowns: log, "
      "identity.");
  add_text(handler, "Lower bound", lower_bound,
           "Smallest value of the unknown moduli (Pa). logit needs it; identity takes 1 % of the background when it "
           "is empty.");
  add_text(handler, "Upper bound", upper_bound, "Largest value of the unknown moduli (Pa). logit needs it.");
  add_text(handler, "Poisson lower bound", poisson_lower, "Smallest value of an unknown Poisson's ratio, above -1.");
  add_text(handler, "Poisson upper bound", poisson_upper, "Largest value of an unknown Poisson's ratio, below 0.5.");
  add_text(
      handler, "Poisson scale", poisson_scale,
      "With the identity transform: change of an unknown Poisson's ratio at m = 1 (dimensionless), positive. Empty: "
      "the difference of its bounds.");
}

bool UnknownEntries::has_unknowns() const
{
  return !read_names(unknowns).none;
}

UnknownFields::UnknownFields(const UnknownEntries &entries)
{
  const Named named = read_names(entries.unknowns);
  const bool bulk_is_held = entries.held == HeldFixed::bulk_modulus;
  if (bulk_is_held && !named.none && !(named.shear && !named.bulk))
    throw InputError("Material/Held fixed", "found Bulk modulus with Unknowns = " + entries.unknowns,
                     "It says what stays when the shear modulus alone is unknown: leave it out, or set Unknowns = "
                     "Shear modulus.");
  const Transforms transforms = read_transforms(entries.transform, std::max<std::size_t>(1, named.n()));
  const auto transform = [&] { return transforms.kinds[fields.size()]; }; // of the field that comes next
  if (named.young)
    fields.push_back(modulus(0, "E", entries, transform()));
  if (named.poisson)
  {
    if (transforms.is_list && transform() == Transform::Kind::log)
      throw InputError("Material/Transform", "\"" + entries.transform + "\" gives Poisson's ratio the logarithm",
                       "Choose logit or identity for it: it has an upper bound.");
    fields.push_back(poisson(entries, transform()));
  }
  if (named.bulk || (named.shear && bulk_is_held))
    pair = ModuliPair::bulk_shear;
  else if (named.shear)
    pair = ModuliPair::shear_poisson;
  if (named.bulk)
    fields.push_back(modulus(0, "K", entries, transform()));
  if (named.shear)
    fields.push_back(modulus(pair == ModuliPair::bulk_shear ? 1 : 0, "G", entries, transform()));
}

std::string UnknownFields::quantity(const UnknownField &field) const
{
  if (field.is_poisson)
    return "nu";
  return pair == ModuliPair::young_poisson ? "E" : pair == ModuliPair::bulk_shear && field.argument == 0 ? "K" : "G";
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
  throw InputError(too_low ? lower_entry : upper_entry,
                   "the background " + significant(background) + " at " + place + " is " +
                       (too_low ? "not above " + significant(lower) : "not below " + significant(upper)),
                   "m = 0 is the background: it has to lie within the bounds.");
}

} // namespace lodestone
