#include <lodestone/base/error.h>
#include <lodestone/observation/data_format.h>
#include <lodestone/observation/station_grid.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>
#include <fstream>

namespace lodestone
{
namespace
{

using Coordinates = StationGrid::Coordinates;

DataSet::Parameters grid_parameters(const std::string &grid)
{
  DataSet::Parameters parameters;
  parameters.name = "gnss";
  parameters.where = "Load cases/a/gnss";
  parameters.station_grid = grid;
  parameters.units = "mm";
  parameters.sigma = "2";
  return parameters;
}

std::string message(const std::function<void()> &action)
{
  try
  {
    action();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "";
}

TEST(DataFormat, EntriesDecideWhoReads)
{
  const std::string directory = ::testing::TempDir();
  std::ofstream(directory + "/format_set.csv") << "x,y,up,sigma_up\n0,0,1,1\n0,0,1,1\n";
  std::ofstream(directory + "/format_empty.dat") << "x,y,up,sigma_up\n";
  const DataContext context{directory, nullptr, MPI_COMM_SELF, 3};
  auto csv = testing::set_parameters("format_set");
  // Checks that no format may leave out come after every reader.
  EXPECT_NE(message([&] { read_data_set(csv, context); }).find("Every point"), std::string::npos);
  csv.file = "format_empty.dat";
  EXPECT_NE(message([&] { read_data_set(csv, context); }).find("no rows"), std::string::npos);

  const DataSet grid = read_data_set(grid_parameters("-1 km, 1 km, 3, 0, 2, 2"), context);
  EXPECT_FALSE(grid.observed);
  EXPECT_EQ(grid.n_rows(), 6u);
  std::remove((directory + "/format_set.csv").c_str());
  std::remove((directory + "/format_empty.dat").c_str());
}

TEST(StationGrid, HasThreeComponentsPerStation)
{
  const DataSet set = read_data_set(grid_parameters("-1 km, 1 km, 3, 5, 20 m, 2"), {"", nullptr, MPI_COMM_SELF, 3});
  ASSERT_EQ(set.n_rows(), 6u);
  ASSERT_EQ(set.n_data(), 18u);
  EXPECT_EQ(set.row_points[1][0], 0.); // x runs faster
  EXPECT_EQ(set.row_points[5][0], 1000.);
  EXPECT_EQ(set.row_points[5][1], 20.);
  EXPECT_TRUE(std::isnan(set.row_points[5][2]));
  EXPECT_EQ(set.row[17], 5u);
  EXPECT_EQ(set.component[16], 1u);
  EXPECT_EQ(set.direction[16][1], 1.);
  EXPECT_EQ(set.value[16], 0.);
  EXPECT_EQ(set.sigma[16], 2e-3);
  EXPECT_FALSE(set.section);
  EXPECT_EQ(set.location(4), "Load cases/a/gnss/Station grid");
}

TEST(StationGrid, PredictionsAreWrittenAsCsv)
{
  for (const unsigned int dim : {2u, 3u})
  {
    const DataSet set =
        read_data_set(grid_parameters(dim == 3 ? "0, 1, 3, -2, 7, 2" : "0, 1, 3"), {"", nullptr, MPI_COMM_SELF, dim});
    EXPECT_EQ(set.section, dim == 2);
    DataVector predicted(set.n_data());
    for (unsigned int i = 0; i < predicted.size(); ++i)
      predicted[i] = 1e-3 * (i + 1);
    EXPECT_EQ(set.source->ending(), ".csv");
    const DataSet again =
        testing::read_text(set.source->contents(set, predicted), testing::set_parameters("gnss", "mm"));
    EXPECT_EQ(again.component, set.component);
    EXPECT_EQ(again.row, set.row);
    EXPECT_EQ(again.sigma, set.sigma);
    EXPECT_EQ(again.section, set.section);
    for (unsigned int i = 0; i < predicted.size(); ++i)
      EXPECT_NEAR(again.value[i], predicted[i], 1e-17);
    for (unsigned int r = 0; r < set.n_rows(); ++r)
      for (unsigned int d = 0; d < 2; ++d)
        EXPECT_EQ(again.row_points[r][d], set.row_points[r][d]);
  }
}

TEST(StationGrid, RefusesWhatIsNoGrid)
{
  const auto error = [](const std::string &text, const unsigned int dim = 3,
                        const Coordinates c = Coordinates::cartesian) {
    return message([&] { StationGrid::parse(text, "Entry", dim, c); });
  };
  const auto has = [](const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(error("1, 2, 3"), "Give six"));
  EXPECT_TRUE(has(error("1, 2, 3, 4, 5, 6", 2), "Give three"));
  EXPECT_TRUE(has(error("2, 1, 3, 4, 5, 6"), "from 2 to 1"));
  EXPECT_TRUE(has(error("1, 2, 3, 5, 5, 6"), "from 5 to 5"));
  EXPECT_EQ(error("1, 1, 1, 5, 6, 1"), "");
  EXPECT_TRUE(has(error("1, 2, 0, 5, 6, 2"), "'0' is no number of stations"));
  EXPECT_TRUE(has(error("1, 2, 2.5, 5, 6, 2"), "'2.5'"));
  EXPECT_TRUE(has(error("1 MPa, 2, 2, 5, 6, 2"), "Entry"));
  EXPECT_EQ(error("359, 1, 3, 5, 6, 2", 3, Coordinates::geographic), "");
  EXPECT_TRUE(has(error("1, 2, 3, 6, 5, 2", 3, Coordinates::geographic), "from 6 to 5"));
  EXPECT_TRUE(has(error("1 km, 2, 3, 5, 6, 2", 3, Coordinates::geographic), "Entry"));
}

// 179 to -179 in five steps is 179, 179.5, 180, 180.5, 181, and where they lie is for the projection to say.
TEST(StationGrid, LongitudesGoAcrossTheDateLine)
{
  const GeographicProjection projection(179.9, 52.);
  DataSet set;
  set.file = "Entry";
  add_stations(StationGrid::parse("179, -179, 5, 51, 52, 2", "Entry", 3, Coordinates::geographic), &projection, 1.,
               set);
  ASSERT_EQ(set.n_rows(), 10u);
  for (unsigned int r = 0; r < 10; ++r)
  {
    const double lon = 179 + 0.5 * (r % 5), lat = r < 5 ? 51 : 52;
    EXPECT_NEAR(set.row_lonlat[r][0], lon, 1e-12);
    EXPECT_EQ(set.row_lonlat[r][1], lat);
    EXPECT_LT((projection.to_model(lon > 180 ? lon - 360 : lon, lat) -
               dealii::Point<2>(set.row_points[r][0], set.row_points[r][1]))
                  .norm(),
              1e-6);
  }
  EXPECT_TRUE(set.geographic);
  EXPECT_EQ(set.source->contents(set, set.value).find("lon,lat,east,north,up"), std::string("# units: m\n").size());
}

} // namespace
} // namespace lodestone
