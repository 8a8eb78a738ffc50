#include <lodestone/base/error.h>
#include <lodestone/base/formula.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/units.h>
#include <lodestone/prior/prior_kinds.h>
#include <lodestone/prior/prior_parameters.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

/// A list of positive numbers. @param zero_too whether 0 is one of them
std::vector<double> read_list(const std::string &text, const Quantity quantity, const std::string &where,
                              const bool zero_too = false)
{
  std::vector<double> values;
  for (const auto &item : split_list(text))
  {
    values.push_back(parse_quantity(item, quantity, where));
    if (!((values.back() > 0 || (zero_too && values.back() == 0)) && std::isfinite(values.back())))
      throw InputError(where, "\"" + item + "\" is " + (zero_too ? "negative" : "not positive"),
                       decimal_comma_advice(text) + "Give " + (zero_too ? "0 or " : "") + "a positive number.");
  }
  if (values.empty())
    throw InputError(where, "it is empty", "Give one positive number, or one for each unknown field.");
  return values;
}

/// One value for each field.
std::vector<double> read_fields(const std::string &text, const Quantity quantity, const std::string &where,
                                const std::size_t n_fields, const bool zero_too = false)
{
  auto values = read_list(text, quantity, where, zero_too);
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

PriorType type_of(const std::string &name, const std::string &text)
{
  for (const PriorKind &kind : prior_kinds())
    if (kind.name == name)
      return kind.type;
  throw InputError("Prior/Type", "\"" + name + "\"" + (name == text ? "" : " in \"" + text + "\"") + " is not known",
                   "Choose one of " + names_of_kinds(", ") + ", or a sum of them: Matern + TV.");
}

/// An entry whose items are numbers, formulas or tables.
bool is_number(const std::string &item)
{
  try
  {
    (void)parse_quantity(item, Quantity::number, "");
    return true;
  }
  catch (const InputError &)
  {
    return false;
  }
}

bool are_numbers(const std::string &text)
{
  const auto items = split_list(text);
  return std::all_of(items.begin(), items.end(), is_number);
}

} // namespace

void PriorParameters::set_types(const std::string &text)
{
  std::vector<PriorType> read;
  std::string rest = text;
  for (std::size_t plus = 0; plus != std::string::npos; rest = plus == std::string::npos ? "" : rest.substr(plus + 1))
  {
    plus = rest.find('+');
    const PriorType next = type_of(trimmed(rest.substr(0, plus)), text);
    if (std::find(read.begin(), read.end(), next) != read.end())
      throw InputError("Prior/Type", "\"" + text + "\" names " + prior_kind(next).name + " twice",
                       "Name each kind once: its entries are in the subsection of its name.");
    read.push_back(next);
  }
  type = read.front();
  types = read.size() > 1 ? read : std::vector<PriorType>();
}

bool PriorParameters::means_h1() const
{
  return type == PriorType::matern && types.empty() && !(is_blank(gradient_weight) && is_blank(mass_weight));
}

void PriorParameters::take_names(const PriorParameters &coarser)
{
  types = coarser.types;
  for (const PriorType each : types)
  {
    PriorParameters term;
    term.type = each;
    term.path = entry(prior_kind(each).name);
    term.standard_deviation = term.epsilon = term.boundary_correction = "";
    term.weight = "1";
    terms.push_back(term);
  }
  for (const std::string &name : split_list(coarser.zone_list))
    zones.push_back({name, "", ""});
}

