#include <lodestone/base/error.h>
#include <lodestone/observation/gaussian_misfit.h>

#include <gtest/gtest.h>

#include "example_sets.h"

namespace lodestone
{
namespace
{

using testing::gnss;
using testing::read_text;
using testing::set_parameters;

const std::string scene_header = "x,y,los,sigma,incidence,heading,height\n";

DataSet::Parameters with_terms(const std::string &name, const std::string &nuisance)
{
  auto parameters = set_parameters(name);
  parameters.nuisance = nuisance;
  return parameters;
}

// Points by hand: the middle is (2500, 100), heights from 100 to 500 m.
TEST(NuisanceTerms, QuadraticAndElevation)
{
  const std::string text = scene_header + "1000,500,0,1,35,-11,100\n4000,0,0,1,35,-11,500\n1500,-300,0,1,35,-11,200\n";
  const NuisanceTerms terms({read_text(text, with_terms("track", "quadratic, elevation"))});
  EXPECT_EQ(terms.columns, (std::vector<std::vector<double>>{{1, 1, 1},
                                                             {-1500, 1500, -1000},
                                                             {400, -100, -400},
                                                             {2.25e6, 2.25e6, 1e6},
                                                             {-6e5, -1.5e5, 4e5},
                                                             {1.6e5, 1e4, 1.6e5},
                                                             {-200, 200, -100}}));
  EXPECT_EQ(terms.names[3], "track: line-of-sight curvature to the east (m/m^2)");
  EXPECT_EQ(terms.names[6], "track: delay with elevation (m/m)");
  // Elevation alone brings its offset.
  EXPECT_EQ(NuisanceTerms({read_text(text, with_terms("track", "elevation"))}).columns.size(), 2u);
}

// A turn by one rad takes (x, y) about (2500, 100) to (-(y - 100), x - 2500), to first order.
TEST(NuisanceTerms, RotationOfANetwork)
{
  auto parameters = with_terms("plate", "rotation");
  parameters.units = "mm/yr";
  const DataSet set = read_text("x,y,east,north,up,sigma_east,sigma_north,sigma_up\n1000,500,0,0,0,1,1,1\n"
                                "4000,-300,0,0,nan,1,1,1\n",
                                parameters);
  const NuisanceTerms terms({set});
  ASSERT_EQ(terms.columns.size(), 4u);
  EXPECT_EQ(terms.columns[3], (std::vector<double>{-400, -1500, 0, 400, 1500}));
  EXPECT_EQ(terms.names[3], "plate: rotation (rad/yr)");
}

// Data that are made of the terms give their coefficients back, also with correlated errors.
TEST(NuisanceTerms, CleanTwinIsRecovered)
{
  auto parameters = with_terms("plate", "rotation");
  parameters.noise.correlation = Correlation::exponential;
  parameters.noise.sill = "0.7";
  parameters.noise.range = "3 km";
  parameters.noise.nugget = "0.3";
  std::string text = "x,y,east,north,up,sigma_east,sigma_north,sigma_up\n", scene = scene_header;
  for (int i = 0; i < 20; ++i)
  {
    const std::string place = std::to_string(500 * (i % 5) + 13 * i) + "," + std::to_string(700 * (i / 5) - 7 * i);
    text += place + ",0,0,0,0.001,0.001,0.003\n";
    scene += place + ",0,0.002," + std::to_string(30 + 0.5 * i) + ",-12," + std::to_string((i * 173) % 900) + "\n";
  }
  DataSet network = read_text(text, parameters);
  parameters.name = "scene";
  parameters.nuisance = "quadratic, elevation";
  DataSet track = read_text(scene, parameters);
  const std::vector<double> expected = {3e-3, -2e-3, 8e-3, 4e-7, 5e-3, 2e-6, -3e-6, 4e-10, -2e-10, 1e-10, 6e-6};
  const NuisanceTerms terms({network, track});
  ASSERT_EQ(terms.columns.size(), expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k)
    for (unsigned int i = 0; i < 80; ++i)
      (i < 60 ? network.value[i] : track.value[i - 60]) += expected[k] * terms.columns[k][i];
  const GaussianMisfit misfit({network, track}, {});
  const auto at = misfit.evaluate(DataVector(80, 0.), {});
  EXPECT_LT(at.value, 1e-20);
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(at.nuisance[k] / expected[k], 1, 1e-10) << terms.names[k];
}

TEST(NuisanceTerms, Refusals)
{
  const auto found = [](const std::string &text, const std::string &nuisance) {
    try
    {
      NuisanceTerms({read_text(text, with_terms("set", nuisance))});
    }
    catch (const InputError &error)
    {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto expect_in = [](const std::string &text, const std::string &part) {
    EXPECT_NE(text.find(part), std::string::npos) << text << " lacks " << part;
  };
  const std::string levelling = "x,y,up,sigma_up\n0,0,0,1\n1,0,0,1\n0,1,0,1\n";
  const std::string flat = "x,y,los,sigma,incidence,heading\n0,0,0,1,35,-11\n";
  expect_in(found(levelling, "tilt"), "set/Nuisance: found 'tilt'");
  expect_in(found(levelling, "offset, ramp"), "names two of");
  expect_in(found(levelling, "none, rotation"), "Leave none out");
  expect_in(found(levelling, "ramp, rotation"), "contains their rotation");
  expect_in(found(levelling, "rotation"), "east and north are not both measured");
  expect_in(found(levelling, "elevation"), "has components");
  expect_in(found(flat, "elevation"), "has no column height");
  expect_in(found(scene_header + "0,0,0,1,35,-11,nan\n", "ramp, elevation"),
            "set.csv:2: the height is no finite number");
  // Heights that are not asked for may be anything.
  EXPECT_EQ(found(scene_header + "0,0,0,1,35,-11,nan\n", "ramp"), "");
}

} // namespace
} // namespace lodestone
