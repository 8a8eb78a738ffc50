// What a run writes of a model, read back.
//
// Model: 3 x 3 x 2 graded cells, largest over smallest volume above 10; a pressure seen by five stations, three
// levelling points and four pixels. Expected of the gradient: the field times the volume of its cell over the mean
// volume is dJ/dm_i, by central differences of J of step 1e-4 (truncation and rounding below 1e-6 of the largest
// entry); of the sensitivity 1 where that of each unknown is its volume. Data: observed and sigma as in the input,
// predicted as the observation operator has it, residual their difference, in every file and for every set. Every array
// of results.h5 says what it is, and ratios, zones, displacements and estimates are what the arrays beside them or the
// problem itself give.
#include <lodestone/app/result_writer.h>
#include <lodestone/base/csv.h>
#include <lodestone/io/results_reader.h>
#include <lodestone/objective/derivative_check.h>

#include "graded_model.h"
#include "unit/io/hdf5_reading.h"
#include "unit/io/test_directory.h"
#include "unit/io/vtk_reading.h"
#include <array>
#include <regex>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

/// dJ/dm_i of the unknown of each cell, by its centre.
struct Derivatives
{
  std::vector<dealii::Point<3>> centre;
  std::vector<double> value, relative_volume;

  std::size_t at(const dealii::Point<3> &p) const
  {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i < centre.size(); ++i)
      if (p.distance(centre[i]) < p.distance(centre[nearest]))
        nearest = i;
    return nearest;
  }
};

Derivatives central_differences(TextProblem<3> &model, const ParameterVector &m)
{
  constexpr double h = 1e-4;
  const auto &cells = model->parametrization().cells();
  std::vector<double> entries(5 * m.size(), 0.); // index: centre, volume, derivative
  for (const auto &cell : model->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      for (unsigned int d = 0; d < 3; ++d)
        entries[5 * cells.index(cell) + d] = cell->center()[d];
      entries[5 * cells.index(cell) + 3] = cell->measure();
    }
  dealii::Utilities::MPI::sum(entries, MPI_COMM_WORLD, entries);
  Derivatives result;
  double total = 0;
  for (unsigned int i = 0; i < m.size(); ++i)
  {
    double J[2];
    for (const int side : {0, 1})
    {
      ParameterVector moved = m;
      moved.values().zero_out_ghost_values();
      if (moved.values().in_local_range(i))
        moved.values()(i) += side == 0 ? -h : h;
      model.evaluate(moved);
      J[side] = model->objective().value();
    }
    result.centre.emplace_back(entries[5 * i], entries[5 * i + 1], entries[5 * i + 2]);
    result.value.push_back((J[1] - J[0]) / (2 * h));
    result.relative_volume.push_back(entries[5 * i + 3] * m.size());
    total += entries[5 * i + 3];
  }
  for (double &volume : result.relative_volume)
    volume /= total;
  return result;
}

} // namespace