void PriorParameters::add_parameters(dealii::ParameterHandler &handler)
{
  std::string help;
  for (const PriorKind &kind : prior_kinds())
    help += (help.empty() ? "" : "; ") + kind.name + ", " + kind.help;
  handler.declare_entry("Type", prior_kind(type).name, dealii::Patterns::Anything(),
                        "What the prior penalises. " + help +
                            ". A sum, Matern + TV, has a subsection for each of its terms, with the entries in which "
                            "they differ. Where `Gradient weight` or `Mass weight` is given, Matern is read as H1.");
  handler.add_action("Type", [this](const std::string &text) { set_types(text); });
  handler.add_parameter("Mean", mean,
                        "The m that is expected: 0 is the background. A number, a formula of position, or `table FILE` "
                        "with the columns depth and mean, for all unknown fields, or a list with one for each; or "
                        "`results FILE`, the model of an earlier run.",
                        dealii::Patterns::Anything());
  handler.add_parameter("Field correlation", correlation,
                        "Correlation, at one point, of the two unknown fields, such as ln E and nu, between -1 and 1 "
                        "(Matern, H1, Tikhonov).",
                        dealii::Patterns::Anything());
  handler.add_parameter("Discrepancy target", discrepancy_target,
                        "chi^2/N that `Weight = discrepancy` looks for, positive. 1: the data are fitted to their "
                        "sigma.",
                        dealii::Patterns::Anything());
  handler.add_parameter("Zones", zone_list,
                        "Names of zones with a standard deviation or a mean of their own; each opens a subsection.",
                        dealii::Patterns::Anything());
  add_entries(handler);
  for (PriorParameters &term : terms)
  {
    handler.enter_subsection(prior_kind(term.type).name);
    term.add_entries(handler);
    handler.leave_subsection();
  }
  for (Zone &zone : zones)
  {
    handler.enter_subsection(zone.name);
    handler.add_parameter("Standard deviation", zone.standard_deviation, "As above, in this zone. Empty: as above.",
                          dealii::Patterns::Anything());
    handler.add_parameter("Mean", zone.mean, "As above, in this zone. Empty: as above.", dealii::Patterns::Anything());
    handler.leave_subsection();
  }
}

void PriorParameters::add_entries(dealii::ParameterHandler &handler)
{
  const dealii::Patterns::Anything anything;
  const std::string list = " One for all unknown fields, or a list with one for each.";
  handler.add_parameter(
      "Standard deviation", standard_deviation,
      "How far m is expected to be from its mean (dimensionless; 0.5 with the log transform: a factor "
      "exp(0.5) = 1.65), positive: a number, a formula of position, or `table FILE` with the columns depth and "
      "standard_deviation. With Matern it is that of every point; with H1 that of averages over a correlation "
      "volume, and single cells vary more; with TV that of a block of the correlation lengths (a number)." +
          list,
      anything);
  handler.add_parameter(
      "Horizontal correlation length", horizontal_length,
      "Matern: distance at which the correlation is about 0.1; H1: distance over which m changes; TV: size of the "
      "bodies (m; units m, km), positive. Empty: a tenth of the model's width." +
          list,
      anything);
  handler.add_parameter(
      "Vertical correlation length", vertical_length,
      "The same in the vertical, or with `Dip` normal to the layers. Empty: the horizontal one." + list, anything);
  handler.add_parameter("Strike", strike,
                        "Matern, 3-D: direction of the layers' strike (degrees clockwise from north, which is +y; 0 to "
                        "360). Empty: 0.",
                        anything);
  handler.add_parameter(
      "Dip", dip,
      "Matern: how steeply the layers dip, to the right of `Strike` (degrees from the horizontal, 0 to "
      "90; in 2-D -90 to 90, positive down towards +x). The vertical correlation length is then the one "
      "normal to the layers, the horizontal one that within them. Empty: 0.",
      anything);
  handler.add_parameter(
      "Boundary correction", boundary_correction,
      "Matern: yes, scale the field so that its standard deviation is that of the entry beside the faces, "
      "edges and corners of a box too; no, leave it as the operator makes it.",
      anything);
  handler.add_parameter("Cut at", cut_at,
                        "Where m may jump, because nothing is smoothed there (H1, Matern, TV): `zones`, between cells "
                        "of two zones; names of surfaces inside a gmsh mesh; or a formula, where its sign changes from "
                        "one cell to the next: x - 2 km. Empty: nowhere.",
                        anything);
  handler.add_parameter(
      "Weight", weight,
      "Factor of the whole prior, or of this term (dimensionless), positive. Of the whole prior also discrepancy: the "
      "weight at which chi^2/N, the mean squared residual in units of sigma, is `Discrepancy target`; or l-curve: the "
      "weight at the corner of the curve of the logarithms of misfit and prior. Both take a few minimisations, each of "
      "which starts from the one before. Commands other than invert take 1 in the place of these two.",
      anything);
  handler.add_parameter(
      "Gradient weight", gradient_weight,
      "H1: factor of the squared gradient's integral itself, 0 or positive (m^(2-dim)); needs `Mass weight`. Empty: "
      "from standard deviation and correlation lengths." +
          list,
      anything);
  handler.add_parameter("Epsilon", epsilon,
                        "TV: difference of m between neighbours (dimensionless), positive. Smaller ones are smoothed "
                        "like squares, larger ones are edges and count by their size.",
                        anything);
  handler.add_parameter("Variation weight", variation_weight,
                        "TV: factor of jump times area, summed over faces, itself, 0 or positive (m^(1-dim)); needs "
                        "`Mass weight`. Empty: from standard deviation and correlation lengths." +
                            list,
                        anything);
  handler.add_parameter(
      "Mass weight", mass_weight,
      "Factor of the integral of m^2 itself, positive (m^-dim); it and `Gradient weight` (TV: `Variation weight`) "
      "replace standard deviation and correlation lengths. Empty: from those." +
          list,
      anything);
}

