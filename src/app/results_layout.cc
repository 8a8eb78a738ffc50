#include <lodestone/app/cell_results.h>
#include <lodestone/app/command_line.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/history_layout.h>
#include <lodestone/app/results_layout.h>
#include <lodestone/app/zone_table.h>
#include <lodestone/io/array_name.h>
#include <lodestone/io/result_directory.h>

#include <algorithm>

namespace lodestone
{

namespace
{

/// Names as parts of paths, each once.
std::vector<std::string> group_names(std::vector<std::string> names)
{
  std::transform(names.begin(), names.end(), names.begin(), ResultDirectory::safe_name);
  return without_repetition(names);
}

/// Columns of numbers with names, units and standard deviations.
struct EstimateColumns
{
  std::vector<std::string> load, name, unit;
  std::vector<double> value, deviation;

  void add(const Estimate &estimate, const std::string &of_load = "")
  {
    load.push_back(of_load);
    name.push_back(estimate.name);
    unit.push_back(estimate.unit);
    value.push_back(estimate.value);
    deviation.push_back(estimate.deviation);
  }
};

const std::string deviation_words = "one standard deviation, from the noise of the data and the priors";

} // namespace

template <int dim>
ResultsLayout<dim>::ResultsLayout(const ResultSource<dim> &source, ResultsFile &file) : source_(source), file_(file)
{
  std::vector<std::string> names;
  for (unsigned int s = 0; s < source.cases.size(); ++s)
    names.push_back(source.case_name(s));
  case_groups_ = group_names(names);
}

template <int dim>
void ResultsLayout<dim>::describe(const std::string &group, const std::string &description)
{
  if (described_.insert(group).second)
    file_.set_attribute(group, "description", description);
}

template <int dim>
void ResultsLayout<dim>::add_run(const RunRecord &record)
{
  file_.set_attribute("format", "Lodestone results");
  file_.set_attribute("", "format_version", 2);
  file_.set_attribute("command", record.command);
  file_.set_attribute("title", source_.title);
  file_.set_attribute("", "dimension", dim);
  file_.set_attribute("description", "results of a run of Lodestone; every data set has units and a description");
  file_.set_attribute("coordinates", dim == 3 ? "x east, y north, z up (m); z = 0 is the free surface"
                                              : "x along the section, z up (m); z = 0 is the free surface");
  file_.set_attribute("versions", version_text());
  if (source_.projection != nullptr)
  {
    const dealii::Point<2> origin = source_.projection->to_geographic(dealii::Point<2>(0, 0));
    file_.set_attribute("", "origin_longitude", origin[0]);
    file_.set_attribute("", "origin_latitude", origin[1]);
  }
  file_.add_text("parameters", {"", "parameter file of the run, every entry with its value"},
                 record.resolved_parameters);
  if (record.history != nullptr)
  {
    describe("history", "course of the inversion, one entry per iteration");
    write_history(*record.history, "history", file_);
  }
}

template <int dim>
void ResultsLayout<dim>::add_mesh_and_zones(const ParameterVector &m)
{
  describe("mesh", "corners of the cells, and which of them belong to each cell");
  file_.add_mesh(source_.space.mesh());
  if (source_.space.mesh().zone_names().empty())
    return;
  describe("zones", "zones of the mesh, one entry per zone; cells/zone has their numbers");
  ZoneTable(source_, m).write("zones", file_);
}

template <int dim>
void ResultsLayout<dim>::add_cells(const ParameterVector &m, const ParameterVector *gradient,
                                   const ParameterVector *sensitivity)
{
  const Mesh<dim> &mesh = source_.space.mesh();
  describe("cells", "fields of the cells; their order depends on the number of ranks, centre tells which is which");
  file_.add_cells(mesh);
  for (const DescribedField &field : cell_results(source_, m, gradient, sensitivity))
    file_.add_cell_field(field.name, field.info, field.field);
  file_.add_cell_field("young_background", {"Pa", "Young's modulus of the background, where m = 0"},
                       young_background(source_));
  if (!mesh.zone_names().empty())
    file_.add_cell_numbers("zone", {"", "number of the cell's zone, see zones/name"}, zone_numbers(mesh));
}

template <int dim>
void ResultsLayout<dim>::add_loads()
{
  const Mesh<dim> &mesh = source_.space.mesh();
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
  {
    const std::string group = "loads/" + case_groups_[s];
    std::vector<std::string> names;
    for (const LoadVector<dim> &load : source_.cases[s].loads)
      names.push_back(load.name);
    names = group_names(names);
    for (std::size_t l = 0; l < names.size(); ++l)
    {
      const LoadVector<dim> &load = source_.cases[s].loads[l];
      CellField acts = mesh.make_cell_field();
      for (const auto &cell : mesh.triangulation().active_cell_iterators())
        if (cell->is_locally_owned() &&
            std::binary_search(load.cells.begin(), load.cells.end(), cell->active_cell_index()))
          acts(cell->global_active_cell_index()) = 1;
      const std::string of_load = group + "/" + names[l];
      describe("loads", "loads by load case");
      describe(group, "loads of a load case, one group per load");
      describe(of_load, "where a load acts");
      file_.set_attribute(of_load, "name", load.name);
      file_.set_attribute(of_load, "load_case", source_.case_name(s));
      file_.add_cell_numbers_at(of_load + "/acts",
                                {"", "1 in cells in which the load acts, 0 elsewhere; as cells/centre"}, acts);
    }
  }
}

template <int dim>
void ResultsLayout<dim>::add_data(const unsigned int load_case, const std::vector<SetFit> &fits)
{
  if (fits.empty())
    return;
  const std::string group = "data/" + case_groups_[load_case];
  describe("data", "data sets by load case");
  describe(group, "data sets of a load case, one group per set");
  file_.set_attribute(group, "name", source_.case_name(load_case));
  std::vector<std::string> names;
  for (const SetFit &fit : fits)
    names.push_back(fit.set.name);
  names = group_names(names);
  for (unsigned int k = 0; k < fits.size(); ++k)
  {
    const std::string of_set = group + "/" + names[k];
    describe(of_set, "a data set, one entry per datum");
    file_.set_attribute(of_set, "name", fits[k].set.name);
    file_.set_attribute(of_set, "load_case", source_.case_name(load_case));
    file_.set_attribute(of_set, "file", fits[k].set.file);
    file_.set_attribute(of_set, "unit_of_file", fits[k].set.unit_name);
    add_stations(of_set + "/", fits[k]);
    add_set(of_set + "/", fits[k]);
  }
}

template <int dim>
void ResultsLayout<dim>::add_stations(const std::string &group, const SetFit &fit)
{
  const DataSet &set = fit.set;
  const double surface = source_.space.mesh().surface_elevation();
  std::vector<double> x, y, z, longitude, latitude, displacement;
  std::vector<std::string> name;
  for (const unsigned int row : set.row)
  {
    const auto &p = set.row_points[row];
    x.push_back(p[0]);
    y.push_back(p[1]);
    z.push_back(p[2] < surface ? p[2] : surface); // without z: on the surface
    if (set.geographic)
    {
      longitude.push_back(set.row_lonlat[row][0]);
      latitude.push_back(set.row_lonlat[row][1]);
    }
    if (!set.row_name.empty())
      name.push_back(set.row_name[row]);
    for (const unsigned int c : {0u, 1u, 2u})
      displacement.push_back(fit.displacement[row][c]);
  }
  file_.add_array(group + "station", {"", "number of the datum's station, from 0: a station may have several data"},
                  std::vector<std::int32_t>(set.row.begin(), set.row.end()));
  if (!name.empty())
    file_.add_array(group + "name", {"", "name of the station"}, name);
  file_.add_array(group + "x", {"m", dim == 3 ? "x of the station, east" : "x of the station, along the section"}, x);
  file_.add_array(group + "y", {"m", dim == 3 ? "y of the station, north" : "0: a section has no y"}, y);
  file_.add_array(group + "z", {"m", "z of the station, up"}, z);
  if (set.geographic)
  {
    file_.add_array(group + "longitude", {"degree", "longitude of the station, east, WGS84"}, longitude);
    file_.add_array(group + "latitude", {"degree", "latitude of the station, north, WGS84"}, latitude);
  }
  file_.add_array(
      group + "displacement",
      {set.rate ? "m/yr" : "m", "predicted displacement east, north, up at the station, without nuisance terms"},
      displacement, 3);
}

template <int dim>
void ResultsLayout<dim>::add_set(const std::string &group, const SetFit &fit)
{
  const DataSet &set = fit.set;
  const std::string unit = set.rate ? "m/yr" : "m";
  std::vector<double> direction;
  for (const auto &e : set.direction)
    direction.insert(direction.end(), {e[0], e[1], e[2]});
  file_.add_array(group + "component", {"", "0 east, 1 north, 2 up, 3 line of sight"},
                  std::vector<std::int32_t>(set.component.begin(), set.component.end()));
  file_.add_array(group + "direction",
                  {"1", "unit vector east, north, up along which the datum is positive; of a line of sight from the "
                        "ground to the satellite"},
                  direction, 3);
  file_.add_array(group + "predicted", {unit, "predicted value, nuisance terms included"}, fit.predicted);
  file_.add_array(group + "sigma", {unit, "standard deviation of the observed value"}, set.sigma);
  if (!fit.discretization_error.empty())
    file_.add_array(group + "discretization_error",
                    {unit, "estimated error of the predicted value that comes from the size of the cells"},
                    fit.discretization_error);
  if (!set.observed)
    return; // nothing was observed
  file_.add_array(group + "observed", {unit, "observed value"}, set.value);
  file_.add_array(group + "residual", {unit, "predicted - observed"}, fit.residual);
  file_.add_array(group + "standardized_residual",
                  {"1", "residual / sigma; of correlated errors whitened, so that they are independent of one another"},
                  fit.standardized);
  double chi_squared = 0;
  for (const double r : fit.standardized)
    chi_squared += r * r;
  file_.add_number(group + "chi_squared",
                   {"1", "sum of standardized_residual^2 over the data of the set, without its weight"}, chi_squared);
  file_.add_number(group + "chi_squared_per_datum", {"1", "the same over the number of data"},
                   chi_squared / set.n_data());
}

template <int dim>
void ResultsLayout<dim>::add_estimates()
{
  for (unsigned int s = 0; s < source_.cases.size(); ++s)
  {
    const Estimates found = estimates(source_, s);
    EstimateColumns strengths, amounts, nuisance;
    for (const auto &strength : found.strengths)
    {
      strengths.add(strength.factor, strength.factor.name);
      for (const auto &amount : strength.amounts)
        amounts.add(amount, strength.factor.name);
    }
    for (const auto &term : found.nuisance)
      nuisance.add(term);
    if (strengths.value.empty() && nuisance.value.empty())
      continue;
    const std::string group = "estimates/" + case_groups_[s];
    describe("estimates", "what was estimated beside the stiffness, by load case");
    describe(group, "estimates of a load case, a table per kind");
    file_.set_attribute(group, "name", source_.case_name(s));
    const std::string stiffness =
        source_.standard_errors != nullptr ? "the stiffness is estimated with them" : "the stiffness is taken as known";
    const auto add = [&](const std::string &table, const EstimateColumns &columns, const std::string &units,
                         const std::string &value) {
      file_.add_array(table + "/value", {units, value}, columns.value);
      file_.add_array(table + "/standard_deviation", {units, deviation_words + "; " + stiffness}, columns.deviation);
    };
    if (const std::string table = group + "/strengths"; !strengths.value.empty())
    {
      describe(table, "estimated strengths of loads, one entry per load");
      file_.add_array(table + "/load", {"", "name of the load"}, strengths.load);
      add(table, strengths, "1", "strength: factor of the load as the parameter file gives it");
    }
    if (const std::string table = group + "/amounts"; !amounts.value.empty())
    {
      describe(table, "what the estimated strengths stand for, one entry per quantity");
      file_.add_array(table + "/load", {"", "name of the load"}, amounts.load);
      file_.add_array(table + "/quantity", {"", "quantity that the strength stands for"}, amounts.name);
      file_.add_array(table + "/unit", {"", "unit of value and standard_deviation"}, amounts.unit);
      add(table, amounts, "see unit", "value at the estimated strength");
    }
    if (const std::string table = group + "/nuisance"; !nuisance.value.empty())
    {
      describe(table, "estimated nuisance terms of the data, one entry per term");
      file_.add_array(table + "/name", {"", "data set and term"}, nuisance.name);
      file_.add_array(table + "/unit", {"", "unit of value and standard_deviation"}, nuisance.unit);
      add(table, nuisance, "see unit", "value of the term");
    }
    file_.add_array(group + "/names", {"", "rows and columns of correlation and covariance"}, found.names);
    add_matrix(group + "/correlation", {"1", "correlations of strengths and nuisance terms; " + stiffness},
               found.correlations);
    add_matrix(group + "/covariance", {"products of units", "their covariances: of strengths, factors without a unit"},
               found.covariance);
  }
}

template <int dim>
void ResultsLayout<dim>::add_standard_errors()
{
  if (source_.standard_errors == nullptr)
    return;
  const StandardErrors &errors = *source_.standard_errors;
  std::vector<std::string> names, units;
  std::vector<double> value, lower, upper;
  for (const auto &unknown : errors.unknowns)
  {
    names.push_back(unknown.name);
    units.push_back(unknown.quantity == "nu" ? "1" : "Pa");
    value.push_back(unknown.value);
    lower.push_back(unknown.lower);
    upper.push_back(unknown.upper);
  }
  const std::string group = "standard_errors";
  describe(group, "one standard error of every unknown, from noise and prior, to first order; strengths and nuisance "
                  "terms are estimated with the unknowns");
  file_.add_array(group + "/unknown", {"", "name of the unknown"}, names);
  file_.add_array(group + "/unit", {"", "unit of value, lower and upper"}, units);
  file_.add_array(group + "/value", {"see unit", "mean over the cells of the unknown"}, value);
  file_.add_array(group + "/lower", {"see unit", "the same at m minus one standard error; NaN: nothing determines m"},
                  lower);
  file_.add_array(group + "/upper", {"see unit", "the same at m plus one standard error"}, upper);
  file_.add_array(group + "/names", {"", "entries of deviation, rows and columns of correlation"}, errors.names);
  file_.add_array(group + "/deviation",
                  {"see names", "standard error of m (no unit), strengths (no unit) and nuisance terms (their unit)"},
                  errors.all.deviations);
  add_matrix(group + "/correlation", {"1", "correlations of all of them"}, errors.all.correlations);
}

template <int dim>
void ResultsLayout<dim>::add_matrix(const std::string &path, const ArrayInfo &info,
                                    const std::vector<std::vector<double>> &rows)
{
  std::vector<double> entries;
  for (const auto &row : rows)
    entries.insert(entries.end(), row.begin(), row.end());
  file_.add_array(path, info, entries, rows.size());
}

template class ResultsLayout<2>;
template class ResultsLayout<3>;

} // namespace lodestone