TEST(WrittenGradientParallel, IsTheDerivativePerVolume)
{
  Scratch scratch;
  write_data(scratch);
  const auto model = graded_model(scratch.path());
  ParameterVector m = random_direction((*model)->parametrization().make_vector(), 5);
  m.values() *= 0.4;
  const Derivatives expected = central_differences(*model, m);
  ASSERT_EQ(expected.value.size(), 18u);
  double largest = 0;
  for (const double value : expected.value)
    largest = std::max(largest, std::abs(value));
  const auto [small, big] = std::minmax_element(expected.relative_volume.begin(), expected.relative_volume.end());
  ASSERT_GT(*big, 10 * *small);

  const TestDirectory written("written_gradient");
  model->evaluate(m);
  ParameterVector gradient;
  ASSERT_TRUE((*model)->objective().gradient(gradient).converged);
  ParameterVector sensitivity = (*model)->parametrization().make_vector();
  for (const auto &cell : (*model)->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      sensitivity.values()((*model)->parametrization().cells().index(cell)) =
          expected.relative_volume[expected.at(cell->center())];
  {
    ResultWriter<3> writer(result_source(*model->problem), {}, written.directory, "inversion", "");
    writer.write_step(0, m, &gradient, &sensitivity);
    writer.write_results_file(m, &gradient, &sensitivity, nullptr);
  }
  MPI_Barrier(MPI_COMM_WORLD);

  unsigned int n_compared = 0;
  const auto compare = [&](const dealii::Point<3> &centre, const double value, const std::string &file) {
    const std::size_t i = expected.at(centre);
    EXPECT_LT(centre.distance(expected.centre[i]), 1e-6);
    EXPECT_NEAR(value * expected.relative_volume[i], expected.value[i], 1e-6 * largest)
        << file << ", cell at " << centre;
    ++n_compared;
  };
  const std::string name = "gradient_ln_e_over_e0", of_sensitivity = "sensitivity_ln_e_over_e0";
  ResultsReader(written.directory.file("results.h5"), "test", MPI_COMM_WORLD)
      .visit_cells<3>({name, of_sensitivity}, [&](const std::vector<dealii::Point<3>> &centres,
                                                  const std::vector<std::vector<double>> &values) {
        for (std::size_t c = 0; c < centres.size(); ++c)
        {
          compare(centres[c], values[0][c], "results.h5");
          EXPECT_NEAR(values[1][c], 1, 1e-12);
        }
      });
  EXPECT_EQ(n_compared, 18u);

  const std::string xml = text_of(written.directory.file("inversion-0000.vtu"));
  for (const std::size_t piece : pieces_of(xml))
  {
    const auto points = array_named<double>(xml, "Points", piece), values = array_named<double>(xml, name, piece);
    const auto corners = array_named<std::int32_t>(xml, "connectivity", piece);
    for (std::size_t c = 0; c < values.size(); ++c)
    {
      dealii::Point<3> centre;
      for (unsigned int v = 0; v < 8; ++v)
        for (unsigned int d = 0; d < 3; ++d)
          centre[d] += points[3 * corners[8 * c + v] + d] / 8;
      compare(centre, values[c], "inversion-0000.vtu");
    }
    for (const double value : array_named<double>(xml, of_sensitivity, piece))
      EXPECT_NEAR(value, 1, 1e-12);
  }
  EXPECT_EQ(n_compared, 36u);
}

TEST(WrittenDataParallel, EverySetHasItsOwn)
{
  Scratch scratch;
  const auto observed = write_data(scratch);
  const auto model = graded_model(scratch.path());
  model->evaluate((*model)->parametrization().make_vector());
  const DataVector predicted = (*model)->predict(0); // there are no nuisance terms
  const TestDirectory written("written_data");
  {
    ResultWriter<3> writer(result_source(*model->problem), {}, written.directory, "inversion", "");
    writer.write_fits(model->log);
    writer.write_results_file((*model)->parametrization().make_vector(), nullptr, nullptr, nullptr);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const Hdf5Reading results(written.directory.file("results.h5"));
  std::size_t first = 0;
  for (const auto &[name, unit] : {std::make_pair(std::string("gnss"), 1.), {"level", 1e-3}, {"track", 1e-2}})
  {
    SCOPED_TRACE(name);
    const Observed &of_set = observed.at(name);
    const std::size_t n = of_set.value.size();
    const std::string xml = text_of(written.directory.file("fit_" + name + ".vtp"));
    const std::string group = "data/a/" + name + "/";
    const CsvTable csv(written.directory.file("fit_" + name + ".csv"), MPI_COMM_WORLD);
    ASSERT_EQ(csv.size(), n);
    const auto station = results.numbers(group + "station"), component = results.numbers(group + "component");
    ASSERT_EQ(station.size(), n);
    ASSERT_EQ(component.size(), n);
    for (const std::string column : {"observed", "predicted", "residual", "sigma"})
    {
      const auto points = array_named<double>(xml, column + "_m"), in_results = results.numbers(group + column);
      const std::size_t components = name == "track" ? 1 : 3;
      ASSERT_EQ(points.size() % components, 0u);
      ASSERT_EQ(points.size() / components, station.back() + 1);
      ASSERT_EQ(in_results.size(), n);
      for (std::size_t i = 0; i < n; ++i)
      {
        const double expected = column == "observed"    ? of_set.value[i]
                                : column == "predicted" ? predicted[first + i]
                                : column == "sigma"     ? of_set.sigma[i]
                                                        : predicted[first + i] - of_set.value[i];
        const std::size_t at_point = components == 1 ? station[i] : 3 * station[i] + component[i];
        EXPECT_NEAR(points.at(at_point), expected, 1e-15) << column << " in the picture, datum " << i;
        EXPECT_NEAR(in_results[i], expected, 1e-15) << column << " in results.h5, datum " << i;
        EXPECT_NEAR(csv.number(i, column) * unit, expected, 1e-15) << column << " in the table, datum " << i;
      }
    }
    first += n;
  }
  EXPECT_EQ(first, predicted.size());
}

namespace
{

/// A mesh with zones, longitudes, names, components that are missing, rates, estimated strengths, nuisance terms, a set
/// that is only predicted: all that results can hold.
std::unique_ptr<TextProblem<3>> rich_model(Scratch &scratch)
{
  scratch.write("gnss.csv", "name,lon,lat,east,north,up,sigma_east,sigma_north,sigma_up\n"
                            "AV01,-164.61,54.60,1.0,2.0,3.0,1,1,2\n"
                            "\"AV, 2\",-164.59,54.61,-1.0,nan,4.0,1,1,2\n"
                            "AV03,-164.60,54.59,0.5,-2.0,nan,1,1,2\n");
  scratch.write("track.csv", "x,y,z,los,sigma,e_east,e_north,e_up\n"
                             "-1000,-500,nan,3.0,1,0.6,0,0.8\n"
                             "500,700,nan,2.0,1,0.6,0,0.8\n"
                             "900,-1200,-50,-1.0,2,0,0.6,0.8\n"
                             "1500,300,nan,0.3,1.5,0,0.6,0.8\n");
  const std::string text =
      "set Title = rich\nset Geographic origin = -164.6, 54.6\n" +
      section("Mesh",
              {"Source = gmsh", std::string("File = ") + LODESTONE_SOURCE_DIR "/meshes/layered_reservoir.msh"}) +
      section("Material",
              {"Zones = reservoir", "Parameter cells = zones", "Unknowns = Bulk modulus, Shear modulus",
               "Fixed zones = basement"},
              section("reservoir", {"Young modulus = 8 GPa"})) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section("Load cases", {"Names = First year, second"},
              load_case("First year",
                        {{"chamber",
                          {"Type = point source", "Position = 200, -300, 900", "Radius = 100",
                           "Volume change = 1e6 m^3/yr", "Strength = estimate", "Hold stiffness near source = no"}}},
                        {{"GNSS net", {"File = gnss.csv", "Units = mm/yr", "Nuisance = offset"}},
                         {"asc", {"File = track.csv", "Units = mm/yr", "Weight = 0.5"}}}) +
                  load_case("second",
                            {{"lake", {"Type = pressure", "Boundary = top", "Value = 1e6*exp(-(x^2 + y^2)/1e6)"}}},
                            {{"net", {"Station grid = -900, 900, 3, -800, 800, 2", "Sigma = 1 mm"}}})) +
      section("Solver", {"Method = direct", "Tolerance = 1e-12"});
  return std::make_unique<TextProblem<3>>(text, scratch.path());
}

NumberTable two_iterations()
{
  NumberTable history;
  for (const std::string &column : Inversion::history_columns())
    history.add(column, {0, 1.5});
  history.columns[0] = {0, 1};
  return history;
}

/// Names, units and descriptions; integers where numbers count.
void check_that_arrays_are_described(const Hdf5Reading &file)
{
  const std::regex allowed("[a-z0-9_]+");
  for (const auto &[path, set] : file.data_sets())
  {
    SCOPED_TRACE(path);
    EXPECT_TRUE(std::regex_match(path.substr(path.rfind('/') + 1), allowed));
    EXPECT_EQ(set.attributes.count("units"), 1u);
    ASSERT_EQ(set.attributes.count("description"), 1u);
    EXPECT_GT(set.attributes.at("description").size(), 3u);
    EXPECT_EQ(set.attributes.at("description").find('\n'), std::string::npos);
  }
  for (const auto &[path, attributes] : file.groups())
    EXPECT_EQ(attributes.count("description"), 1u) << path;
  for (const std::string path :
       {"history/iteration", "history/forward_solves", "history/hessian_actions", "cells/zone", "zones/number",
        "zones/n_cells", "data/First_year/asc/component", "data/First_year/asc/station", "mesh/connectivity"})
    EXPECT_EQ(file.data_sets().at(path).kind, H5T_INTEGER) << path;
  for (const std::string path : {"history/objective", "history/time", "cells/young", "data/second/net/sigma"})
    EXPECT_EQ(file.data_sets().at(path).kind, H5T_FLOAT) << path;
}

void check_cells_and_zones(const Hdf5Reading &file, const Mesh<3> &mesh)
{
  const auto young = file.numbers("cells/young"), ratio = file.numbers("cells/young_ratio"),
             background = file.numbers("cells/young_background"), zone = file.numbers("cells/zone"),
             volume = file.numbers("cells/volume"), bulk = file.numbers("cells/bulk"),
             bulk_ratio = file.numbers("cells/bulk_ratio"), shear_ratio = file.numbers("cells/shear_ratio"),
             m = file.numbers("cells/m_ln_k_over_k0");
  ASSERT_EQ(young.size(), mesh.triangulation().n_global_active_cells());
  const auto names = file.texts("zones/name"), entries = file.texts("zones/background");
  const auto number = file.numbers("zones/number"), n_cells = file.numbers("zones/n_cells"),
             volumes = file.numbers("zones/volume"), mean = file.numbers("zones/young_mean"),
             smallest = file.numbers("zones/young_minimum"), largest = file.numbers("zones/young_maximum");
  ASSERT_EQ(names.size(), mesh.zone_names().size());
  double n_changed = 0;
  for (std::size_t z = 0; z < names.size(); ++z)
  {
    SCOPED_TRACE(names[z]);
    EXPECT_EQ(number[z], mesh.zone_names().at(names[z]));
    EXPECT_EQ(entries[z], names[z] == "reservoir" ? "Young modulus = 8 GPa" : "");
    double n = 0, sum = 0, of_young = 0;
    for (std::size_t c = 0; c < zone.size(); ++c)
      if (zone[c] == number[z])
      {
        ++n;
        sum += volume[c];
        of_young += volume[c] * young[c];
        EXPECT_NEAR(ratio[c] * background[c], young[c], 1e-15 * young[c]);
        EXPECT_EQ(background[c], names[z] == "reservoir" ? 8e9 : 20e9);
        EXPECT_GE(young[c], smallest[z]);
        EXPECT_LE(young[c], largest[z]);
        EXPECT_EQ(std::isnan(m[c]), names[z] == "basement");
        if (std::isnan(m[c]))
          EXPECT_EQ(bulk_ratio[c] + shear_ratio[c] + ratio[c], 3);
        else
        {
          EXPECT_NEAR(std::log(bulk_ratio[c]), m[c], 1e-14);
          EXPECT_NEAR(bulk[c] / bulk_ratio[c], (names[z] == "reservoir" ? 8e9 : 20e9) / 1.5,
                      1e-3); // K = E/(3 (1 - 2/4))
          ++n_changed;
        }
      }
    EXPECT_EQ(n_cells[z], n);
    EXPECT_NEAR(volumes[z], sum, 1e-9 * sum);
    EXPECT_NEAR(mean[z], of_young / sum, 1e-12 * mean[z]);
    EXPECT_EQ(smallest[z], largest[z]); // one number a zone
  }
  EXPECT_GT(n_changed, 100);
}

/// The lake acts in the cells at the surface, the chamber's ball in cells that it reaches.
void check_loads(const Hdf5Reading &file)
{
  const auto vertices = file.numbers("mesh/vertices"), corners = file.numbers("mesh/connectivity"),
             chamber = file.numbers("loads/First_year/chamber/acts"), lake = file.numbers("loads/second/lake/acts");
  const double position[] = {200, -300, -900}, radius = 100;
  ASSERT_EQ(8 * lake.size(), corners.size());
  ASSERT_EQ(chamber.size(), lake.size());
  unsigned int n_reached = 0;
  for (std::size_t c = 0; c < lake.size(); ++c)
  {
    std::array<double, 3> low, high;
    low.fill(1e9);
    high.fill(-1e9);
    for (unsigned int k = 0; k < 8; ++k)
      for (unsigned int d = 0; d < 3; ++d)
      {
        const double x = vertices[3 * static_cast<std::size_t>(corners[8 * c + k]) + d];
        low[d] = std::min(low[d], x);
        high[d] = std::max(high[d], x);
      }
    EXPECT_EQ(lake[c], high[2] > -1e-6 ? 1 : 0) << c;
    if (chamber[c] == 0)
      continue;
    ++n_reached;
    for (unsigned int d = 0; d < 3; ++d)
    {
      EXPECT_LT(low[d], position[d] + radius) << c;
      EXPECT_GT(high[d], position[d] - radius) << c;
    }
  }
  EXPECT_GT(n_reached, 0u);
  EXPECT_EQ(file.groups().at("loads/First_year/chamber").at("name"), "chamber");
  EXPECT_EQ(file.groups().at("loads/First_year/chamber").at("load_case"), "First year");
}

void check_data(const Hdf5Reading &file, Problem<3> &problem)
{
  const auto &evaluation = problem.objective().evaluation(0);
  const DataVector by_model = problem.predict(0), of_net = problem.predict(1);
  EXPECT_EQ(file.groups().at("data/First_year").at("name"), "First year");
  EXPECT_EQ(file.groups().at("data/First_year/GNSS_net").at("name"), "GNSS net");
  EXPECT_EQ(file.groups().at("data/First_year/GNSS_net").at("unit_of_file"), "mm/yr");
  const std::string gnss = "data/First_year/GNSS_net/", track = "data/First_year/asc/", net = "data/second/net/";
  EXPECT_EQ(file.numbers(gnss + "component"), (std::vector<double>{0, 1, 2, 0, 2, 0, 1}));
  EXPECT_EQ(file.numbers(gnss + "station"), (std::vector<double>{0, 0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(file.texts(gnss + "name"),
            (std::vector<std::string>{"AV01", "AV01", "AV01", "AV, 2", "AV, 2", "AV03", "AV03"}));
  EXPECT_EQ(file.numbers(gnss + "longitude").at(3), -164.59);
  EXPECT_EQ(file.numbers(gnss + "latitude").at(6), 54.59);
  EXPECT_NEAR(file.numbers(gnss + "observed").at(4), 4e-3, 1e-18);
  EXPECT_EQ(file.data_sets().at(gnss + "observed").attributes.at("units"), "m/yr");
  EXPECT_EQ(file.data_sets().at(net + "sigma").attributes.at("units"), "m");
  EXPECT_EQ(file.numbers(track + "z"), (std::vector<double>{0, 0, -50, 0}));
  EXPECT_EQ(file.numbers(track + "x"), (std::vector<double>{-1000, 500, 900, 1500}));
  EXPECT_EQ(file.data_sets().count(net + "observed") + file.data_sets().count(net + "chi_squared"), 0u);
  EXPECT_EQ(file.data_sets().count(track + "name") + file.data_sets().count(track + "longitude"), 0u);
  double chi_squared = 0;
  std::size_t datum = 0;
  for (const std::string &set : {gnss, track, net})
  {
    const auto direction = file.numbers(set + "direction"), displacement = file.numbers(set + "displacement"),
               predicted = file.numbers(set + "predicted");
    for (std::size_t i = 0; i < predicted.size(); ++i, ++datum)
    {
      double along = 0;
      for (unsigned int c = 0; c < 3; ++c)
        along += direction[3 * i + c] * displacement[3 * i + c];
      EXPECT_NEAR(along, set == net ? of_net[datum - by_model.size()] : by_model[datum], 1e-15) << set << i;
      EXPECT_NEAR(predicted[i], set == net ? along : evaluation.predicted[datum], 1e-15) << set << i;
    }
    if (set != net)
      chi_squared += file.numbers(set + "chi_squared").at(0);
  }
  EXPECT_EQ(datum, by_model.size() + of_net.size());
  EXPECT_NEAR(chi_squared, evaluation.chi_squared, 1e-12 * chi_squared);
  EXPECT_NEAR(file.numbers(track + "chi_squared_per_datum").at(0), file.numbers(track + "chi_squared").at(0) / 4, 1e-9);
  EXPECT_GT(std::abs(evaluation.nuisance.at(0)), 1e-6); // so predicted and displacement differ

  const std::string strengths = "estimates/First_year/strengths/", amounts = "estimates/First_year/amounts/",
                    nuisance = "estimates/First_year/nuisance/";
  EXPECT_EQ(file.texts(strengths + "load"), (std::vector<std::string>{"chamber"}));
  EXPECT_EQ(file.numbers(strengths + "value"), evaluation.strengths);
  EXPECT_EQ(file.numbers(strengths + "standard_deviation"), evaluation.strength_deviations);
  EXPECT_EQ(file.texts(amounts + "quantity").at(0), "volume change");
  EXPECT_EQ(file.texts(amounts + "unit").at(0), "m^3/yr");
  EXPECT_NEAR(file.numbers(amounts + "value").at(0), 1e6 * evaluation.strengths[0], 1e-6);
  EXPECT_EQ(file.texts(nuisance + "name").at(2), "GNSS net: up offset");
  EXPECT_EQ(file.texts(nuisance + "unit").at(2), "m/yr");
  EXPECT_EQ(file.numbers(nuisance + "value"), evaluation.nuisance);
  EXPECT_EQ(file.numbers(nuisance + "standard_deviation"), evaluation.nuisance_deviations);
  EXPECT_EQ(file.texts("estimates/First_year/names").at(0), "chamber");
  EXPECT_EQ(file.texts("estimates/First_year/names").at(3), "GNSS net: up offset");
  const std::vector<double> correlation = file.numbers("estimates/First_year/correlation"),
                            covariance = file.numbers("estimates/First_year/covariance");
  const std::size_t n = 1 + evaluation.nuisance.size();
  ASSERT_EQ(correlation.size(), n * n);
  EXPECT_EQ(correlation[2], evaluation.correlations[0][2]);
  EXPECT_EQ(correlation[n], evaluation.correlations[1][0]);
  EXPECT_NEAR(covariance[0], std::pow(evaluation.strength_deviations[0], 2), 1e-14 * covariance[0]);
  EXPECT_NEAR(covariance[3], correlation[3] * evaluation.strength_deviations[0] * evaluation.nuisance_deviations[2],
              1e-14 * std::abs(covariance[3]));
}

void check_pictures(const ResultDirectory &directory, const Hdf5Reading &file)
{
  const std::string gnss = text_of(directory.file("fit_First_year_GNSS_net.vtp")),
                    track = text_of(directory.file("fit_First_year_asc.vtp"));
  EXPECT_NE(gnss.find("NumberOfPoints=\"3\""), std::string::npos); // seven data at three stations
  EXPECT_EQ(array_named<double>(gnss, "measured"), (std::vector<double>{1, 1, 1, 1, 0, 1, 1, 1, 0}));
  const auto observed = array_named<double>(gnss, "observed_m_per_yr"),
             los = array_named<double>(track, "observed_m_per_yr");
  const double expected[] = {1e-3, 2e-3, 3e-3, -1e-3, 0, 4e-3, 5e-4, -2e-3, 0};
  for (unsigned int i = 0; i < 9; ++i)
    EXPECT_NEAR(observed.at(i), expected[i], 1e-18);
  const auto names = array_named<char>(gnss, "name");
  EXPECT_EQ(std::string(names.begin(), names.end()), std::string("AV01\0AV, 2\0AV03\0", 16));
  EXPECT_EQ(array_named<double>(gnss, "latitude_deg"), (std::vector<double>{54.60, 54.61, 54.59}));
  EXPECT_EQ(los.size(), 4u);
  EXPECT_EQ(array_named<double>(track, "direction").size(), 12u);
  EXPECT_EQ(array_named<double>(track, "displacement_m_per_yr"), file.numbers("data/First_year/asc/displacement"));

  const std::string xml = text_of(directory.file("inversion-0003.vtu"));
  std::map<std::array<double, 3>, std::size_t> cells;
  const auto centre = file.numbers("cells/centre");
  for (std::size_t c = 0; 3 * c < centre.size(); ++c)
    cells[{{std::round(centre[3 * c]), std::round(centre[3 * c + 1]), std::round(centre[3 * c + 2])}}] = c;
  const auto young = file.numbers("cells/young"), ratio = file.numbers("cells/young_ratio"),
             shear_ratio = file.numbers("cells/shear_ratio"), zone = file.numbers("cells/zone");
  EXPECT_NE(xml.find("\"stress_second_Pa\""), std::string::npos);
  EXPECT_NE(xml.find("\"displacement_rate_first_year_m_per_yr\""), std::string::npos);
  EXPECT_NE(xml.find("\"strain_rate_first_year_per_yr\""), std::string::npos);
  EXPECT_NE(xml.find("\"stress_rate_first_year_Pa_per_yr\""), std::string::npos);
  std::size_t n_cells = 0;
  for (const std::size_t piece : pieces_of(xml))
  {
    const auto points = array_named<double>(xml, "Points", piece), E = array_named<double>(xml, "young_Pa", piece),
               over = array_named<double>(xml, "young_ratio", piece),
               G = array_named<double>(xml, "shear_ratio", piece);
    const auto corners = array_named<std::int32_t>(xml, "connectivity", piece),
               zones = array_named<std::int32_t>(xml, "zone", piece);
    for (std::size_t c = 0; c < E.size(); ++c, ++n_cells)
    {
      dealii::Point<3> x;
      for (unsigned int v = 0; v < 8; ++v)
        for (unsigned int d = 0; d < 3; ++d)
          x[d] += points[3 * corners[8 * c + v] + d] / 8;
      const auto same =
          std::min_element(cells.begin(), cells.end(), [&](const auto &a, const auto &b) {
            return x.distance({a.first[0], a.first[1], a.first[2]}) < x.distance({b.first[0], b.first[1], b.first[2]});
          })->second;
      EXPECT_EQ(E[c], young[same]);
      EXPECT_EQ(over[c], ratio[same]);
      EXPECT_EQ(G[c], shear_ratio[same]);
      EXPECT_EQ(zones[c], zone[same]);
    }
  }
  EXPECT_EQ(n_cells, young.size());
}

} // namespace

TEST(WrittenResultsParallel, SayWhatTheyAre)
{
  Scratch scratch;
  const auto model = rich_model(scratch);
  ParameterVector m = random_direction((*model)->parametrization().make_vector(), 5);
  m.values() *= 0.3;
  m.values().update_ghost_values();
  model->evaluate(m);
  ParameterVector gradient;
  ASSERT_TRUE((*model)->objective().gradient(gradient).converged);
  const NumberTable history = two_iterations();
  const TestDirectory written("written_results");
  {
    ResultWriter<3> writer(result_source(*model->problem), {}, written.directory, "inversion", "set Title = rich\n");
    writer.write_last_step(3, m, &gradient, &gradient);
    writer.write_fits(model->log);
    writer.write_results_file(m, &gradient, &gradient, &history);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const Hdf5Reading file(written.directory.file("results.h5"));
  check_that_arrays_are_described(file);
  EXPECT_EQ(file.groups().at(".").at("command"), "inversion");
  EXPECT_EQ(file.groups().at(".").at("title"), "rich");
  EXPECT_EQ(file.number_attribute(".", "dimension"), 3);
  EXPECT_NEAR(file.number_attribute(".", "origin_longitude"), -164.6, 1e-10);
  EXPECT_NEAR(file.number_attribute(".", "origin_latitude"), 54.6, 1e-10);
  EXPECT_EQ(file.texts("parameters").at(0), "set Title = rich\n");
  EXPECT_EQ(file.numbers("history/iteration"), (std::vector<double>{0, 1}));
  EXPECT_EQ(file.numbers("history/objective"), (std::vector<double>{0, 1.5}));
  check_cells_and_zones(file, (*model)->mesh());
  check_loads(file);
  check_data(file, *model->problem);
  check_pictures(written.directory, file);
}
