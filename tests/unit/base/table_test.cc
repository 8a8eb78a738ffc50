#include <lodestone/base/error.h>
#include <lodestone/base/table.h>

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace lodestone;

TEST(DepthTable, LinearBetweenRowsConstantOutside)
{
  const DepthTable table(CsvTable::from_text("depth [km],young [GPa],poisson\n0,10,0.25\n2,30,0.3\n4,30,0.3\n"));
  const unsigned int young = table.column("young");
  EXPECT_DOUBLE_EQ(table.value(young, -5), 10e9);
  EXPECT_DOUBLE_EQ(table.value(young, 500), 15e9);
  EXPECT_DOUBLE_EQ(table.value(young, 2000), 30e9);
  EXPECT_DOUBLE_EQ(table.value(young, 9e9), 30e9);
  EXPECT_DOUBLE_EQ(table.value(table.column("poisson"), 1000), 0.275);
  EXPECT_THROW(table.column("bulk"), InputError);
  EXPECT_FALSE(table.has("depth"));
}

TEST(DepthTable, EndsAreTheFirstAndTheLastRow)
{
  const DepthTable table(CsvTable::from_text("depth,young,poisson\n100,1,0.1\n200,2,0.2\n300,4,0.4\n"));
  const DepthTable one(CsvTable::from_text("depth,young\n100,7\n"));
  for (const double outside : {1e-9, 1., 1e6})
  {
    EXPECT_EQ(table.value(0, 100 - outside), 1);
    EXPECT_EQ(table.value(1, 100 - outside), 0.1);
    EXPECT_EQ(table.value(0, 300 + outside), 4);
    EXPECT_EQ(table.value(1, 300 + outside), 0.4);
    EXPECT_EQ(one.value(0, 100 - outside), 7);
    EXPECT_EQ(one.value(0, 100 + outside), 7);
  }
  EXPECT_EQ(table.value(0, 100), 1);
  EXPECT_EQ(table.value(0, 300), 4);
}

TEST(DepthTable, EqualDepthsAreAJump)
{
  const DepthTable table(CsvTable::from_text("young,depth\n1,0\n1,10\n5,10\n5,20\n"));
  EXPECT_EQ(table.value(0, 9.999999), 1);
  EXPECT_EQ(table.value(0, 10), 5);
  EXPECT_EQ(table.value(0, 15), 5);
}

TEST(DepthTable, RefusesUnsortedAndNan)
{
  for (const char *text : {"depth,e\n0,1\n-1,2\n", "depth,e\n0,nan\n", "depth,e\nnan,1\n", "depth,e\n", "z,e\n0,1\n",
                           "depth,e\n1,1\n1,2\n1,3\n", "depth,e [furlong]\n0,1\n"})
    EXPECT_THROW(DepthTable(CsvTable::from_text(text)), InputError) << text;
}

