// The inversion of r3_test.cc with other models of the noise, solved by a dense code of its own (data/r3_n16_noise.txt)
// whose minimisers were checked with FEniCS and hIPPYlib. With sigma of the data, per component and between the 256
// points:
//
//   correlated      C_pq = sigma^2 (0.3 delta_pq + 0.7 exp(-|x_p - x_q| / 0.2))
//   with offsets    the same and a free constant per component, eliminated
//   outliers        +20 sigma added to data 38 + 77 k, k = 0..9; Gaussian, Huber (t = 1.5), Student (4 degrees of freedom)
//
// Expected: J, misfit, prior, chi^2 and offsets to 1e-9 relative, m to 1e-7, after |g| <= 1e-11 |g0|; the reference is good
// to 1e-12 and 1e-11.
#include <lodestone/inversion/inversion.h>

#include "number_rows.h"
#include "problem_from_text.h"
#include <numeric>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

constexpr unsigned int n = 16;
constexpr double sigma = 2.4348881649579024e-6;
const Entries correlated = {"Noise = exponential", "Sill = 0.7", "Range = 0.2", "Nugget = 0.3"};

std::unique_ptr<TextProblem<3>> make_model(Scratch &scratch, const Entries &of_set, const bool outliers = false)
{
  std::vector<std::array<double, 2>> stations;
  std::vector<double> data;
  for (const auto &row : read_rows("r3_n16_data.txt"))
  {
    stations.push_back({{row[0], row[1]}});
    data.insert(data.end(), row.begin() + 5, row.end());
  }
  for (unsigned int k = 0; outliers && k < 10; ++k)
    data[38 + 77 * k] += 20 * sigma;
  scratch.write("stations.csv", station_csv(stations, data));

  Entries set = {"File = stations.csv", "Sigma = " + number(sigma)};
  set.insert(set.end(), of_set.begin(), of_set.end());
  const std::string text =
      section("Mesh", {"Lower corner = 0, 0, 0", "Upper corner = 1, 1, 0.5", "Cells = 16, 16, 8"}) +
      section("Material", {"Young modulus = 1 Pa", "Poisson ratio = 0.25"}) +
      section("Boundary conditions", {"Fixed = bottom", "Rollers = west, east, south, north"}) +
      section(
          "Load cases", {"Names = load"},
          load_case("load",
                    {{"weight",
                      {"Type = pressure", "Boundary = top", "Value = 1e-3*exp(-((x-0.5)^2 + (y-0.5)^2)/(2*0.15^2))"}}},
                    {{"gnss", set}})) +
      section("Prior", {"Gradient weight = 50", "Mass weight = 500"}) +
      section("Optimizer",
              {"Method = bnls", "Hessian = switch", "Gauss-Newton iterations = 5", "Gradient tolerance = 1e-11"}) +
      section("Solver", {"Method = direct", "Tolerance = 1e-11"});
  return std::make_unique<TextProblem<3>>(text, scratch.path());
}

struct Expected
{
  double j, misfit, prior, start_gradient;
  unsigned int column; ///< of the minimisers
};

/// Minimises from m = 0 and compares. Returns the evaluation at the minimum.
Misfit::Evaluation minimise_and_compare(TextProblem<3> &model, const Expected &expected)
{
  ReducedObjective &objective = model->objective();
  ParameterVector m = model->parametrization().make_vector(), g;
  model.evaluate(m);
  EXPECT_TRUE(objective.gradient(g).converged);
  const double cell_volume = std::pow(1. / n, 3);
  EXPECT_NEAR(g.values().l2_norm() / std::sqrt(cell_volume), expected.start_gradient, 1e-9 * expected.start_gradient);

  Inversion inversion(objective, model->volume_weights(), model.parameters.inversion, model.log);
  const auto result = inversion.run(m, model->parametrization().bounds(), 1e-11);
  EXPECT_TRUE(result.stop.converged) << result.stop.text;
  EXPECT_NEAR(objective.value(), expected.j, 1e-9 * expected.j);
  EXPECT_NEAR(objective.misfit_value(), expected.misfit, 1e-9 * expected.misfit);
  EXPECT_NEAR(objective.prior_value(), expected.prior, 1e-9 * expected.prior);

  const auto minimisers = read_rows("r3_n16_noise.txt");
  double difference = 0;
  for (const auto &cell : model->mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      const auto p = cell->center();
      const double value = minimisers[int(p[0] * n) + n * (int(p[1] * n) + n * int(p[2] * n))][expected.column];
      difference = std::max(difference, std::abs(m.values()(model->parametrization().cells().index(cell)) - value));
    }
  EXPECT_LT(difference, 1e-7);
  std::printf("%s\nNewton steps %u, Hessian actions %u; relative differences: J %.2g, misfit %.2g, prior %.2g; largest "
              "difference of m %.2g\n",
              result.stop.text.c_str(), result.last.iteration, result.last.n_hessian_actions,
              objective.value() / expected.j - 1, objective.misfit_value() / expected.misfit - 1,
              objective.prior_value() / expected.prior - 1, difference);
  return objective.evaluation(0);
}

} // namespace