std::vector<PriorParameters> PriorParameters::resolved_terms() const
{
  std::vector<PriorParameters> resolved;
  for (const PriorType each : types)
  {
    PriorParameters term;
    term.type = each;
    term.path = entry(prior_kind(each).name);
    term.standard_deviation = term.epsilon = term.boundary_correction = "";
    term.weight = "1";
    for (const PriorParameters &own : terms)
      if (own.type == each)
        term = own;
    const auto inherit = [](std::string &own, const std::string &of_sum) {
      if (is_blank(own))
        own = of_sum;
    };
    inherit(term.standard_deviation, standard_deviation);
    inherit(term.horizontal_length, horizontal_length);
    inherit(term.vertical_length, vertical_length);
    inherit(term.epsilon, epsilon);
    if (each != PriorType::tikhonov)
      inherit(term.cut_at, cut_at);
    inherit(term.boundary_correction, boundary_correction);
    if (each == PriorType::matern)
    {
      inherit(term.strike, strike);
      inherit(term.dip, dip);
    }
    if (each != PriorType::total_variation)
    {
      term.correlation = correlation;
      term.zones = zones;
    }
    resolved.push_back(term);
  }
  return resolved;
}

void PriorParameters::validate_sum() const
{
  for (const auto &[name, text] :
       {std::pair{"Gradient weight", &gradient_weight}, std::pair{"Variation weight", &variation_weight},
        std::pair{"Mass weight", &mass_weight}})
    if (!is_blank(*text))
      throw InputError(entry(name), "it is given for a sum of priors",
                       "Give it in the subsection of a term, such as " + prior_kind(types.front()).name + ".");
  for (const PriorParameters &term : resolved_terms())
  {
    term.validate();
    if (term.weight_choice().choice != WeightChoice::given)
      throw InputError(term.entry("Weight"), "it is " + term.weight + " for one term of a sum",
                       "Give a number here, and " + entry("Weight") + " = " + term.weight + " for the sum.");
  }
}

void PriorParameters::validate() const
{
  if (are_numbers(standard_deviation))
    (void)read_list(standard_deviation, Quantity::number, entry("Standard deviation"));
  else if (type == PriorType::total_variation && types.empty())
    throw InputError(entry("Standard deviation"), "\"" + standard_deviation + "\" is no number",
                     decimal_comma_advice(standard_deviation) + "With TV it is the same everywhere: give one.");
  if (!horizontal_length.empty())
    (void)read_list(horizontal_length, Quantity::length, entry("Horizontal correlation length"));
  if (!vertical_length.empty())
    (void)read_list(vertical_length, Quantity::length, entry("Vertical correlation length"));
  (void)weight_choice();
  const double rho = parse_quantity(correlation, Quantity::number, entry("Field correlation"));
  if (!(std::abs(rho) < 1))
    throw InputError(entry("Field correlation"), "\"" + correlation + "\" is not between -1 and 1",
                     "Give a number above -1 and below 1: the covariance of the fields must be positive definite.");
  if (rho != 0 && type == PriorType::total_variation && types.empty())
    throw InputError(entry("Field correlation"), "it is given, but the type is TV",
                     "Jumps have no correlation: set it to 0, or take Matern or H1.");
  validate_matern();
  if (!types.empty())
    return validate_sum();
  if (type == PriorType::tikhonov && !is_blank(cut_at))
    throw InputError(entry("Cut at"), "it is given, but the type is Tikhonov, which smooths nothing",
                     "Set Type = H1 or Matern, or leave it empty.");
  validate_weights();
}

