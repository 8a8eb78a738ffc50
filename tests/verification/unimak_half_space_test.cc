// Real data through reader, projection and misfit, with a point source (Mogi 1958) and an opening sill (Okada 1985) in
// a homogeneous half-space as the model.
//
// Unimak Island, Alaska: 12 GNSS velocities and two InSAR tracks. Expected from independent half-space fits of these
// data: Westdahl about +4.8e6 and Fisher -1.0e6 m^3/yr; chi^2/N about 1.6, of GNSS east, north, up 2.7, 1.8, 1.0, worst
// at FC03 and FC05; line-of-sight residual 1.2 to 1.3 mm/yr; offset of the reference frame about (-3, -1, +1) mm/yr, of
// the tracks +0.6 (ascending) and -2.9 mm/yr (descending). Tolerances are those of the rounding of these figures.
//
// The data are not part of the source tree: the test is skipped where they are absent (see scripts/convert_unimak.py).
#include <lodestone/observation/data_format.h>
#include <lodestone/observation/data_report.h>
#include <lodestone/observation/gaussian_misfit.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace lodestone
{
namespace
{

/// Surface displacement (m) over a point source of one cubic metre at `source`, Poisson ratio 0.25.
dealii::Tensor<1, 3> mogi(const dealii::Point<3> &point, const dealii::Point<3> &source)
{
  dealii::Tensor<1, 3> r = point - source;
  r[2] = -source[2];
  const double distance = r.norm();
  return 0.75 / dealii::numbers::PI * r / (distance * distance * distance);
}

/// The same over a horizontal sill that opens by one cubic metre, 7.9 km long along strike N52E and 0.54 km wide: 40 x
/// 4 opening points, each 3/(2 pi) d^2 r / R^5 (Okada 1985, dip 0, tensile).
dealii::Tensor<1, 3> sill(const dealii::Point<3> &point, const dealii::Point<3> &centre)
{
  const double strike = 52 * dealii::numbers::PI / 180;
  dealii::Tensor<1, 3> u;
  for (unsigned int i = 0; i < 40; ++i)
    for (unsigned int j = 0; j < 4; ++j)
    {
      const double along = 7900 * ((i + 0.5) / 40 - 0.5), across = 540 * ((j + 0.5) / 4 - 0.5);
      const dealii::Point<3> source(centre[0] + along * std::sin(strike) + across * std::cos(strike),
                                    centre[1] + along * std::cos(strike) - across * std::sin(strike), centre[2]);
      dealii::Tensor<1, 3> r = point - source;
      r[2] = -source[2];
      u += 1.5 / dealii::numbers::PI * r * r[2] * r[2] / std::pow(r.norm(), 5) / 160;
    }
  return u;
}

std::vector<DataSet> read_unimak(const std::string &directory, const GeographicProjection &projection)
{
  std::vector<DataSet> sets;
  for (const std::string name : {"gnss", "ascending", "descending"})
  {
    DataSet::Parameters parameters;
    parameters.name = name;
    parameters.file = name + ".csv";
    parameters.units = "m/yr";
    parameters.nuisance = "offset";
    parameters.floor = "1 mm/yr";
    parameters.vertical_floor = "2 mm/yr";
    sets.push_back(read_data_set(parameters, {directory, &projection, MPI_COMM_SELF, 3}));
  }
  return sets;
}

TEST(UnimakHalfSpace, TwoPointSourcesFitTheVelocities)
{
  namespace fs = std::filesystem;
  const fs::path source_directory = LODESTONE_SOURCE_DIR, input = source_directory / "../shared/data/unimak_westdahl";
  if (!fs::exists(input))
    GTEST_SKIP() << "the Unimak data are not here";
  const fs::path directory = fs::path(::testing::TempDir()) / "lodestone_unimak_half_space";
  const std::string command = "python3 " + (source_directory / "scripts/convert_unimak.py").string() + " " +
                              input.string() + " " + directory.string() + " > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);

  const GeographicProjection projection(-164.6, 54.6);
  const std::vector<DataSet> sets = read_unimak(directory.string(), projection);
  fs::remove_all(directory);
  ASSERT_EQ(sets[0].n_data(), 36u);
  const auto westdahl = projection.to_model(-164.652, 54.526), fisher = projection.to_model(-164.36, 54.667);
  std::vector<DataVector> responses(2);
  for (const DataSet &set : sets)
    for (unsigned int i = 0; i < set.n_data(); ++i)
    {
      const dealii::Point<3> &point = set.row_points[set.row[i]];
      responses[0].push_back(set.direction[i] * mogi(point, {westdahl[0], westdahl[1], -6900}));
      responses[1].push_back(set.direction[i] * sill(point, {fisher[0], fisher[1], -5500}));
    }
  const GaussianMisfit misfit(sets, {{"westdahl", 0, 0}, {"fisher", 0, 0}});
  const Misfit::Evaluation fit = misfit.evaluate(DataVector(misfit.n_data(), 0.), responses);

  EXPECT_NEAR(fit.strengths[0], 4.8e6, 0.05e6);
  EXPECT_NEAR(fit.strengths[1], -1.0e6, 0.05e6);
  EXPECT_NEAR(fit.chi_squared / misfit.n_data(), 1.6, 0.05);
  const double expected[] = {-3e-3, -1e-3, 1e-3, 0.6e-3, -2.9e-3},
               tolerance[] = {0.5e-3, 0.5e-3, 0.6e-3, 0.15e-3, 0.1e-3};
  ASSERT_EQ(fit.nuisance.size(), 5u);
  for (unsigned int k = 0; k < 5; ++k)
    EXPECT_NEAR(fit.nuisance[k], expected[k], tolerance[k]) << misfit.nuisance_names()[k];

  const auto statistics = fit_statistics(sets, fit.residual, fit.standardized);
  ASSERT_EQ(statistics.size(), 6u);
  const double expected_gnss[] = {2.7, 1.8, 1.0};
  for (unsigned int c = 0; c < 3; ++c)
    EXPECT_NEAR(statistics[1 + c].chi_squared_per_datum(), expected_gnss[c], 0.1) << statistics[1 + c].name;
  EXPECT_NEAR(statistics[4].rms, 1.25e-3, 0.07e-3);
  EXPECT_NEAR(statistics[5].rms, 1.25e-3, 0.07e-3);

  std::vector<std::pair<double, std::string>> stations(sets[0].n_rows());
  for (unsigned int i = 0; i < sets[0].n_data(); ++i)
  {
    const double whitened = fit.residual[i] / sets[0].sigma[i];
    stations[sets[0].row[i]].first += whitened * whitened;
    stations[sets[0].row[i]].second = sets[0].row_name[sets[0].row[i]];
  }
  std::sort(stations.rbegin(), stations.rend());
  const std::set<std::string> worst = {stations[0].second, stations[1].second};
  EXPECT_EQ(worst, (std::set<std::string>{"FC03", "FC05"}));
}

} // namespace
} // namespace lodestone
