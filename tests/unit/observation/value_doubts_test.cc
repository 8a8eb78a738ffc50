#include <lodestone/base/error.h>
#include <lodestone/observation/outliers.h>
#include <lodestone/observation/value_doubts.h>

#include <gtest/gtest.h>

#include "example_sets.h"

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

/// A scene of 100 points with values 1, 2, ... mm, in which `replaced` stand in place of the first ones.
DataSet scene(const std::vector<std::string> &replaced, const std::string &no_data = "")
{
  auto parameters = set_parameters("scene", "mm");
  parameters.no_data_value = no_data;
  std::string text = "x,y,los,sigma,incidence,heading\n";
  for (unsigned int i = 0; i < 100; ++i)
    text += std::to_string(100 * (i % 10)) + "," + std::to_string(100 * (i / 10)) + "," +
            (i < replaced.size() ? replaced[i] : std::to_string(i + 1)) + ",1,36,-12\n";
  return read_text(text, parameters);
}

void expect_one(const DataSet &set, const std::string &part)
{
  const auto doubts = doubts_about_values(set);
  ASSERT_EQ(doubts.size(), 1u);
  EXPECT_NE(doubts[0].find(part), std::string::npos) << doubts[0];
}

TEST(ValueDoubts, ZerosMarkersAndFarValues)
{
  EXPECT_TRUE(doubts_about_values(scene({})).empty());
  EXPECT_TRUE(doubts_about_values(scene({"0", "0"})).empty()); // 2 %: a scene has a zero line
  expect_one(scene({"0", "0", "0"}), "3 of 100 values are exactly 0");
  expect_one(scene({"0", "0", "0"}), "set No data value = 0");
  expect_one(scene({"-9999"}), "1 of 100 values is -9999");
  expect_one(scene({"1e20", "1.00000002e+20"}), "2 of 100 values are 1e+20");
  // The median deviation of 1, ..., 100 from their median is 25: the limit is 1,000 * 1.4826 * 25 = 37,065.
  EXPECT_TRUE(doubts_about_values(scene({"36000"})).empty());
  expect_one(scene({"-38000", "38500"}), "2 of 100 values are more than 1,000 robust deviations from the median, the "
                                         "largest 38500 mm");
  // Of a set of components zeros are nothing special: a station may well stand still.
  const DataSet still =
      read_text("x,y,up,sigma_up\n0,0,0,1\n1,0,0,1\n2,0,0,1\n3,0,1,1\n", set_parameters("gnss", "mm"));
  EXPECT_TRUE(doubts_about_values(still).empty());
}

TEST(ValueDoubts, NoDataValueIsLeftOut)
{
  const DataSet set = scene({"-9999", "0", "1.00000002e+20", "nan"}, "-9999, 0, 1e20");
  EXPECT_EQ(set.n_data(), 96u);
  EXPECT_EQ(set.no_data, 3u);
  EXPECT_TRUE(doubts_about_values(set).empty());
  EXPECT_EQ(scene({"-9998"}, "-9999").n_data(), 100u);
  auto parameters = set_parameters("scene");
  parameters.no_data_value = "none";
  EXPECT_THROW(parameters.validate(), InputError);
}

TEST(ValueDoubts, PointsNextToOneAnother)
{
  EXPECT_EQ(near_duplicates(scene({})), "");
  const std::string pair = near_duplicates(read_text("x,y,up,sigma_up\n0,0,1,1\n1000,0,1,1\n0,1000,1,1\n1000,1000,1,1\n"
                                                     "2000,0,1,1\n2000,2,1,1\n2000,1000,1,1\n",
                                                     set_parameters("gnss")));
  EXPECT_NE(pair.find("2 of 7 points lie within 10 m of another one"), std::string::npos) << pair;
  EXPECT_NE(pair.find("gnss.csv:6 and gnss.csv:7, 2 m apart"), std::string::npos) << pair;
}

TEST(Outliers, CountsAndNames)
{
  auto parameters = set_parameters("gnss", "mm");
  DataSet set =
      read_text("name,x,y,east,up,sigma_east,sigma_up\nA,0,0,1,1,1,1\nB,1,0,1,1,1,1\nC,2,0,1,nan,1,1\n", parameters);
  const std::vector<double> y = {0.1, -7, 1.4, 2.2, 6};
  const DataView view(y.data(), y.size());
  EXPECT_EQ(describe(set, find_outliers(set, view), view),
            "gnss: 2 of 5 data are beyond five sigma, the worst: up at A (-7 sigma); east at C (6 sigma)");
  set.loss = {Loss::Kind::student_t, 4}; // half at |y| = 2
  EXPECT_EQ(describe(set, find_outliers(set, view), view),
            "gnss: 3 of 5 data count for less than half (Student-t with 4 degrees of freedom), the worst: up at A (-7 "
            "sigma); east at C (6 sigma); up at B (2.2 sigma)");
  const std::vector<double> fine(5, 0.5);
  const DataView good(fine.data(), 5);
  EXPECT_EQ(describe(set, find_outliers(set, good), good), "");
}

} // namespace
} // namespace lodestone
