// inputs/westdahl.prm on a coarse mesh, its sources alone: real data, a point source and a sill in the finite-element
// model.
//
// Expected from independent half-space fits of the same data: Westdahl +4.8e6 and Fisher -1.0e6 m^3/yr, chi^2/N 1.6, of
// GNSS east, north, up 2.7, 1.8, 1.0, worst at FC03 and FC05, line-of-sight residual 1.2 to 1.3 mm/yr, offsets of the
// reference frame about
// (-3, -1, +1) mm/yr, of the tracks +0.6 and -2.9 mm/yr. Cells of 2.8 km, half of that around sources 5 to 7 km deep,
// leave strengths wrong by up to 10 %, which trade off against offsets of a few 0.1 mm/yr; a wrong sign, unit,
// projection or look direction changes all of these figures by tens of per cent. The deck's own mesh gives 4.77e6,
// -1.10e6 and chi^2/N 1.52. The figures are those of independent data (weight 1), the deck's weights allow for their
// correlation.
//
// The data are not part of the source tree: the test is skipped where they are absent (see scripts/convert_unimak.py).
#include <lodestone/app/problem.h>
#include <lodestone/base/deck.h>
#include <lodestone/observation/data_report.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace lodestone
{
namespace
{

std::set<std::string> two_worst_stations(const DataSet &set, const DataVector &residual)
{
  std::vector<std::pair<double, std::string>> stations(set.n_rows());
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    const double whitened = residual[i] / set.sigma[i];
    stations[set.row[i]].first += whitened * whitened;
    stations[set.row[i]].second = set.row_name[set.row[i]];
  }
  std::sort(stations.rbegin(), stations.rend());
  return {stations[0].second, stations[1].second};
}

TEST(Westdahl, SourcesInTheFiniteElementModelAgreeWithHalfSpaceFits)
{
  namespace fs = std::filesystem;
  const fs::path source_directory = LODESTONE_SOURCE_DIR, input = source_directory / "../shared/data/unimak_westdahl";
  if (!fs::exists(input))
    GTEST_SKIP() << "the Unimak data are not here: inputs/westdahl.prm says where they are public";
  const fs::path directory = fs::path(::testing::TempDir()) / "lodestone_westdahl";
  const std::string command = "python3 " + (source_directory / "scripts/convert_unimak.py").string() + " " +
                              input.string() + " " + directory.string() + " > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);

  std::vector<std::string> set = {"Mesh/Cells=32,32,16",       "Mesh/Observation refinements=0",
                                  "Mesh/Source refinements=1", "Mesh/Source distance=4 km",
                                  "Material/Unknowns=none",    "Solver/Tolerance=1e-6"};
  for (const std::string name : {"gnss", "ascending", "descending"})
  {
    set.push_back("Load cases/velocity/" + name + "/File=" + (directory / (name + ".csv")).string());
    if (name != "gnss")
      for (const std::string entry : {"Noise=independent", "Sill=", "Range=", "Nugget=0"}) // as the half-space fits
        set.push_back("Load cases/velocity/" + name + "/" + entry);
  }
  const Deck deck((source_directory / "inputs/westdahl.prm").string(), set, MPI_COMM_SELF);
  std::string resolved;
  const auto parameters = RunParameters<3>::read(deck, resolved);
  Log log(MPI_COMM_SELF, true);
  Problem<3> model(parameters, deck.directory(), MPI_COMM_SELF, log);
  fs::remove_all(directory);
  ASSERT_TRUE(model.objective().evaluate(model.parametrization().make_vector()).converged);

  const Misfit::Evaluation &fit = model.objective().evaluation(0);
  ASSERT_EQ(fit.strengths.size(), 2u);
  EXPECT_NEAR(fit.strengths[0], 4.8, 0.15 * 4.8);
  EXPECT_NEAR(fit.strengths[1], -1.0, 0.15 * 1.0);
  EXPECT_NEAR(fit.chi_squared / model.misfit(0).n_data(), 1.6, 0.15);
  const double expected[] = {-3e-3, -1e-3, 1e-3, 0.6e-3, -2.9e-3};
  ASSERT_EQ(fit.nuisance.size(), 5u);
  for (unsigned int k = 0; k < 5; ++k)
    EXPECT_NEAR(fit.nuisance[k], expected[k], 0.6e-3) << model.misfit(0).nuisance_names()[k];

  const auto statistics = fit_statistics(model.data_sets(0), fit.residual, fit.standardized);
  ASSERT_EQ(statistics.size(), 6u);
  const double expected_gnss[] = {2.7, 1.8, 1.0};
  for (unsigned int c = 0; c < 3; ++c)
    EXPECT_NEAR(statistics[1 + c].chi_squared_per_datum(), expected_gnss[c], 0.35) << statistics[1 + c].name;
  EXPECT_NEAR(statistics[4].rms, 1.25e-3, 0.1e-3);
  EXPECT_NEAR(statistics[5].rms, 1.25e-3, 0.1e-3);
  EXPECT_EQ(two_worst_stations(model.data_sets(0)[0], fit.residual), (std::set<std::string>{"FC03", "FC05"}));
}

} // namespace
} // namespace lodestone
