#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/observation/data_set_parameters.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace lodestone
{

namespace
{

/// What is done with points outside the mesh.
enum class Outside
{
  error,
  drop
};

const Choice<double> lengths = {{1., "m"}, {1e-2, "cm"}, {1e-3, "mm"}, {1., "m/yr"}, {1e-2, "cm/yr"}, {1e-3, "mm/yr"}};
const Choice<Nuisance::Surface> surfaces = {{Nuisance::Surface::none, "none"},
                                            {Nuisance::Surface::offset, "offset"},
                                            {Nuisance::Surface::ramp, "ramp"},
                                            {Nuisance::Surface::quadratic, "quadratic"}};
const Choice<Look> sides = {{Look::right, "right"}, {Look::left, "left"}};
const Choice<Outside> outside = {{Outside::error, "error"}, {Outside::drop, "drop"}};

/// A standard deviation in metres: "1 mm", in a set of rates "1 mm/yr", or a plain number in units of `unit` metres.
/// @throws InputError
double read_sigma(const std::string &text, const double unit, const bool rate, const std::string &where)
{
  std::string length = trimmed(text);
  double value = 0;
  if (read_number(length, value))
    value *= unit;
  else
  {
    if (const auto slash = length.find('/'); slash != std::string::npos)
    {
      const std::string time = trimmed(length.substr(slash + 1));
      if (time != "yr" || !rate)
        throw InputError(where, "\"" + text + "\" does not fit the data set's Units",
                         "Rates are written per year (1 mm/yr), and only when Units are too.");
      length = trimmed(length.substr(0, slash));
    }
    value = read_number(length, value) ? value * unit : parse_quantity(length, Quantity::length, where);
  }
  if (!std::isfinite(value) || value < 0)
    throw InputError(where, "\"" + text + "\" is not a standard deviation",
                     "Give a length that is not negative, such as 1 mm.");
  return value;
}

/// Reads "ramp", "offset, elevation". @throws InputError
Nuisance read_nuisance(const std::string &text, const std::string &where)
{
  const std::vector<std::string> words = split_list(text);
  Nuisance result;
  bool has_surface = false;
  for (const std::string &word : words)
    if (word == "rotation" || word == "elevation")
      (word == "rotation" ? result.rotation : result.elevation) = true;
    else
    {
      const auto all = surfaces.words();
      if (std::find(all.begin(), all.end(), word) == all.end())
      {
        std::vector<std::string> known = all;
        known.insert(known.end(), {"rotation", "elevation"});
        throw InputError(where, "found '" + word + "', which is not allowed", name_advice(word, known));
      }
      if (has_surface)
        throw InputError(where, "'" + text + "' names two of none, offset, ramp and quadratic",
                         "Keep one of them: each contains those before it.");
      has_surface = true;
      result.surface = surfaces.value(word, where);
    }
  if (!result.any() && (result.rotation || result.elevation))
  {
    if (has_surface)
      throw InputError(where, "'" + text + "' is none and more", "Leave none out.");
    result.surface = Nuisance::Surface::offset;
  }
  if (result.rotation && result.surface != Nuisance::Surface::offset)
    throw InputError(where, "'" + text + "': a ramp of east and north contains their rotation", "Keep one of them.");
  return result;
}

/// Numbers above zero; deal.II's own patterns include their bounds.
class Positive : public dealii::Patterns::PatternBase
{
public:
  bool match(const std::string &text) const override
  {
    double value = 0;
    return read_number(text, value) && value > 0 && std::isfinite(value);
  }
  std::string description(const OutputStyle /*style*/) const override { return "[a number above 0]"; }
  std::unique_ptr<PatternBase> clone() const override { return std::make_unique<Positive>(); }
};

} // namespace

void DataSet::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  namespace Patterns = dealii::Patterns;
  handler.add_parameter("File", file, "File of observations (CSV), relative to the folder of the parameter file.",
                        Patterns::Anything());
  handler.add_parameter("Columns", columns,
                        "Names of the columns of a file without header line, in their order, such as name, lon, lat, "
                        "-, up, sigma_up; - skips a column. They also take the place of a header with other names. "
                        "Empty: the header of the file.",
                        Patterns::Anything());
  handler.add_parameter("Station grid", station_grid,
                        "Used by forward instead of a file: three-component stations at x0, x1, nx, y0, y1, ny (m, or "
                        "with a unit; in 2-D "
                        "x0, x1, nx). It needs Sigma.",
                        Patterns::Anything());
  handler.add_parameter("Units", units,
                        "Unit of the values and standard deviations in the file: m, cm or mm, with /yr for rates.",
                        one_of(lengths));
  handler.add_parameter(
      "Nuisance", nuisance,
      "Terms that are fitted together with the model and do not enter it. none; offset: one constant for each "
      "component, or for the line of sight; ramp: offset and a plane through it; quadratic: a ramp and terms of second "
      "degree. Behind a comma there may be rotation (of a network about the vertical, as of a plate, with an offset) "
      "and "
      "elevation (line of sight alone: a delay in proportion to the column height).",
      Patterns::Anything());
  handler.add_parameter(
      "Shared nuisance", shared_nuisance,
      "Data sets with the same name here share their nuisance terms. If one of them has components, the terms are "
      "a translation (and ramp) of the reference frame, which line-of-sight sets see along their direction.",
      Patterns::Anything());
  handler.add_parameter("Look", look, "Side to which the radar looks, for files with incidence and heading.",
                        one_of(sides));
  handler.add_parameter(
      "Relative error", relative_error,
      "Added to the standard deviation in quadrature: this fraction of the value (no unit, at least 0).",
      Patterns::Double(0));
  handler.add_parameter(
      "Floor", floor,
      "Standard deviations below this are raised to it (such as 1 mm, or 1 mm/yr for rates; without a unit it is in "
      "Units).",
      Patterns::Anything());
  handler.add_parameter("Vertical floor", vertical_floor,
                        "The same for the up component; without a unit it is in Units. Empty: as Floor.",
                        Patterns::Anything());
  handler.add_parameter("Sigma", sigma,
                        "One standard deviation for all values, in place of the file's (such as 1 mm, or 1 mm/yr for "
                        "rates; without a unit it is in Units). Empty: the file's.",
                        Patterns::Anything());
  noise.add_parameters(handler);
  loss.add_parameters(handler);
  handler.add_parameter("No data value", no_data_value,
                        "Numbers of the file, in its own unit, that stand for no data, such as -9999, 0. They are left "
                        "out as nan is.",
                        Patterns::Anything());
  handler.add_parameter("Weight", weight,
                        "Factor on the misfit of this data set (no unit). With 0.05 the set counts as a twentieth as "
                        "many independent data.",
                        Positive());
  handler.add_parameter("Outside points", outside_points,
                        "What to do with points outside the mesh: error, or drop with a line in the log.",
                        one_of(outside));
}

