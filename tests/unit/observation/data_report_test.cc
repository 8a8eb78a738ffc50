#include <lodestone/base/error.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/fit_table.h>
#include <lodestone/observation/noise.h>

#include <gtest/gtest.h>

#include "example_sets.h"
#include <cmath>

namespace lodestone
{
namespace
{

using testing::read_text;
using testing::set_parameters;

TEST(DataReport, OneLineSaysWhatASetHolds)
{
  const DataSet set = testing::gnss("none");
  EXPECT_EQ(describe(set, 1, 5),
            "gnss: 11 data (east, north, up), -4.4 to 7.3 mm, sigma 0.4 to 3.3 mm, 1 of 5 points (20 %) outside "
            "the mesh");
  EXPECT_NE(describe(testing::ascending("none"), 0, 6).find("1 row without values skipped"), std::string::npos);
}

TEST(DataReport, SignStatement)
{
  // cos(38.74 degrees) = 0.78
  const DataSet asc = read_text("x,y,los,sigma,incidence,heading\n0,0,1,1,38.74,-11\n", set_parameters("asc"));
  EXPECT_EQ(sign_statement(asc).substr(0, 39), "1 cm of uplift gives +0.78 cm on asc.cs");
  EXPECT_NE(sign_statement(asc).find("east -0.61 cm"), std::string::npos);
  EXPECT_EQ(sign_statement(testing::gnss("none")), "1 cm of uplift gives +1.00 cm (up) on gnss.csv");
}

// Headings of satellites: 190 and 350 degrees, descending and ascending, give or take 25.
TEST(DataReport, DirectionsThatNoSatelliteHasAreDoubted)
{
  const auto doubts = [](const std::string &rows) {
    return doubts_about_directions(read_text("x,y,los,sigma,incidence,heading\n" + rows, set_parameters("asc")));
  };
  EXPECT_TRUE(doubts("0,0,1,1,38,-10\n1,0,1,1,23,190\n2,0,1,1,38,325\n3,0,1,1,38,-145\n").empty());
  const auto eastward = doubts("0,0,1,1,38,100\n1,0,1,1,38,80\n2,0,1,1,38,-10\n");
  ASSERT_EQ(eastward.size(), 1u);
  EXPECT_EQ(eastward[0].substr(0, 63), "of 3 directions, 2 are of a satellite that flies east or west, ");
  EXPECT_NE(eastward[0].find("90 degrees less the azimuth"), std::string::npos);
  const auto radians = doubts("0,0,1,1,0.66,-0.17\n1,0,1,1,0.6,-0.17\n");
  ASSERT_EQ(radians.size(), 1u);
  EXPECT_NE(radians[0].find("in radians?"), std::string::npos);
  const auto down = doubts_about_directions(
      read_text("x,y,los,sigma,e_east,e_north,e_up\n0,0,1,1,0.6,0,-0.8\n", set_parameters("asc")));
  ASSERT_EQ(down.size(), 1u);
  EXPECT_EQ(down[0].substr(0, 33), "of 1 direction, 1 is downward. Th");
  EXPECT_TRUE(doubts_about_directions(testing::gnss("none")).empty());
}

TEST(DataReport, FitStatistics)
{
  const DataSet set = read_text("x,y,east,up,sigma_east,sigma_up\n0,0,3,4,1,2\n1,1,5,nan,1,1\n", set_parameters("s"));
  for (const double scale : {1., 1e-160})
  {
    DataSet scaled = set;
    for (unsigned int i = 0; i < 3; ++i)
      scaled.value[i] *= scale, scaled.sigma[i] *= scale;
    const auto statistics =
        fit_statistics({set, scaled}, {1, 4, -2, 1 * scale, 4 * scale, -2 * scale}, {1, 2, -2, 1, 2, -2});
    ASSERT_EQ(statistics.size(), 6u);
    EXPECT_EQ(statistics[3].n, 3u);
    EXPECT_NEAR(statistics[3].chi_squared, 1 + 4 + 4, 1e-12);
    EXPECT_NEAR(statistics[3].chi_squared_per_datum(), 3, 1e-12);
    EXPECT_NEAR(statistics[3].typical_chi_squared, 4 * 1.4826 * 1.4826, 1e-12);
    EXPECT_NEAR(statistics[3].rms / scale, std::sqrt(21 / 3.), 1e-12);
    EXPECT_NEAR(statistics[3].weighted_rms / scale, std::sqrt((1 + 16 / 4. + 4) / 2.25), 1e-12);
    EXPECT_NEAR(statistics[3].rms_observed / scale, std::sqrt(50 / 3.), 1e-12);
    EXPECT_EQ(statistics[4].name, "s east");
    EXPECT_EQ(statistics[4].n, 2u);
    EXPECT_NEAR(statistics[5].chi_squared, 4, 1e-12);
  }
}

TEST(DataReport, DataAreComparedWithThePrediction)
{
  const DataVector observed = {3, 2, 5}, predicted = {1, -1, 3};
  const double product = 3 - 2 + 15, p = 1 + 1 + 9, d = 9 + 4 + 25;
  const auto found = compare_with_data({observed.data(), 3}, {predicted.data(), 3});
  EXPECT_NEAR(found.factor, product / p, 1e-14);
  EXPECT_NEAR(found.correlation, product / std::sqrt(p * d), 1e-14);
  EXPECT_EQ(describe(found), "the data are 1.45 times what is predicted (correlation 0.78)");
  const DataVector nothing(3, 0.);
  EXPECT_EQ(compare_with_data({observed.data(), 3}, {nothing.data(), 3}).factor, 0);

  EXPECT_EQ(suspicion({1.4, 0.9}), "");
  EXPECT_EQ(suspicion({20, 0.9}), "");
  EXPECT_EQ(suspicion({0.05, 0.9}), "");
  EXPECT_EQ(suspicion({-1000, -0.3}), ""); // says nothing
  EXPECT_EQ(suspicion({-0.9, -0.97}), "opposite sign?");
  EXPECT_EQ(suspicion({900, 0.97}), "mm taken for m?");
  EXPECT_EQ(suspicion({120, 0.97}), "cm taken for m?");
  EXPECT_EQ(suspicion({-0.0011, -0.97}), "opposite sign? m taken for mm?");
  EXPECT_EQ(suspicion({0.009, 0.97}), "m taken for cm?");
  EXPECT_EQ(suspicion({1e6, 0.97}), "a load that is far too small, or wrong units?");
  EXPECT_EQ(suspicion({1e-5, 0.97}), "a load that is far too large, or wrong units?");
}

TEST(DataWriter, PredictionsReadBackUnchanged)
{
  const GeographicProjection projection(-164.6, 54.6);
  auto parameters = set_parameters("asc", "mm/yr");
  const std::string header = "lon,name,lat,height,los [mm/yr],sigma,incidence,heading\n";
  const DataSet set = read_text(header + "-164.5,\"one, two\",54.5,30,1,2,35,-11\n-164.4,b,54.5,20,nan,2,35,-11\n"
                                         "-164.3,c,54.7,10,4,2,36,-11\n",
                                parameters, &projection);
  const DataVector predicted = {1. / 3, -2e-7};
  const DataSet again = read_text(set.source->contents(set, predicted), parameters, &projection);
  ASSERT_EQ(again.n_data(), 2u);
  EXPECT_NEAR(again.value[0] * 3, 1, 1e-15);
  EXPECT_NEAR(again.value[1] / -2e-7, 1, 1e-15);
  EXPECT_EQ(again.sigma, set.sigma);
  EXPECT_EQ(again.row_name, (std::vector<std::string>{"one, two", "c"}));
  for (unsigned int r = 0; r < 2; ++r)
  {
    EXPECT_EQ(again.row_lonlat[r], set.row_lonlat[r]);
    EXPECT_EQ(again.direction[r], set.direction[r]);
  }

  const DataSet components = testing::gnss("none");
  const DataSet components_again =
      read_text(components.source->contents(components, components.value), testing::set_parameters("gnss", "mm"));
  EXPECT_EQ(components_again.component, components.component);
  for (unsigned int i = 0; i < components.n_data(); ++i)
    EXPECT_NEAR(components_again.value[i], components.value[i], 1e-17);
}

TEST(DataWriter, PredictionsCarryTheirStandardDeviations)
{
  auto parameters = set_parameters("gnss", "mm");
  parameters.relative_error = 0.1;
  parameters.floor = "0.2 mm";
  parameters.vertical_floor = "0.7 mm";
  parameters.sigma = "0.3 mm";
  // Zeros where nothing is measured yet: the error of a prediction is a tenth of the prediction.
  const std::vector<DataSet> sets = {read_text("x,y,east,up\n0,0,0,0\n1,0,nan,0\n", parameters)};
  const DataVector predicted = {4e-3, -5e-3, 24e-3};
  const auto made = predicted_sets(sets, predicted);
  const DataSet again = read_text(made[0].source->contents(made[0], predicted), set_parameters("gnss", "mm"));
  ASSERT_EQ(again.n_data(), 3u);
  EXPECT_NEAR(again.sigma[0], 0.5e-3, 1e-17); // 3, 4 -> 5
  EXPECT_NEAR(again.sigma[1], 0.7e-3, 1e-17); // its floor
  EXPECT_NEAR(again.sigma[2], std::hypot(0.3e-3, 2.4e-3), 1e-17);
  EXPECT_NEAR(again.value[2], 24e-3, 1e-17);
  EXPECT_EQ(dynamic_cast<const CsvDataFile &>(*again.source).columns(),
            (std::vector<std::string>{"x", "y", "east", "up", "sigma_east", "sigma_up"}));
}

TEST(DataWriter, FitTable)
{
  const DataSet set = testing::gnss("none");
  DataVector predicted(set.n_data(), 1e-3), standardized(set.n_data(), -0.5);
  const CsvTable table = CsvTable::from_text(fit_table_text(set, predicted, standardized, {}, 0.));
  ASSERT_EQ(table.size(), 11u);
  EXPECT_EQ(table.rows[4][table.column("name")], "BBBB");
  EXPECT_EQ(table.rows[4][table.column("component")], "up");
  EXPECT_EQ(table.number(4, "y"), -500);
  EXPECT_EQ(table.number(4, "z"), 0);
  EXPECT_NEAR(table.number(4, "observed"), 5.9, 1e-14);
  EXPECT_NEAR(table.number(4, "predicted"), 1, 1e-14);
  EXPECT_NEAR(table.number(4, "residual"), -4.9, 1e-14);
  EXPECT_NEAR(table.number(4, "sigma"), 1.8, 1e-14);
  EXPECT_EQ(table.number(4, "standardized residual"), -0.5);
}

TEST(GaussianNoise, IsReproducibleAndStandardNormal)
{
  DataSet set = testing::ascending("none");
  set.value.assign(20000, 0.);
  set.sigma.assign(20000, 2e-3);
  const DataVector noise = gaussian_noise({set}, 42), again = gaussian_noise({set}, 42),
                   other = gaussian_noise({set}, 43);
  EXPECT_EQ(noise, again);
  EXPECT_NE(noise, other);
  double mean = 0, square = 0, fourth = 0, lag = 0;
  for (unsigned int i = 0; i < noise.size(); ++i)
  {
    const double z = noise[i] / 2e-3;
    mean += z / noise.size();
    square += z * z / noise.size();
    fourth += z * z * z * z / noise.size();
    lag += i > 0 ? z * noise[i - 1] / 2e-3 / noise.size() : 0;
  }
  // Four standard errors of each moment: 1, sqrt 2, sqrt 96 and 1 over sqrt 20000.
  EXPECT_NEAR(mean, 0, 0.029);
  EXPECT_NEAR(square, 1, 0.04);
  EXPECT_NEAR(fourth, 3, 0.28);
  EXPECT_NEAR(lag, 0, 0.029);
}

// The generator is fixed by the C++ standard, [rand.predef]: the 10000th number of a default-seeded mt19937_64 is
// 9981545732273789042; so the first datum of a seed is the same on every machine.
TEST(GaussianNoise, FirstDrawIsTheStandardsGenerator)
{
  DataSet set = testing::ascending("none");
  set.value = {0.};
  set.sigma = {1.};
  // First two numbers of mt19937_64(5489): 14514284786278117030, 4620546740167642908.
  const double u = (14514284786278117030u >> 11) * 0x1p-53, v = (4620546740167642908u >> 11) * 0x1p-53;
  EXPECT_NEAR(gaussian_noise({set}, 5489)[0], std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * v), 1e-12);
}

} // namespace
} // namespace lodestone