TEST(ReferenceNoiseLong, ExponentialCovariance)
{
  Scratch scratch;
  const auto model = make_model(scratch, correlated);
  const auto at =
      minimise_and_compare(*model, {780.9492018711949, 734.4198535394155, 46.529348331779424, 29842.724270428746, 0});
  EXPECT_NEAR(at.chi_squared, 1468.839707078831, 1e-9 * 1468);
  const double of_component[] = {460.3135812877882, 561.1581262474182, 447.3679995436247};
  for (unsigned int c = 0; c < 3; ++c)
  {
    double sum = 0;
    for (unsigned int p = 0; p < 256; ++p)
      sum += at.standardized[3 * p + c] * at.standardized[3 * p + c];
    EXPECT_NEAR(sum, of_component[c], 1e-9 * of_component[c]);
  }
}

TEST(ReferenceNoiseLong, ExponentialCovarianceWithOffsets)
{
  Scratch scratch;
  Entries entries = correlated;
  entries.emplace_back("Nuisance = offset");
  const auto model = make_model(scratch, entries);
  const auto at =
      minimise_and_compare(*model, {780.7999061674467, 734.2566806617342, 46.54322550571253, 29819.08922039268, 1});
  // The reference adds o to B u, as here.
  const double offset[] = {1.0854294716355284e-07, 4.2070115767510116e-07, -1.638612915773817e-07};
  for (unsigned int c = 0; c < 3; ++c)
  {
    EXPECT_NEAR(at.nuisance[c], offset[c], 1e-9 * std::abs(offset[c]));
    EXPECT_NEAR(at.nuisance_deviations[c], 0.3184177007972446 * sigma, 1e-9 * sigma);
  }
}

TEST(ReferenceNoiseLong, IndependentErrorsWithOffsets)
{
  Scratch scratch;
  const auto model = make_model(scratch, {"Nuisance = offset"});
  const auto at =
      minimise_and_compare(*model, {401.83944997262284, 361.80005730672144, 40.03939266590139, 88704.20059491256, 2});
  const double offset[] = {1.0640790236953129e-07, 5.5671013792466996e-08, -2.844016344741487e-07};
  for (unsigned int c = 0; c < 3; ++c)
    EXPECT_NEAR(at.nuisance[c], offset[c], 1e-9 * std::abs(offset[c]));
}

TEST(ReferenceNoiseLong, OutliersGaussian)
{
  Scratch scratch;
  const auto model = make_model(scratch, {}, true);
  minimise_and_compare(*model, {2302.1393537777753, 2179.9213786286327, 122.21797514914282, 94108.72772820662, 3});
}

TEST(ReferenceNoiseLong, OutliersHuber)
{
  Scratch scratch;
  const auto model = make_model(scratch, {"Misfit = Huber", "Huber threshold = 1.5"}, true);
  const auto at =
      minimise_and_compare(*model, {679.3500975481493, 640.6180891379472, 38.732008410202056, 21084.833609060406, 4});
  unsigned int beyond = 0;
  for (const double y : at.standardized)
    beyond += std::abs(y) > 1.5 ? 1 : 0;
  EXPECT_EQ(beyond, 104u);
}

TEST(ReferenceNoiseLong, OutliersStudent)
{
  Scratch scratch;
  const auto model = make_model(scratch, {"Misfit = Student-t", "Degrees of freedom = 4"}, true);
  minimise_and_compare(*model, {506.3757477204533, 469.8400294111602, 36.53571830929314, 11810.837053105455, 5});
}