void DataSet::Parameters::validate()
{
  const std::string prefix = (where.empty() ? name : where) + "/";
  const auto refuse = [&](const std::string &entry, const std::string &found, const std::string &remedy) {
    throw InputError(prefix + entry, found, remedy);
  };

  if (trimmed(file).empty() && trimmed(station_grid).empty())
    refuse("File", "no file is given", "Name the CSV file of this data set, or for predictions give a Station grid.");
  if (!trimmed(file).empty() && !trimmed(station_grid).empty())
    refuse("Station grid", "'" + station_grid + "' is given beside File = " + file,
           "Keep File for data that were observed, Station grid for places to predict at.");
  if (trimmed(file).empty() && !trimmed(columns).empty())
    refuse("Columns", "'" + columns + "' is given without a File", "Leave the entry out.");
  unit = lengths.value(units, prefix + "Units");
  rate = units.find('/') != std::string::npos;
  noise_model = noise.read(prefix, rate);
  loss_function = loss.read(prefix);
  no_data.clear();
  for (const std::string &text : split_list(no_data_value))
  {
    no_data.push_back(0);
    if (!read_number(text, no_data.back()))
      refuse("No data value", "'" + text + "' is no number", "Give one or several numbers, such as -9999, 0.");
  }
  if (!trimmed(station_grid).empty() && trimmed(sigma).empty() && noise_model.needs_sigma())
    refuse("Sigma", "the entry is empty, and a Station grid brings no standard deviations",
           "Give a positive length such as 1 mm.");
  nuisance_kind = read_nuisance(nuisance, prefix + "Nuisance");
  look_side = sides.value(look, prefix + "Look");
  drop_outside = outside.value(outside_points, prefix + "Outside points") == Outside::drop;

  if (!shared_nuisance.empty() && !nuisance_kind.any())
    refuse("Shared nuisance", "\"" + shared_nuisance + "\" is given, but Nuisance = none",
           "Set Nuisance to offset or ramp.");
  if (!(relative_error >= 0 && std::isfinite(relative_error)))
    refuse("Relative error", significant(relative_error), "Give a fraction of at least 0, such as 0.05.");
  if (!(weight > 0 && std::isfinite(weight)))
    refuse("Weight", significant(weight),
           "Give a number above 0; to leave a data set out, take it from the list Data sets.");

  floor_value = trimmed(floor).empty() ? 0 : read_sigma(floor, unit, rate, prefix + "Floor");
  vertical_floor_value =
      trimmed(vertical_floor).empty() ? floor_value : read_sigma(vertical_floor, unit, rate, prefix + "Vertical floor");
  sigma_value = 0;
  if (!trimmed(sigma).empty())
  {
    sigma_value = read_sigma(sigma, unit, rate, prefix + "Sigma");
    if (sigma_value == 0)
      refuse("Sigma", "\"" + sigma + "\" is zero", "Give a positive standard deviation, or leave the entry empty.");
  }
  if (!noise_model.needs_sigma())
    for (const auto &[entry, value] : {std::pair<const char *, double>("Relative error", relative_error),
                                       {"Floor", floor_value},
                                       {"Vertical floor", vertical_floor_value},
                                       {"Sigma", sigma_value}})
      if (value > 0)
      {
        if (noise_model.correlation == Correlation::matrix)
          refuse(entry, "a value is given, but Covariance file stands for all standard deviations",
                 "Leave the entry out.");
        refuse(entry, "a value is given, but Sill and Nugget have units and take nothing from sigma",
               "Leave the entry out, or set Nugget = 1: then sigma is that of independent errors beside the correlated "
               "ones.");
      }
}

} // namespace lodestone
