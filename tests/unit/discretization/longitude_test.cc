// Longitudes a whole turn away are the same meridian: expected values are the given ones plus or minus 360, by hand.
#include <lodestone/base/error.h>
#include <lodestone/discretization/geographic.h>
#include <lodestone/discretization/longitude.h>

#include <gtest/gtest.h>

using namespace lodestone;

namespace
{

std::string message_of(const std::function<void()> &action)
{
  try
  {
    action();
  }
  catch (const InputError &error)
  {
    return error.what();
  }
  return "no error";
}

/// The longitudes of a folded grid, in the order of its rows, which stand at one latitude.
std::vector<double> folded(const std::vector<double> &longitudes, const double origin, double *centre = nullptr)
{
  std::string text = "lon,lat,p\n";
  for (const double longitude : longitudes)
    text += std::to_string(longitude) + ",10,1\n";
  CsvTable table = CsvTable::from_text(text);
  const double found = fold_longitude_grid(table, origin);
  if (centre != nullptr)
    *centre = found;
  std::vector<double> result;
  for (std::size_t row = 0; row < table.size(); ++row)
    result.push_back(table.number(row, "lon"));
  return result;
}

using Numbers = std::vector<double>;

} // namespace

TEST(Longitude, ComesWithin180DegreesOfTheCentre)
{
  EXPECT_EQ(longitude_near(243.5, -116.5), -116.5);
  EXPECT_EQ(longitude_near(-116.5, 243.5), 243.5);
  EXPECT_EQ(longitude_near(359, 0), -1);
  EXPECT_EQ(longitude_near(-179, 180), 181);
  EXPECT_EQ(longitude_near(179, -180), -181);
  EXPECT_EQ(longitude_near(-179, 181), 181);
  EXPECT_EQ(longitude_near(180, 0), 180);
  EXPECT_EQ(longitude_near(-180, 0), 180);
  EXPECT_EQ(longitude_near(-360, 0), 0);
  EXPECT_EQ(longitude_near(0.1, -116.5), 0.1); // as it is, bit for bit
}

// Every position goes through one function: the point a turn away is the same point, bit for bit; PROJ gives back
// longitudes within 180 degrees of 0, the projection those near its origin.
TEST(Longitude, ProjectionTakesAndGivesThoseNearItsOrigin)
{
  for (const double origin : {-116.5, 0., 180., -180., 181., 243.5})
  {
    const GeographicProjection projection(origin, 33);
    for (const double step : {-1., -0.25, 0.25, 1.})
    {
      const double longitude = longitude_near(origin + step, 0);
      const auto xy = projection.to_model(longitude, 33.5);
      EXPECT_EQ(xy, projection.to_model(longitude < 0 ? longitude + 360 : longitude - 360, 33.5));
      EXPECT_EQ(xy[0] > 0, step > 0) << origin << " " << step;
      EXPECT_NEAR(projection.to_geographic(xy)[0], origin + step, 1e-10);
    }
  }
}

TEST(Longitude, GridsAreFoldedAboutTheOrigin)
{
  EXPECT_EQ(folded({243, 243.5, 244}, -116.5), (Numbers{-117, -116.5, -116}));
  EXPECT_EQ(folded({359, 0, 1}, 0), (Numbers{-1, 0, 1}));
  for (const double origin : {180., 181.})
    EXPECT_EQ(folded({179, -179}, origin), (Numbers{179, 181}));
  EXPECT_EQ(folded({179, -179}, -180), (Numbers{-181, -179}));
  EXPECT_EQ(folded({10, 11, 12}, 11), (Numbers{10, 11, 12}));
}

// A grid round the world has its seam across from the origin, and one row of the meridian that it gives twice.
TEST(Longitude, GridsRoundTheWorldHaveEachMeridianOnce)
{
  EXPECT_EQ(folded({0, 90, 180, 270, 360}, 0), (Numbers{0, 90, 180, -90}));
  EXPECT_EQ(folded({-180, -90, 0, 90, 180}, 100), (Numbers{180, 270, 0, 90}));
  EXPECT_EQ(folded({0, 90, 180, 270}, -116.5), (Numbers{0, -270, -180, -90}));
  const std::string text = message_of([] {
    CsvTable table = CsvTable::from_text("lon,lat,p\n-180,10,1\n0,10,2\n180,10,3\n", "ice.csv");
    (void)fold_longitude_grid(table, 0);
  });
  for (const char *part : {"ice.csv:4", "the longitude 180 is that of line 2, -180", "values differ"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

// A grid across the world from the origin stays in one piece: torn at 180, its interval from -160 to 100 would put a
// load under the model.
TEST(Longitude, GridsElsewhereStayInOnePiece)
{
  double centre = 0;
  EXPECT_EQ(folded({100, 140, 180, 200}, 0, &centre), (Numbers{100, 140, 180, 200}));
  EXPECT_EQ(centre, 150);
  EXPECT_EQ(longitude_near(0, centre), 0); // off the grid
}

TEST(Longitude, BadOnesAreNamed)
{
  const std::string text = message_of([] {
    CsvTable table = CsvTable::from_text("lon,lat,p\n0,10,1\n400,10,2\n", "ice.csv");
    fold_longitudes(table, 0);
  });
  EXPECT_NE(text.find("ice.csv:3"), std::string::npos) << text;
  EXPECT_NE(text.find("-360 and 360"), std::string::npos) << text;
  CsvTable in_metres = CsvTable::from_text("x,y\n0,1\n");
  fold_longitudes(in_metres, 0); // has none
  EXPECT_EQ(in_metres.number(0, "x"), 0);
}

// Rows as programs write them, longitudes fastest: each latitude's 360 is compared with its own 0.
TEST(Longitude, AMeridianGivenTwiceIsMergedAtEveryLatitude)
{
  const auto table_of = [](const double wrong) {
    std::string text = "lon,lat,p\n";
    for (const int latitude : {10, 20, 30})
      for (const int longitude : {0, 120, 240, 360})
        text += std::to_string(longitude) + "," + std::to_string(latitude) + "," +
                std::to_string(longitude % 360 + latitude + (longitude == 360 && latitude == 20 ? wrong : 0)) + "\n";
    return CsvTable::from_text(text);
  };
  CsvTable table = table_of(0);
  fold_longitude_grid(table, 0);
  ASSERT_EQ(table.size(), 9u);
  for (std::size_t row = 0; row < table.size(); ++row)
    EXPECT_EQ(table.number(row, "p"), std::fmod(table.number(row, "lon") + 360, 360) + table.number(row, "lat"));
  CsvTable different = table_of(1);
  const std::string text = message_of([&]() { fold_longitude_grid(different, 0); });
  EXPECT_NE(text.find(":9"), std::string::npos) << text;     // longitude 360, latitude 20
  EXPECT_NE(text.find("line 6"), std::string::npos) << text; // longitude 0 there
}
