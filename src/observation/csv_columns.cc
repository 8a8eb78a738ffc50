#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/observation/csv_columns.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace lodestone
{

namespace
{

enum class Unit
{
  displacement,
  metre,
  degree,
  any
};

struct KnownColumn
{
  const char *name;
  Unit unit;
};

constexpr KnownColumn known_columns[] = {{"lon", Unit::degree},
                                         {"lat", Unit::degree},
                                         {"height", Unit::any},
                                         {"x", Unit::metre},
                                         {"y", Unit::metre},
                                         {"z", Unit::metre},
                                         {"east", Unit::displacement},
                                         {"north", Unit::displacement},
                                         {"up", Unit::displacement},
                                         {"los", Unit::displacement},
                                         {"sigma", Unit::displacement},
                                         {"sigma_east", Unit::displacement},
                                         {"sigma_north", Unit::displacement},
                                         {"sigma_up", Unit::displacement},
                                         {"e_east", Unit::any},
                                         {"e_north", Unit::any},
                                         {"e_up", Unit::any},
                                         {"incidence", Unit::degree},
                                         {"heading", Unit::degree},
                                         {"corr_en", Unit::any},
                                         {"corr_eu", Unit::any},
                                         {"corr_nu", Unit::any},
                                         {"cov_en", Unit::any},
                                         {"cov_eu", Unit::any},
                                         {"cov_nu", Unit::any},
                                         {"name", Unit::any}};

const KnownColumn *known(const std::string &name)
{
  for (const auto &column : known_columns)
    if (name == column.name)
      return &column;
  return nullptr;
}

/// Brings a unit to one spelling: "mm / year", "mm_yr" and "mm/a" are "mm/yr"; "degrees" is "deg".
std::string normalised_unit(const std::string &text)
{
  std::string unit;
  for (const char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)))
      unit += c == '_' ? '/' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (const auto slash = unit.find('/'); slash != std::string::npos)
  {
    const std::string time = unit.substr(slash + 1);
    if (time == "yr" || time == "y" || time == "a" || time == "year")
      unit = unit.substr(0, slash) + "/yr";
  }
  if (unit == "degree" || unit == "degrees" || unit == "\xC2\xB0")
    unit = "deg";
  if (unit == "metre" || unit == "meter" || unit == "metres" || unit == "meters")
    unit = "m";
  return unit;
}

/// "east_mm_yr" to "east" and "mm/yr"; names that are known as they are stay whole.
std::pair<std::string, std::string> split_suffix(const std::string &name)
{
  if (known(name) != nullptr)
    return {name, ""};
  for (std::size_t cut = name.find('_'); cut != std::string::npos; cut = name.find('_', cut + 1))
  {
    const std::string unit = normalised_unit(name.substr(cut + 1));
    for (const char *candidate : {"m", "cm", "mm", "m/yr", "cm/yr", "mm/yr", "km", "deg"})
      if (unit == candidate && known(name.substr(0, cut)) != nullptr)
        return {name.substr(0, cut), unit};
  }
  return {name, ""};
}

/// The unit named by a comment "units: mm" (or "unit = mm"); empty when it is no such comment.
std::string unit_of_comment(const std::string &comment)
{
  std::string text;
  for (const char c : comment)
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string key : {"units", "unit"})
    if (text.compare(0, key.size(), key) == 0)
    {
      const std::string rest = trimmed(text.substr(key.size()));
      if (!rest.empty() && (rest[0] == ':' || rest[0] == '='))
        return normalised_unit(rest.substr(1));
    }
  return "";
}

void check_unit(const std::string &where, const std::string &found, const std::string &expected,
                const bool displacement)
{
  if (found.empty() || found == expected)
    return;
  if (displacement)
    throw InputError(where, "the file names the unit \"" + found + "\", but the deck's Units are \"" + expected + "\"",
                     "Set Units to the unit of the file (m, cm or mm, with /yr for rates), or correct the file.");
  throw InputError(where, "the unit is \"" + found + "\"", "This column is read in " + expected + ".");
}

} // namespace

