#pragma once
// Small data sets for the tests of this room.
#include <lodestone/observation/csv_data.h>

#include <string>

namespace lodestone::testing
{

inline DataSet::Parameters set_parameters(const std::string &name, const std::string &units = "m")
{
  DataSet::Parameters parameters;
  parameters.name = name;
  parameters.file = name + ".csv";
  parameters.units = units;
  return parameters;
}

inline DataSet read_text(const std::string &text, const DataSet::Parameters &parameters,
                         const GeographicProjection *projection = nullptr)
{
  DataSet::Parameters validated = parameters;
  validated.validate();
  const DataSet set = read_csv_table(validated, CsvTable::from_text(text, parameters.file), projection);
  check_data_set(set);
  return set;
}

/// Three stations, one component missing, unequal sigma, in mm.
inline DataSet gnss(const std::string &nuisance, const std::string &shared = "")
{
  auto parameters = set_parameters("gnss", "mm");
  parameters.nuisance = nuisance;
  parameters.shared_nuisance = shared;
  parameters.weight = 0.7;
  return read_text("name,x,y,east,north,up,sigma_east,sigma_north,sigma_up\n"
                   "AAAA,-3000,1000,4.1,-2.2,7.3,0.5,0.6,2.1\n"
                   "BBBB,2000,-500,-3.3,nan,5.9,0.7,nan,1.8\n"
                   "CCCC,500,2500,1.7,6.6,-4.4,0.4,0.9,3.3\n"
                   "DDDD,-1500,-2700,0.2,1.6,2.2,1.4,0.8,1.3\n",
                   parameters);
}

/// Six pixels of an ascending track, in cm.
inline DataSet ascending(const std::string &nuisance, const std::string &shared = "")
{
  auto parameters = set_parameters("asc", "cm");
  parameters.nuisance = nuisance;
  parameters.shared_nuisance = shared;
  return read_text("x,y,los,sigma,incidence,heading\n"
                   "-2000,-2000,0.31,0.10,36,-11\n"
                   "2000,-1800,0.57,0.12,37,-11.2\n"
                   "-1900,2100,-0.22,0.15,38,-11.1\n"
                   "1700,2200,0.94,0.08,39,-10.9\n"
                   "100,300,1.40,0.11,40,-11\n"
                   "800,-100,nan,0.11,40,-11\n"
                   "-400,900,1.05,0.21,41,-11\n",
                   parameters);
}

} // namespace lodestone::testing