TEST(DepthTable, ChecksColumnsThatAreKnown)
{
  const std::map<std::string, TableColumn> known = {{"young", {Quantity::pressure, 0, 1e99}},
                                                    {"poisson", {Quantity::number, -1, 0.5}}};
  const auto table = [&](const std::string &text, const std::string &wanted = "young") {
    return DepthTable(CsvTable::from_text(text, "depth.csv"), wanted, known);
  };
  const auto error = [&](const std::string &text, const std::string &wanted = "young") {
    try
    {
      table(text, wanted);
    }
    catch (const InputError &found)
    {
      return std::string(found.what());
    }
    return std::string("no error");
  };
  const auto expect = [](const std::string &message, const std::vector<std::string> &parts) {
    for (const auto &part : parts)
      EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  const DepthTable both = table("Depth [km],vp,Poisson,Young [GPa]\n0,fast,0.2,1\n1,slow,0.3,2\n");
  EXPECT_EQ(both.value(both.wanted(), 1e3), 2e9);
  EXPECT_EQ(both.ignored(), (std::vector<std::string>{"vp"}));
  const DepthTable only = table("depth,E [GPa]\n0,1\n1,2\n");
  EXPECT_EQ(only.value(only.wanted(), 0), 1e9);
  expect(error("depth,young [m]\n0,1\n"), {"depth.csv: column young", "'m'", "Pa, kPa, MPa, GPa"});
  expect(error("depth,E [m]\n0,1\n"), {"depth.csv: column e", "'m'", "GPa"});
  expect(error("depth [Pa],young\n0,1\n"), {"depth.csv: column depth", "'Pa'", "m, km"});
  expect(error("depth,young,poisson [GPa]\n0,1,0.2\n"), {"depth.csv: column poisson", "'GPa'"});
  expect(error("depth,young\n0,-10\n5,1\n"), {"depth.csv:2", "-10", "above 0"});
  expect(error("depth,young,poisson\n0,1,0.2\n5,1,0.5\n"), {"depth.csv:3", "0.5", "above -1 and below 0.5"});
  expect(error("depth,poisson\n0,0.2\n"), {"there is no column young"});
  expect(error("depth,yuong,poisson\n0,1,0.2\n"), {"column yuong", "did you mean \"young\""});
}

TEST(GridTable, UnitsMustFit)
{
  const auto error = [](const std::string &text, const Quantity quantity) {
    try
    {
      GridTable(CsvTable::from_text(text, "ice.csv"), OutsideGrid::zero, 1, quantity, "An advice.");
    }
    catch (const InputError &found)
    {
      return std::string(found.what());
    }
    return std::string("no error");
  };
  const std::string rows = "\n0,0,1\n1,0,1\n0,1,1\n1,1,1\n";
  EXPECT_EQ(error("x,y,height [m]" + rows, Quantity::pressure),
            "ice.csv: column height: the unit 'm' does not fit. Expected is Pa, kPa, MPa, GPa. An advice.");
  EXPECT_EQ(error("x,y,height [kPa]" + rows, Quantity::length),
            "ice.csv: column height: the unit 'kPa' does not fit. Expected is m, km, cm, mm. An advice.");
  EXPECT_EQ(error("x,y,height [cm]" + rows, Quantity::length), "no error");
  EXPECT_NE(error("x [deg],y,p" + rows, Quantity::pressure).find("column x: the unit 'deg'"), std::string::npos);
  EXPECT_NE(error("lon [m],lat,p" + rows, Quantity::pressure).find("column lon: the unit 'm'"), std::string::npos);
}

TEST(PointTable, UnitsMustFit)
{
  const auto read = [](const std::string &header) {
    return PointTable(CsvTable::from_text(header + "\n0,0,1,1\n"), Scattered::nearest, Quantity::pressure);
  };
  EXPECT_EQ(read("x [km],y,z,p [kPa]").value(dealii::Point<3>(0, 0, 0)), 1e3);
  for (const char *header : {"x,y,z,p [m]", "x,y,z [Pa],p", "lon [m],lat,z,p", "x [deg],y,z,p"})
    EXPECT_THROW(read(header), InputError) << header;
}

TEST(GridTable, BilinearOnRectilinearNodesInAnyOrder)
{
  // a function that bilinear interpolation reproduces
  const auto exact = [](double x, double y) { return 2 + 3 * x - y + 0.5 * x * y; };
  std::vector<std::string> rows;
  for (const double x : {-1., 0., 2.5, 7.})
    for (const double y : {10., 11., 15.})
      rows.push_back(std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(exact(x, y)) + "\n");
  std::shuffle(rows.begin(), rows.end(), std::mt19937(3));
  std::string text = "lon,lat,load\n";
  for (const auto &row : rows)
    text += row;
  const GridTable table(CsvTable::from_text(text));
  EXPECT_EQ(table.coordinate_names()[0], "lon");
  EXPECT_EQ(table.coordinate_names()[1], "lat");
  for (const double x : {-1., -0.3, 1.7, 2.5, 6.99, 7.})
    for (const double y : {10., 10.9, 11., 14.2, 15.})
      EXPECT_NEAR(table.value(x, y), exact(x, y), 1e-12);
  EXPECT_EQ(table.value(7.001, 11), 0);
  EXPECT_EQ(table.value(1, 9.999), 0);
  EXPECT_EQ(table.value(std::nan(""), 11), 0);
  EXPECT_FALSE(table.inside(-1.1, 11));
  EXPECT_EQ(table.extent()[1][1], 15);
}

TEST(GridTable, OutsideIsAnErrorWhenAsked)
{
  const GridTable table(CsvTable::from_text("x,y,v\n0,0,1\n1,0,1\n0,1,1\n1,1,1\n"), OutsideGrid::error);
  EXPECT_EQ(table.value(1, 1), 1);
  EXPECT_THROW(table.value(1.1, 1), InputError);
}

TEST(GridTable, Profile)
{
  const GridTable table(CsvTable::from_text("x [km],p [kPa]\n0,1\n2,3\n"));
  EXPECT_TRUE(table.is_profile());
  EXPECT_DOUBLE_EQ(table.value(500, 1e9), 1500);
  EXPECT_EQ(table.value(2001, 0), 0);
}

TEST(GridTable, SeveralValues)
{
  const GridTable table(CsvTable::from_text("x,y,a [kPa],b\n0,0,1,4\n1,0,2,3\n0,1,3,2\n1,1,4,1\n"), OutsideGrid::zero,
                        2);
  EXPECT_EQ(table.value_name(1), "b");
  EXPECT_NEAR(table.value(0.5, 0.25, 0), 2000, 1e-9);
  EXPECT_NEAR(table.value(0.5, 0.25, 1), 3, 1e-15);
  const GridTable profile(CsvTable::from_text("x,a,b\n0,1,4\n2,3,6\n"), OutsideGrid::zero, 2);
  EXPECT_TRUE(profile.is_profile());
  EXPECT_NEAR(profile.value(0.5, 0, 1), 4.5, 1e-15);
  EXPECT_THROW(GridTable(CsvTable::from_text("x,a\n0,1\n1,2\n"), OutsideGrid::zero, 2), InputError);
}

TEST(GridTable, RefusesHolesAndRepeatedNodes)
{
  for (const char *text :
       {"x,y,v\n0,0,1\n1,0,1\n0,1,1\n", "x,y,v\n0,0,1\n1,0,1\n0,1,1\n1,1,1\n1,1,1\n",
        "x,y,v\n0,0,1\n1,0,nan\n0,1,1\n1,1,1\n", "x,y,v\n0,0,1\n1,0,1\n", "x,y,a,b\n0,0,1,1\n", "x,y,v\n"})
    EXPECT_THROW(GridTable(CsvTable::from_text(text)), InputError) << text;
}

namespace
{

/// Points and values in a table of text, and the same for a search by brute force.
struct Cloud
{
  explicit Cloud(const unsigned int n)
  {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> uniform(-1, 1);
    text = "x,y,z,dp [MPa]\n";
    for (unsigned int i = 0; i < n; ++i)
    {
      points.emplace_back(uniform(random), uniform(random), uniform(random));
      values.push_back(uniform(random));
      char row[200];
      std::snprintf(row, sizeof row, "%.17g,%.17g,%.17g,%.17g\n", points[i][0], points[i][1], points[i][2], values[i]);
      text += row;
    }
  }
  std::string text;
  std::vector<dealii::Point<3>> points;
  std::vector<double> values;
};

} // namespace

TEST(PointTable, NearestAgreesWithBruteForce)
{
  const Cloud cloud(500);
  const PointTable table(CsvTable::from_text(cloud.text), Scattered::nearest);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1.5, 1.5);
  for (unsigned int k = 0; k < 200; ++k)
  {
    const dealii::Point<3> p(uniform(random), uniform(random), uniform(random));
    unsigned int nearest = 0;
    for (unsigned int i = 1; i < cloud.points.size(); ++i)
      if (p.distance(cloud.points[i]) < p.distance(cloud.points[nearest]))
        nearest = i;
    EXPECT_DOUBLE_EQ(table.value(p), 1e6 * cloud.values[nearest]);
  }
}