CsvColumns::CsvColumns(const CsvTable &table, const DataSet::Parameters &parameters)
{
  assign(table, parameters);
  choose_components();
  check_position(table.file());
  check_values(table.file(), parameters);
  check_direction(table.file());
  check_correlations(table.file(), parameters);
}

void CsvColumns::assign(const CsvTable &table, const DataSet::Parameters &parameters)
{
  const std::string units = normalised_unit(parameters.units);
  for (const auto &comment : table.comments)
    check_unit(table.file() + ", comment \"" + comment + "\"", unit_of_comment(comment), units, true);

  const std::map<std::string, int *> place = {{"lon", &lon},
                                              {"lat", &lat},
                                              {"height", &height},
                                              {"x", &x},
                                              {"y", &y},
                                              {"z", &z},
                                              {"name", &name},
                                              {"east", &value[0]},
                                              {"north", &value[1]},
                                              {"up", &value[2]},
                                              {"los", &value[3]},
                                              {"sigma_east", &sigma[0]},
                                              {"sigma_north", &sigma[1]},
                                              {"sigma_up", &sigma[2]},
                                              {"sigma", &sigma[3]},
                                              {"e_east", &e[0]},
                                              {"e_north", &e[1]},
                                              {"e_up", &e[2]},
                                              {"incidence", &incidence},
                                              {"heading", &heading},
                                              {"corr_en", &correlation[0]},
                                              {"corr_eu", &correlation[1]},
                                              {"corr_nu", &correlation[2]},
                                              {"cov_en", &covariance[0]},
                                              {"cov_eu", &covariance[1]},
                                              {"cov_nu", &covariance[2]}};
  std::vector<unsigned int> unknown;
  for (unsigned int i = 0; i < table.columns.size(); ++i)
  {
    const auto [column, suffix] = split_suffix(table.columns[i]);
    const std::string where = table.file() + ", column \"" + table.columns[i] + "\"";
    const KnownColumn *known_column = known(column);
    if (known_column == nullptr)
    {
      unknown.push_back(i);
      continue;
    }
    if (*place.at(column) >= 0)
      throw InputError(where, "\"" + column + "\" is given twice", "Keep one of the two columns.");
    *place.at(column) = i;
    for (const std::string &unit : {normalised_unit(table.units[i]), suffix})
      if (known_column->unit != Unit::any)
        check_unit(where, unit,
                   known_column->unit == Unit::displacement ? units : (known_column->unit == Unit::metre ? "m" : "deg"),
                   known_column->unit == Unit::displacement);
  }
  std::vector<std::string> missing;
  for (const auto &[name_of_place, index] : place)
    if (*index < 0 && !(x >= 0 && (index == &lon || index == &lat))) // beside x, "alt" is no slip of "lat"
      missing.push_back(name_of_place);
  for (const unsigned int i : unknown)
  {
    refuse_misspelt_column(table.file() + ", column \"" + table.columns[i] + "\"", table.columns[i], missing,
                           "If it is to be ignored, skip it: write - for it in the data set's entry Columns.");
    ignored.push_back(table.columns[i]);
  }
}

void CsvColumns::choose_components()
{
  const bool direction = e[0] >= 0 || e[1] >= 0 || e[2] >= 0 || incidence >= 0 || heading >= 0;
  const bool some_sigma = sigma != std::array<int, 4>{{-1, -1, -1, -1}};
  for (unsigned int c = 0; c < 4; ++c)
    components[c] = observed()   ? value[c] >= 0
                    : some_sigma ? sigma[c] >= 0
                    : direction  ? c == 3
                                 : c == 0 || (c == 1 && (y >= 0 || geographic())) || c == 2;
}