void PriorParameters::check_fields(const std::size_t n_fields) const
{
  (void)field_correlation(n_fields);
  for (const PriorParameters &term : resolved_terms())
    term.check_fields(n_fields);
  if (are_numbers(standard_deviation) && types.empty())
    (void)standard_deviations(n_fields);
  (void)vertical_lengths(n_fields, horizontal_lengths(n_fields, 1));
  (void)gradient_factors(n_fields);
  if (!mass_weight.empty())
    (void)mass_factors(n_fields);
  if (!variation_weight.empty())
    (void)variation_factors(n_fields);
}

PriorParameters PriorParameters::of_fields(const std::vector<std::size_t> &fields, const std::size_t n_fields) const
{
  PriorParameters reduced = *this;
  const auto reduce = [&](std::string &list) {
    const auto items = split_list(list);
    if (items.size() != n_fields || fields.size() == n_fields)
      return;
    std::vector<std::string> kept;
    for (const std::size_t k : fields)
      kept.push_back(items[k]);
    list = join(kept);
  };
  for (std::string *const list : {&reduced.standard_deviation, &reduced.horizontal_length, &reduced.vertical_length,
                                  &reduced.gradient_weight, &reduced.variation_weight, &reduced.mass_weight})
    reduce(*list);
  return reduced;
}

std::pair<double, double> PriorParameters::layering(const unsigned int dim) const
{
  const auto read = [&](const std::string &text, const std::string &name, const double least, const double most) {
    if (is_blank(text))
      return 0.;
    const double angle = parse_quantity(text, Quantity::number, entry(name));
    if (!(angle >= least && angle <= most))
      throw InputError(
          entry(name), "\"" + text + "\" is not between " + significant(least) + " and " + significant(most),
          name == "Dip" && dim == 3 && angle < 0
              ? "Give degrees from the horizontal. Layers that dip to the left of the strike dip to the right of "
                "the opposite strike."
              : "Give degrees in this range.");
    return angle;
  };
  if (dim == 2 && !is_blank(strike))
    throw InputError(entry("Strike"), "it is given in 2-D",
                     "Leave it empty: a section lies across the strike, and `Dip` is "
                     "positive where layers go down towards +x.");
  return {read(strike, "Strike", 0, 360), read(dip, "Dip", dim == 2 ? -90 : 0, 90)};
}

void PriorParameters::validate_matern() const
{
  const bool has_matern = types.empty() ? type == PriorType::matern
                                        : std::find(types.begin(), types.end(), PriorType::matern) != types.end();
  for (const auto &[name, text] : {std::pair{"Strike", &strike}, std::pair{"Dip", &dip}})
    if (!is_blank(*text) && !has_matern)
      throw InputError(entry(name), "it is given, but the type is " + prior_kind(type).name,
                       "Set Type = Matern, or leave it empty.");
  if (boundary_correction != "yes" && boundary_correction != "no" && !is_blank(boundary_correction))
    throw InputError(entry("Boundary correction"), "found \"" + boundary_correction + "\"", "Give yes or no.");
}

void PriorParameters::validate_weights() const
{
  if (!mass_weight.empty())
    (void)read_list(mass_weight, Quantity::number, entry("Mass weight"));
  if (type == PriorType::matern && !mass_weight.empty())
    throw InputError(entry("Mass weight"), "it is given, but the type is Matern",
                     "Give standard deviation and correlation lengths, or set Type = H1.");
  validate_variation();
  if (gradient_weight.empty())
    return;
  if (mass_weight.empty())
    throw InputError(entry("Mass weight"), "it is not given, but `Gradient weight` is", "Give both, or neither.");
  (void)read_list(gradient_weight, Quantity::number, entry("Gradient weight"), true);
  if (type == PriorType::tikhonov || type == PriorType::total_variation)
    throw InputError(entry("Gradient weight"), "it is given, but the type is " + prior_kind(type).name,
                     "Set Type = H1, or leave it empty.");
}

