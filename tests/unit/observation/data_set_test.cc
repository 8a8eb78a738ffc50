#include <lodestone/base/error.h>
#include <lodestone/base/parameter_text.h>
#include <lodestone/observation/data_report.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>
#include <cstdio>
#include <fstream>

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

/// The message of the InputError that reading ends with; empty when it ends well.
std::string error_of(const std::string &text, const DataSet::Parameters &parameters = set_parameters("set"),
                     const GeographicProjection *projection = nullptr)
{
  try
  {
    read_text(text, parameters, projection);
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "";
}

void expect_in(const std::string &message, const std::vector<std::string> &parts)
{
  for (const auto &part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << "\"" << part << "\" is missing in: " << message;
}

TEST(DataSet, ReadsComponentsInMetresAndLeavesOutNaN)
{
  const DataSet set = testing::gnss("none");
  ASSERT_EQ(set.n_data(), 11u);
  ASSERT_EQ(set.n_rows(), 4u);
  EXPECT_FALSE(set.rate);
  EXPECT_FALSE(set.line_of_sight);
  EXPECT_EQ(set.component[3], 0u); // second row: east, then up
  EXPECT_EQ(set.component[4], 2u);
  EXPECT_EQ(set.row[4], 1u);
  EXPECT_EQ(set.location(1), "gnss.csv:3");
  EXPECT_EQ(set.row_name[2], "CCCC");
  EXPECT_NEAR(set.value[4], 5.9e-3, 1e-18);
  EXPECT_NEAR(set.sigma[4], 1.8e-3, 1e-18);
  EXPECT_EQ(set.direction[4][2], 1.);
  EXPECT_EQ(set.row_points[2][1], 2500.);
  EXPECT_TRUE(std::isnan(set.row_points[2][2]));
}

// Unit vectors from the documentation of the MintPy file format, for a scene at Coso, California: azimuthAngle of the
// vector ground to satellite, counter-clockwise from north, az = 90 - heading for a right-looking radar.
TEST(DataSet, LineOfSightOfSentinelScenes)
{
  const struct
  {
    double incidence, azimuth, e[3];
  } scenes[] = {{39.21, 99.57, {-0.623, -0.105, 0.775}}, {38.09, -100.21, {0.607, -0.109, 0.787}}};
  for (const auto &scene : scenes)
  {
    const DataSet set = read_text("x,y,los,sigma,incidence,heading\n0,0,1,1," + std::to_string(scene.incidence) + "," +
                                      std::to_string(90 - scene.azimuth) + "\n",
                                  set_parameters("set"));
    for (unsigned int d = 0; d < 3; ++d)
      EXPECT_NEAR(set.direction[0][d], scene.e[d], 1e-3);
  }
}

TEST(DataSet, AnglesAndVectorsAgreeForBothLooks)
{
  for (const std::string look : {"right", "left"})
  {
    auto parameters = set_parameters("set");
    parameters.look = look;
    // Left: a satellite that flies north and looks west stands east of its targets.
    const double i = 35 * M_PI / 180, az = (look == "right" ? 90 + 12 : -90 + 12) * M_PI / 180; // heading -12
    const DataSet angles = read_text("x,y,los,sigma,incidence,heading\n0,0,1,1,35,-12\n", parameters);
    const std::string vector = std::to_string(-std::sin(i) * std::sin(az)) + "," +
                               std::to_string(std::sin(i) * std::cos(az)) + "," + std::to_string(std::cos(i));
    const DataSet vectors = read_text("x,y,los,sigma,e_east,e_north,e_up\n0,0,1,1," + vector + "\n", parameters);
    EXPECT_LT((angles.direction[0] - vectors.direction[0]).norm(), 2e-6) << look;
    EXPECT_NEAR(vectors.direction[0].norm(), 1., 1e-15);
    EXPECT_EQ(angles.direction[0][0] < 0, look == "right");
  }
}

TEST(DataSet, SigmaHasRelativeErrorAndFloors)
{
  auto parameters = set_parameters("set", "mm/yr");
  parameters.relative_error = 0.1;
  parameters.floor = "2 mm/yr";
  parameters.vertical_floor = "6 mm/yr";
  const std::string text = "x,y,east,up,sigma_east,sigma_up\n0,0,-40,40,3,3\n1,0,1,1,0.1,0.1\n";
  DataSet set = read_text(text, parameters);
  EXPECT_TRUE(set.rate);
  EXPECT_NEAR(set.sigma[0], 5e-3, 1e-17); // 3, 4 -> 5
  EXPECT_NEAR(set.sigma[1], 6e-3, 1e-17);
  EXPECT_NEAR(set.sigma[2], 2e-3, 1e-17);
  EXPECT_NEAR(set.sigma[3], 6e-3, 1e-17);

  parameters.vertical_floor = "";
  EXPECT_NEAR(read_text(text, parameters).sigma[3], 2e-3, 1e-17);
  parameters.sigma = "3 cm";
  parameters.relative_error = 0;
  EXPECT_NEAR(read_text(text, parameters).sigma[2], 3e-2, 1e-17);
  EXPECT_EQ(error_of("x,y,up\n0,0,1\n", parameters), "");
}

TEST(DataSet, TinyNumbersKeepTheirSigma)
{
  auto parameters = set_parameters("set");
  parameters.relative_error = 0.1;
  const DataSet set = read_text("x,y,up,sigma_up\n0,0,40e-160,3e-160\n", parameters);
  EXPECT_NEAR(set.sigma[0] / 5e-160, 1, 1e-14);
}

TEST(DataSet, GeographicPositions)
{
  const GeographicProjection projection(-164.6, 54.6);
  const DataSet set =
      read_text("lat,lon,height,up,sigma_up\n54.6,-164.6,12,1,1\n54.7,-164.6,200,1,1\n54.5,-164.5,7,nan,1\n",
                set_parameters("set"), &projection);
  ASSERT_EQ(set.n_rows(), 2u);
  EXPECT_TRUE(set.geographic);
  EXPECT_EQ(set.ignored_heights, 3u);
  EXPECT_EQ(set.ignored_rows, 1u);
  EXPECT_NEAR(set.row_points[0][0], 0, 1e-6);
  EXPECT_NEAR(set.row_points[1][1], 11132, 15); // a tenth of a degree
  EXPECT_EQ(set.row_lonlat[1][1], 54.7);
  expect_in(error_of("lon,lat,up,sigma_up\n1,2,3,4\n"), {"set.csv", "no geographic origin"});
  expect_in(error_of("lon,lat,up,sigma_up\n54,-164,3,4\n", set_parameters("set"), &projection),
            {"set.csv:2", "exchanged"});
}

// 195.4 degrees east is 164.6 degrees west: the same place, and so a duplicate.
TEST(DataSet, LongitudesATurnAwayAreTheSamePlace)
{
  const GeographicProjection projection(-164.6, 54.6);
  const auto set =
      read_text("lon,lat,up,sigma_up\n195.5,54.61,1,1\n-164.4,54.61,1,1\n", set_parameters("gnss"), &projection);
  const auto xy = projection.to_model(-164.5, 54.61);
  EXPECT_EQ(set.row_points[0][0], xy[0]);
  EXPECT_EQ(set.row_points[0][1], xy[1]);
  EXPECT_THROW(
      read_text("lon,lat,up,sigma_up\n195.5,54.61,1,1\n-164.5,54.61,1,1\n", set_parameters("gnss"), &projection),
      InputError);
}

TEST(DataSet, SectionsHaveXAlone)
{
  const DataSet set = read_text("x,z,east,sigma_east\n5,-3,1,1\n6,nan,1,1\n", set_parameters("set"));
  EXPECT_TRUE(set.section);
  EXPECT_EQ(set.row_points[0][2], -3.);
  EXPECT_TRUE(std::isnan(set.row_points[1][2]));
}

TEST(DataSet, UnitsInTheHeaderMustAgree)
{
  const std::string rows = "\n0,0,1,1\n";
  const auto mm = set_parameters("set", "mm"), rate = set_parameters("set", "mm/yr");
  EXPECT_EQ(error_of("x,y,up_mm,sigma_up [mm]" + rows, mm), "");
  EXPECT_EQ(error_of("# units: mm / year\nx [m],y (m),up_mm_yr,sigma_up [mm/a]" + rows, rate), "");
  expect_in(error_of("x,y,up [mm],sigma_up" + rows), {"set.csv", "\"up\"", "\"mm\"", "\"m\"", "Set Units"});
  expect_in(error_of("x,y,up,sigma_up_mm/yr" + rows, mm), {"sigma_up_mm/yr", "\"mm/yr\"", "\"mm\""});
  expect_in(error_of("# units: cm\nx,y,up,sigma_up" + rows, mm), {"comment", "\"cm\""});
  expect_in(error_of("x_km,y,up,sigma_up" + rows), {"x_km", "read in m"});
}

TEST(DataSet, RefusesBadRows)
{
  const std::string up = "x,y,up,sigma_up\n", los = "x,y,los,sigma,e_east,e_north,e_up\n",
                    angles = "x,y,los,sigma,incidence,heading\n";
  expect_in(error_of(up + "0,0,1,1\nnan,0,1,1\n"), {"set.csv:3", "position", "nan"});
  expect_in(error_of(up + "0,0,1,1\n5,5,1,1\n0,0,2,1\n"),
            {"set.csv:4", "x = 0 m, y = 0 m", "set.csv:2", "Every point"});
  expect_in(error_of(up + "0,0,1,0\n"), {"set.csv:2", "sigma_up is 0"});
  expect_in(error_of(up + "0,0,1,-2\n"), {"set.csv:2", "sigma_up is -2"});
  expect_in(error_of(up + "0,0,1,nan\n"), {"set.csv:2", "sigma_up is nan"});
  expect_in(error_of(up + "0,0,inf,1\n"), {"set.csv:2", "up is inf"});
  expect_in(error_of(up + "0,0,one,1\n"), {"set.csv:2", "one"});
  expect_in(error_of(up), {"set.csv", "no rows"});
  expect_in(error_of(up + "0,0,nan,1\n"), {"set.csv", "no row"});
  expect_in(error_of(los + "0,0,1,1,0,0,0\n"), {"set.csv:2", "length 0"});
  expect_in(error_of(los + "0,0,1,1,0.6,0,0.9\n"), {"set.csv:2", "length 1.08"});
  expect_in(error_of(angles + "0,0,1,1,95,0\n"), {"set.csv:2", "incidence is 95"});
  expect_in(error_of(angles + "0,0,1,1,35,nan\n"), {"set.csv:2"});
  EXPECT_EQ(error_of("x,y,z,up,sigma_up\n0,0,-1,1,1\n0,0,-2,1,1\n"), ""); // two depths are two points
}

TEST(DataSet, RefusesBadHeaders)
{
  expect_in(error_of("x,y,upp,sigma_up\n0,0,1,1\n"), {"set.csv", "\"upp\"", "did you mean \"up\""});
  expect_in(error_of("x,y,up\n0,0,1\n"), {"up without sigma_up"});
  expect_in(error_of("x,y,up,sigma_east\n0,0,1,1\n"), {"sigma_east without east"});
  expect_in(error_of("x,y,los,sigma\n0,0,1,1\n"), {"los without its direction"});
  expect_in(error_of("x,y,los,sigma,e_east,e_up\n0,0,1,1,0,1\n"), {"los without its direction"});
  expect_in(error_of("x,y,los,sigma,e_east,e_north,e_up,heading\n0,0,1,1,0,0,1,3\n"), {"twice"});
  expect_in(error_of("x,y,los,sigma,up,sigma_up,incidence,heading\n0,0,1,1,1,1,1,1\n"), {"both los and components"});
  expect_in(error_of("x,y\n0,0\n"), {"no value column"});
  expect_in(error_of("up,sigma_up\n0,0\n"), {"no position"});
  expect_in(error_of("lon,up,sigma_up\n0,0,1\n"), {"lon without lat"});
  expect_in(error_of("lon,lat,x,up,sigma_up\n0,0,0,0,1\n"), {"both geographic and Cartesian"});
  expect_in(error_of("y,up,sigma_up\n0,0,1\n"), {"y without x"});
  expect_in(error_of("x,y,up,up_m,sigma_up\n0,0,1,1,1\n"), {"given twice"});
}

TEST(DataSet, UnknownColumnsAreIgnoredAndNamed)
{
  const DataSet set = read_text("TIME,X,Y,alt,Up,SIGMA_UP,quality\n2015.5,1,2,99,3,1,good\n", set_parameters("set"));
  EXPECT_EQ(set.ignored_columns, (std::vector<std::string>{"time", "alt", "quality"}));
  EXPECT_EQ(set.value, (std::vector<double>{3}));
  EXPECT_NE(describe(set, 0, 1).find("columns ignored: time, alt, quality"), std::string::npos) << describe(set, 0, 1);
  // "alt" is near "lat", which the file has; here it has not.
  expect_in(error_of("lon,alt,up,sigma_up\n0,0,1,1\n"), {"\"alt\"", "did you mean \"lat\"", "Columns"});
  expect_in(error_of("x,y,up,sgima_up\n0,0,1,1\n"), {"\"sgima_up\"", "did you mean \"sigma_up\""});
  expect_in(error_of("x,y,up,su\n0,0,1,1\n"), {"up without sigma_up", "not known are su"});
  expect_in(error_of("longitude,latitude,up,sigma_up\n0,0,1,1\n"), {"no position", "longitude, latitude"});
}

TEST(DataSet, PlacesWithoutValuesArePredictedAt)
{
  auto parameters = set_parameters("set", "mm");
  parameters.sigma = "2";
  const auto components = [&](const std::string &text) {
    const DataSet set = read_text(text, parameters);
    EXPECT_FALSE(set.observed) << text;
    EXPECT_EQ(set.sigma, std::vector<double>(set.n_data(), 2e-3)) << text;
    EXPECT_EQ(set.value, std::vector<double>(set.n_data(), 0.)) << text;
    return set.component;
  };
  using Components = std::vector<unsigned int>;
  EXPECT_EQ(components("name,x,y,z\nA,1,2,nan\nB,3,4,-5\n"), (Components{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(components("x\n1\n2\n"), (Components{0, 2, 0, 2}));
  EXPECT_EQ(components("x,y,incidence,heading\n1,2,35,-12\n"), (Components{3}));
  EXPECT_EQ(components("x,y,e_east,e_north,e_up\n1,2,0.6,0,0.8\n"), (Components{3}));
  EXPECT_EQ(components("x,y,sigma_up\n1,2,7\n"), (Components{2}));

  // The file that is written holds what the file had, and can be inverted.
  parameters.sigma = "";
  const DataSet levelling = read_text("name;x;y;height;sigma_up\nA;1;2;500;0,5\nB;3;4;700;0,25\n", parameters);
  const std::string text = levelling.source->contents(levelling, DataVector{4e-3, -5e-3});
  EXPECT_EQ(text, "# units: mm\nname,x,y,height,sigma_up,up\nA,1,2,500,0.5,4\nB,3,4,700,0.25,-5\n");
  const DataSet again = read_text(text, parameters);
  EXPECT_TRUE(again.observed);
  EXPECT_EQ(again.sigma, levelling.sigma);
  EXPECT_EQ(again.value, (std::vector<double>{4e-3, -5e-3}));
  parameters.sigma = "2";
  expect_in(error_of("x,y,incidence\n1,2,35\n", parameters), {"los without its direction"});
}

TEST(DataSet, LongitudesAndLatitudesThatAreExchangedAreFound)
{
  const GeographicProjection naples(14.25, 40.8), here(-164.6, 54.6);
  const auto error = [](const std::string &rows, const GeographicProjection &projection) {
    return error_of("lon,lat,up,sigma_up\n" + rows, set_parameters("set"), &projection);
  };
  expect_in(error("40.8,14.3,1,1\n40.9,14.2,1,1\n", naples),
            {"set.csv:2", "look exchanged", "40.8", "14.3", "14.25, 40.8"});
  expect_in(error("54.6,-164.5,1,1\n", here), {"set.csv:2", "-164.5", "no place on Earth", "exchanged"});
  expect_in(error("54.6,195.4,1,1\n", here), {"set.csv:2", "195.4", "no place on Earth", "exchanged"});
  EXPECT_EQ(error("14.3,40.8,1,1\n-345.7,40.9,1,1\n", naples), "");
  EXPECT_EQ(error("195.4,54.6,1,1\n", here), "");
  EXPECT_EQ(error("17,43,1,1\n", naples), "");
  // Where longitude and latitude are nearly equal, both orders are near.
  EXPECT_EQ(error("40.3,40.9,1,1\n", GeographicProjection(40.8, 40.4)), "");
}

TEST(DataSet, ColumnsOfAFileWithoutHeader)
{
  const std::string directory = ::testing::TempDir();
  std::ofstream(directory + "/headerless.dat") << "# by hand\nA 1 2 9 3 1.5D-1\nB 4 5 9 6 0.2\n";
  auto parameters = set_parameters("set", "mm");
  parameters.file = "headerless.dat";
  parameters.where = "Load cases/a/set";
  const DataContext context{directory, nullptr, MPI_COMM_SELF, 3};
  const auto error = [&] {
    try
    {
      read_data_set(parameters, context);
    }
    catch (const InputError &found)
    {
      return std::string(found.what());
    }
    return std::string();
  };
  expect_in(error(), {"headerless.dat:2", "found the number 1", "Load cases/a/set/Columns"});
  parameters.columns = "name, x, y, -, up, sigma_up [cm]";
  expect_in(error(), {"\"cm\"", "\"mm\""});
  parameters.columns = "name, x, y, -, up, sigma_up";
  const DataSet set = read_data_set(parameters, context);
  EXPECT_EQ(set.row_name, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(set.value, (std::vector<double>{3e-3, 6e-3}));
  EXPECT_NEAR(set.sigma[0], 1.5e-4, 1e-18);
  EXPECT_EQ(set.location(1), directory + "/headerless.dat:3");
  parameters.columns = "name, x, y, -, -, -";
  parameters.sigma = "1";
  EXPECT_FALSE(read_data_set(parameters, context).observed);
  parameters.must_be_observed = true;
  expect_in(error(), {"headerless.dat", "no observed values", "lodestone forward"});
  std::remove((directory + "/headerless.dat").c_str());
}

TEST(DataSet, RefusesBadEntries)
{
  const std::string text = "x,y,up,sigma_up\n0,0,1,1\n";
  const auto with = [&](const auto &change) {
    auto parameters = set_parameters("set");
    parameters.where = "Load cases/a/set";
    change(parameters);
    return error_of(text, parameters);
  };
  expect_in(with([](auto &p) { p.units = "inch"; }), {"Load cases/a/set/Units", "inch", "mm/yr"});
  expect_in(with([](auto &p) { p.nuisance = "slope"; }), {"Nuisance", "slope"});
  expect_in(with([](auto &p) { p.look = "up"; }), {"Look", "right, left"});
  expect_in(with([](auto &p) { p.outside_points = "keep"; }), {"Outside points", "error, drop"});
  expect_in(with([](auto &p) { p.weight = 0; }), {"Weight"});
  expect_in(with([](auto &p) { p.relative_error = -1; }), {"Relative error"});
  expect_in(with([](auto &p) { p.sigma = "0 mm"; }), {"Sigma", "zero"});
  expect_in(with([](auto &p) { p.floor = "1 mm/yr"; }), {"Floor", "Units"});
  expect_in(with([](auto &p) { p.floor = "-1 mm"; }), {"Floor", "-1 mm"});
  expect_in(with([](auto &p) { p.floor = "1 kg"; }), {"Floor"});
  expect_in(with([](auto &p) { p.shared_nuisance = "frame"; }), {"Shared nuisance", "frame"});
  expect_in(with([](auto &p) { p.file = ""; }), {"File"});
}

TEST(DataSet, EntriesReachTheParameters)
{
  DataSet::Parameters parameters;
  dealii::ParameterHandler handler;
  parameters.add_parameters(handler);
  handler.parse_input_from_string("set File = a.csv\nset Units = mm/yr\nset Nuisance = ramp\nset Weight = 2\n"
                                  "set Shared nuisance = frame\nset Sigma = 1 mm/yr\nset Outside points = drop\n");
  parameters.validate();
  EXPECT_EQ(parameters.file, "a.csv");
  EXPECT_TRUE(parameters.rate);
  EXPECT_EQ(parameters.unit, 1e-3);
  EXPECT_EQ(parameters.nuisance_kind.surface, Nuisance::Surface::ramp);
  EXPECT_EQ(parameters.look_side, Look::right);
  EXPECT_EQ(parameters.weight, 2.);
  EXPECT_NEAR(parameters.sigma_value, 1e-3, 1e-18);
  EXPECT_TRUE(parameters.drop_outside);
}

// A plain number is in Units, as the numbers of the file are.
TEST(DataSet, StandardDeviationsWithoutUnitAreInUnits)
{
  auto parameters = set_parameters("set", "mm/yr");
  parameters.sigma = "3";
  parameters.floor = " 2 ";
  parameters.vertical_floor = "0.5 cm/yr";
  parameters.validate();
  EXPECT_NEAR(parameters.sigma_value, 3e-3, 1e-18);
  EXPECT_NEAR(parameters.floor_value, 2e-3, 1e-18);
  EXPECT_NEAR(parameters.vertical_floor_value, 5e-3, 1e-18);
  parameters.units = "cm/yr";
  parameters.vertical_floor = "";
  parameters.validate();
  EXPECT_NEAR(parameters.sigma_value, 3e-2, 1e-17);
  EXPECT_NEAR(parameters.vertical_floor_value, 2e-2, 1e-17);
  EXPECT_EQ(read_text("x,y,up\n0,0,1\n", parameters).sigma[0], parameters.sigma_value);
  parameters.floor = "-1";
  EXPECT_THROW(parameters.validate(), InputError);
  parameters.floor = "nan";
  EXPECT_THROW(parameters.validate(), InputError);
}

// What the template says is allowed and what a deck may hold are the same numbers.
TEST(DataSet, WeightsAreAboveZero)
{
  DataSet::Parameters parameters;
  dealii::ParameterHandler handler;
  parameters.add_parameters(handler);
  EXPECT_NE(parameter_text(handler, "").find("Allowed: a number above 0\nset Weight"), std::string::npos);
  for (const std::string refused : {"0", "-1", "nan", "inf", "one"})
    EXPECT_THROW(handler.set("Weight", refused), dealii::ParameterHandler::ExcValueDoesNotMatchPattern) << refused;
  handler.set("Weight", "0.05");
  EXPECT_EQ(handler.get_double("Weight"), 0.05);
}

TEST(DataSet, FilesAreRelativeToTheDeck)
{
  const std::string directory = ::testing::TempDir();
  std::ofstream(directory + "/relative_set.csv") << "x,y,up,sigma_up\n0,0,1,1\n";
  auto parameters = set_parameters("relative_set");
  const DataContext context{directory, nullptr, MPI_COMM_SELF, 3};
  EXPECT_EQ(read_data_set(parameters, context).n_data(), 1u);
  std::remove((directory + "/relative_set.csv").c_str());
  EXPECT_THROW(read_data_set(parameters, context), InputError);
}

TEST(DataSet, RowsCanBeRemoved)
{
  DataSet set = testing::gnss("none");
  remove_rows(set, {0, 2});
  ASSERT_EQ(set.n_rows(), 2u);
  ASSERT_EQ(set.n_data(), 5u);
  EXPECT_EQ(set.row, (std::vector<unsigned int>{0, 0, 1, 1, 1}));
  EXPECT_EQ(set.component, (std::vector<unsigned int>{0, 2, 0, 1, 2}));
  EXPECT_EQ(set.row_name, (std::vector<std::string>{"BBBB", "DDDD"}));
  EXPECT_NEAR(set.value[0], -3.3e-3, 1e-18);
  EXPECT_NEAR(set.value[4], 2.2e-3, 1e-18);
  EXPECT_EQ(set.location(0), "gnss.csv:3");
  EXPECT_EQ(set.location(1), "gnss.csv:5");
}

// A set of which rows were removed is the set that a file without these rows makes: every entry, and the standard
// deviation of a prediction, which follows from the row's own sigma (mm, by hand: hypot(3, 0.1 * 40) = 5, floor 2,
// hypot(6, 0.1 * 80) = 10).
TEST(DataSet, RemovedRowsLeaveTheSetOfTheOthers)
{
  const GeographicProjection projection(-164.6, 54.6);
  auto parameters = set_parameters("set", "mm");
  parameters.relative_error = 0.1;
  parameters.floor = "2 mm";
  const std::string header = "name,lon,lat,los,sigma,incidence,heading\n";
  const std::vector<std::string> rows = {"a,-164.6,54.6,10,1,30,-11\n", "b,-164.5,54.6,40,3,35,-12\n",
                                         "c,-164.4,54.7,30,9,36,190\n", "d,-164.3,54.5,1,0.1,37,191\n",
                                         "e,-164.2,54.4,80,6,38,-13\n", "f,-164.1,54.4,2,7,39,-13\n"};
  std::string all = header;
  for (const auto &row : rows)
    all += row;
  DataSet set = read_text(all, parameters, &projection);
  remove_rows(set, {5, 0, 2});
  const DataSet rest = read_text(header + rows[1] + rows[3] + rows[4], parameters, &projection);
  ASSERT_EQ(set.n_data(), 3u);
  EXPECT_EQ(set.row, rest.row);
  EXPECT_EQ(set.component, rest.component);
  EXPECT_EQ(set.direction, rest.direction);
  EXPECT_EQ(set.value, rest.value);
  EXPECT_EQ(set.sigma, rest.sigma);
  EXPECT_EQ(set.own_sigma, rest.own_sigma);
  EXPECT_EQ(set.row_lonlat, rest.row_lonlat);
  EXPECT_EQ(set.row_name, rest.row_name);
  EXPECT_EQ(set.row_record, (std::vector<unsigned int>{1, 3, 4}));
  EXPECT_EQ(set.location(2), "set.csv:6");
  EXPECT_EQ(set.source->contents(set, set.value), rest.source->contents(rest, rest.value));
  for (unsigned int i = 0; i < 3; ++i)
    EXPECT_EQ(set.row_points[i][0], rest.row_points[i][0]);
  const double predicted[] = {40e-3, 1e-3, 80e-3}, sigma[] = {5e-3, 2e-3, 10e-3};
  for (unsigned int i = 0; i < 3; ++i)
    EXPECT_NEAR(set.sigma_at(i, predicted[i]), sigma[i], 1e-17) << i;
}

} // namespace
} // namespace lodestone