void CsvColumns::check_position(const std::string &file) const
{
  const std::string remedy = "Give lon, lat (degrees) or x, y (m; in 2-D x alone).";
  const bool cartesian = x >= 0 || y >= 0;
  if ((lon >= 0 || lat >= 0) && cartesian)
    throw InputError(file, "the header has both geographic and Cartesian positions", remedy);
  if ((lon >= 0) != (lat >= 0))
    throw InputError(file, std::string("the header has ") + (lon >= 0 ? "lon without lat" : "lat without lon"), remedy);
  if (y >= 0 && x < 0)
    throw InputError(file, "the header has y without x", remedy);
  if (lon < 0 && x < 0)
    throw InputError(file, "the header has no position" + (ignored.empty() ? "" : "; not known are " + join(ignored)),
                     remedy);
  if (height >= 0 && z >= 0)
    throw InputError(file, "the header has both height and z",
                     "Keep z (m, negative below the free surface) for buried points, or height, which is ignored.");
}

void CsvColumns::check_values(const std::string &file, const DataSet::Parameters &parameters) const
{
  const std::string not_known = ignored.empty() ? "" : "; not known are " + join(ignored);
  if (components[3] && !line_of_sight())
    throw InputError(file, "the header has both los and components", "Give two files, one data set each.");

  const char *names[] = {"east", "north", "up", "los"};
  for (unsigned int c = 0; c < 4; ++c)
  {
    const std::string sigma_name = c == 3 ? "sigma" : std::string("sigma_") + names[c];
    if (components[c] && sigma[c] < 0 && parameters.sigma_value == 0 && parameters.noise_model.needs_sigma())
      throw InputError(file,
                       (observed() ? std::string("the header has ") + names[c] + " without "
                                   : "the header has no value column (east, north, up, or los) and no ") +
                           sigma_name + not_known,
                       "Give the column, or set Sigma in the data set's section of the deck.");
    if (!components[c] && sigma[c] >= 0)
      throw InputError(file, "the header has " + sigma_name + " without " + names[c] + not_known,
                       "Remove it, or give the values.");
  }
}

void CsvColumns::check_direction(const std::string &file) const
{
  const bool vector = e[0] >= 0 && e[1] >= 0 && e[2] >= 0, angles = incidence >= 0 && heading >= 0;
  const bool any_vector = e[0] >= 0 || e[1] >= 0 || e[2] >= 0, any_angle = incidence >= 0 || heading >= 0;
  const std::string remedy =
      "Give e_east, e_north, e_up (unit vector ground to satellite), or incidence and heading (degrees).";
  if (!line_of_sight() && (any_vector || any_angle))
    throw InputError(file, "the header has a line-of-sight direction without los",
                     "Remove these columns, or name the values los.");
  if (line_of_sight() && !vector && !angles)
    throw InputError(file, "the header has los without its direction", remedy);
  if (line_of_sight() && (vector ? any_angle : any_vector))
    throw InputError(file, "the header gives the line-of-sight direction twice", remedy);
}

void CsvColumns::check_correlations(const std::string &file, const DataSet::Parameters &parameters) const
{
  const char *const pairs[] = {"en", "eu", "nu"};
  for (unsigned int k = 0; k < 3; ++k)
  {
    const std::string name = (correlation[k] >= 0 ? "corr_" : "cov_") + std::string(pairs[k]);
    if (correlation[k] < 0 && covariance[k] < 0)
      continue;
    if (correlation[k] >= 0 && covariance[k] >= 0)
      throw InputError(file, "the header has both corr_" + std::string(pairs[k]) + " and cov_" + pairs[k],
                       "Keep one of the two columns.");
    if (!components[k == 2 ? 1 : 0] || !components[k == 0 ? 1 : 2])
      throw InputError(file, "the header has " + name + " without the two components it belongs to",
                       "Remove it, or give the values.");
    if (covariance[k] >= 0 && parameters.sigma_value > 0)
      throw InputError(file, "the header has " + name + ", but Sigma stands for the file's standard deviations",
                       "Leave Sigma out, or give correlations (corr_" + std::string(pairs[k]) + ").");
  }
}

} // namespace lodestone