void PriorParameters::validate_variation() const
{
  if (!(smallest_jump() > 0 && std::isfinite(smallest_jump())))
    throw InputError(entry("Epsilon"), "\"" + epsilon + "\" is not positive",
                     "Give a difference of m that is small against the jumps you expect, such as 0.01.");
  if (type == PriorType::total_variation && !mass_weight.empty() && variation_weight.empty())
    throw InputError(entry("Variation weight"), "it is not given, but `Mass weight` is", "Give both, or neither.");
  if (variation_weight.empty())
    return;
  if (type != PriorType::total_variation)
    throw InputError(entry("Variation weight"), "it is given, but the type is " + prior_kind(type).name,
                     "Set Type = TV, or leave it empty.");
  if (mass_weight.empty())
    throw InputError(entry("Mass weight"), "it is not given, but `Variation weight` is", "Give both, or neither.");
  (void)read_list(variation_weight, Quantity::number, entry("Variation weight"), true);
}

std::optional<std::string> PriorParameters::mean_file() const
{
  const std::string text = trimmed(mean), word = "results ";
  if (text.compare(0, word.size(), word) != 0)
    return {};
  return trimmed(text.substr(word.size()));
}

bool PriorParameters::has_varying_deviation() const
{
  return !are_numbers(standard_deviation) ||
         std::any_of(zones.begin(), zones.end(), [](const Zone &zone) { return !is_blank(zone.standard_deviation); });
}

bool PriorParameters::has_mean() const
{
  return trimmed(mean) != "0" ||
         std::any_of(zones.begin(), zones.end(), [](const Zone &zone) { return !is_blank(zone.mean); });
}

std::vector<double> PriorParameters::standard_deviations(const std::size_t n_fields) const
{
  return read_fields(standard_deviation, Quantity::number, entry("Standard deviation"), n_fields);
}

std::vector<double> PriorParameters::horizontal_lengths(const std::size_t n_fields, const double by_default) const
{
  if (horizontal_length.empty())
    return std::vector<double>(n_fields, by_default);
  return read_fields(horizontal_length, Quantity::length, entry("Horizontal correlation length"), n_fields);
}

std::vector<double> PriorParameters::vertical_lengths(const std::size_t n_fields,
                                                      const std::vector<double> &by_default) const
{
  if (vertical_length.empty())
    return by_default;
  return read_fields(vertical_length, Quantity::length, entry("Vertical correlation length"), n_fields);
}

double PriorParameters::field_correlation(const std::size_t n_fields) const
{
  const double rho = parse_quantity(correlation, Quantity::number, entry("Field correlation"));
  if (rho != 0 && n_fields != 2)
    throw InputError(entry("Field correlation"),
                     "it is " + correlation + ", but the number of unknown fields is " + std::to_string(n_fields),
                     "It is for two unknown fields: see Material/Unknowns.");
  return rho;
}

WeightParameters PriorParameters::weight_choice() const
{
  return WeightParameters::read(weight, discrepancy_target, path);
}

std::vector<double> PriorParameters::mass_factors(const std::size_t n_fields) const
{
  return read_fields(mass_weight, Quantity::number, entry("Mass weight"), n_fields);
}

std::vector<double> PriorParameters::variation_factors(const std::size_t n_fields) const
{
  return read_fields(variation_weight, Quantity::number, entry("Variation weight"), n_fields, true);
}

double PriorParameters::smallest_jump() const
{
  return parse_quantity(epsilon, Quantity::number, entry("Epsilon"));
}

std::vector<double> PriorParameters::gradient_factors(const std::size_t n_fields) const
{
  return gradient_weight.empty()
             ? std::vector<double>(n_fields, 0.)
             : read_fields(gradient_weight, Quantity::number, entry("Gradient weight"), n_fields, true);
}

} // namespace lodestone