TEST(PointTable, InverseDistanceAgreesWithBruteForceAndIsExactAtPoints)
{
  const Cloud cloud(300);
  const PointTable table(CsvTable::from_text(cloud.text));
  EXPECT_DOUBLE_EQ(table.value(cloud.points[17]), 1e6 * cloud.values[17]);
  std::mt19937 random(2);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (unsigned int k = 0; k < 100; ++k)
  {
    const dealii::Point<3> p(uniform(random), uniform(random), uniform(random));
    std::vector<std::pair<double, double>> sorted; // distance, value
    for (unsigned int i = 0; i < cloud.points.size(); ++i)
      sorted.emplace_back(p.distance(cloud.points[i]), 1e6 * cloud.values[i]);
    std::sort(sorted.begin(), sorted.end());
    double sum = 0, weights = 0;
    for (unsigned int i = 0; i < 8; ++i)
    {
      const double w = std::pow((sorted[8].first - sorted[i].first) / (sorted[8].first * sorted[i].first), 2);
      sum += w * sorted[i].second;
      weights += w;
    }
    EXPECT_NEAR(table.value(p), sum / weights, 1e-6);
  }
}

TEST(PointTable, FewPointsTwoDimensionsDepthAndMoving)
{
  PointTable table(CsvTable::from_text("lon,lat,depth,value\n0,0,1,2\n3,0,1,8\n"));
  EXPECT_EQ(table.coordinate_names()[0], "lon");
  EXPECT_DOUBLE_EQ(table.value(dealii::Point<3>(1, 0, -1)), (2 / 1. + 8 / 4.) / (1 + 1 / 4.));
  table.move_points([](const dealii::Point<3> &p) { return dealii::Point<3>(p + dealii::Point<3>(1, 0, 0)); });
  EXPECT_EQ(table.value(dealii::Point<3>(4, 0, -1)), 8);
  const PointTable section(CsvTable::from_text("x,z,value\n0,-1,2\n3,-5,8\n"), Scattered::nearest);
  EXPECT_EQ(section.value(dealii::Point<2>(2, -5)), 8);
  // all points equally far: their mean
  const PointTable ring(CsvTable::from_text("x,y,z,v\n1,0,0,1\n-1,0,0,2\n0,1,0,3\n0,-1,0,4\n0,0,1,5\n0,0,-1,6\n"
                                            "0.6,0.8,0,7\n-0.6,0.8,0,8\n0.6,-0.8,0,9\n"));
  EXPECT_DOUBLE_EQ(ring.value(dealii::Point<3>()), 5);
}

TEST(PointTable, RefusesNanAndContradictions)
{
  for (const char *text : {"x,y,z,v\n", "x,y,z,v\n0,0,0,nan\n", "x,y,z\n0,0,0\n", "x,y,z,v\n0,0,0,1\n0,0,0,2\n",
                           "x,y,z,v,w\n0,0,0,1,1\n", "x,y,v\n0,0,1\n"})
    EXPECT_THROW(PointTable(CsvTable::from_text(text)), InputError) << text;
}
