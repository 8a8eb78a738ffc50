// How residuals follow a change of the data, and the redundancy of data sets, against dense algebra: with the derivatives J
// of the data, the columns N of the offsets, the whitening matrix W and the precision R of the prior,
//
//     A = G (G^T G + diag(R, 0))^-1 G^T,   G = [W J, W N],
//
// is the influence matrix, residuals change by W^-1 (A - 1) W e, and a data set of n data has the redundancy n - trace of
// its block of A. Conjugate gradients end at 2 % of the energy norm. Expected: changes to 3 % of their norm, the trace from
// 100 random vectors to four standard deviations sqrt(2 trace/100), on any number of ranks.
#include <lodestone/app/variance_components.h>
#include <lodestone/objective/linear_refit.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/least_squares.h>

#include "problem_from_text.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

/// Two data sets over a box, one of them with correlated errors and an offset.
template <int dim>
struct TwoSets : Scratch
{
  explicit TwoSets(const Entries &of_first = {}, const Entries &prior = {"Weight = 1"})
  {
    const bool is_3d = dim == 3;
    std::string components = is_3d ? "x,y,east,north,up\n" : "x,east,up\n", heights = is_3d ? "x,y,up\n" : "x,up\n";
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < (is_3d ? 4 : 1); ++j)
      {
        const std::string place = number(0.1 + 0.2 * i) + (is_3d ? "," + number(0.15 + 0.23 * j) : "");
        components += place + (is_3d ? ",1e-4,-2e-4,3e-4\n" : ",1e-4,3e-4\n");
      }
    for (int i = 0; i < 12; ++i)
      heights += number(0.05 + 0.08 * i) + (is_3d ? "," + number(0.9 - 0.06 * i) : "") + ",2e-4\n";
    write("components.csv", components);
    write("heights.csv", heights);
    Entries first = {"File = components.csv", "Sigma = 2e-5"},
            all_prior = {"Type = H1", "Standard deviation = 1", "Horizontal correlation length = 0.3"};
    first.insert(first.end(), of_first.begin(), of_first.end());
    all_prior.insert(all_prior.end(), prior.begin(), prior.end());
    text = "set Dimension = " + std::to_string(dim) + "\n" +
           section("Mesh", {is_3d ? "Lower corner = 0, 0, 0" : "Lower corner = 0, 0",
                            is_3d ? "Upper corner = 1, 1, 0.5" : "Upper corner = 1, 0.5",
                            is_3d ? "Cells = 4, 4, 2" : "Cells = 8, 4", "Estimate error = no"}) +
           section("Material", {"Young modulus = 1 GPa", "Poisson ratio = 0.25"}) +
           section("Boundary conditions",
                   {"Fixed = bottom", is_3d ? "Rollers = west, east, south, north" : "Rollers = west, east"}) +
           section("Load cases", {"Names = load"},
                   load_case("load",
                             {{"weight",
                               {"Type = pressure", "Boundary = top", "Region = (x - 0.5)^2 < 0.1", "Value = 1 MPa"}}},
                             {{"components", first},
                              {"heights",
                               {"File = heights.csv", "Sigma = 3e-5", "Nuisance = offset", "Noise = exponential",
                                "Sill = 0.6", "Range = 0.2", "Nugget = 0.4"}}})) +
           section("Prior", all_prior) + section("Solver", {"Method = direct", "Tolerance = 1e-12"});
  }
  std::string text;
};

template <int dim>
struct Dense
{
  /// At the problem's present point, for the one load case.
  explicit Dense(Problem<dim> &problem) : misfit(problem.misfit(0)), n_data(misfit.n_data())
  {
    ReducedObjective &objective = problem.objective();
    const ParameterVector &m = objective.parameters();
    const std::size_t n = m.size();
    std::vector<std::vector<double>> r(n);
    for (std::size_t k = 0; k < n; ++k)
    {
      ParameterVector e(m.shared_layout()), row(m.shared_layout());
      if (e.values().in_local_range(k))
        e.values()(k) = 1;
      e.values().update_ghost_values();
      std::vector<DataVector> tangent;
      EXPECT_TRUE(objective.apply_tangent(e, tangent).converged);
      misfit.noise().whiten(tangent[0]);
      g.emplace_back(tangent[0].begin(), tangent[0].end());
      objective.prior()->add_precision(e, row);
      r[k].assign(n, 0.);
      for (const auto i : row.values().locally_owned_elements())
        r[k][i] = row.values()(i);
      dealii::Utilities::MPI::sum(r[k], MPI_COMM_WORLD, r[k]);
    }
    // The offset of the heights, the second set.
    DataVector offset(n_data, 0.);
    const DataLayout layout(problem.data_sets(0));
    for (double &entry : layout.slice(offset, 1))
      entry = 1;
    misfit.noise().whiten(offset);
    g.emplace_back(offset.begin(), offset.end());
    // Rows of a root of R below the data: the columns of L^T for R = L L^T.
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j <= k; ++j)
      {
        for (std::size_t i = 0; i < j; ++i)
          r[k][j] -= r[k][i] * r[j][i];
        r[k][j] = j == k ? std::sqrt(r[k][k]) : r[k][j] / r[j][j];
      }
    for (std::size_t k = 0; k <= n; ++k)
      for (std::size_t j = 0; j < n; ++j)
        g[k].push_back(k < n && j <= k ? r[k][j] : 0.);
    basis = LeastSquares(g).basis();
  }
  /// A y for whitened data.
  std::vector<double> influence(const std::vector<double> &y) const
  {
    std::vector<double> result(n_data, 0.);
    for (const auto &q : basis)
    {
      double product = 0;
      for (std::size_t i = 0; i < n_data; ++i)
        product += q[i] * y[i];
      for (std::size_t i = 0; i < n_data; ++i)
        result[i] += product * q[i];
    }
    return result;
  }
  double trace(const std::size_t first, const std::size_t n) const
  {
    double sum = 0;
    for (const auto &q : basis)
      for (std::size_t i = first; i < first + n; ++i)
        sum += q[i] * q[i];
    return sum;
  }

  const Misfit &misfit;
  std::size_t n_data;
  std::vector<std::vector<double>> g, basis;
};

template <int dim>
void compare_with_dense(const Entries &of_first)
{
  const TwoSets<dim> two(of_first);
  TextProblem<dim> problem(two.text, two.path());
  ReducedObjective &objective = problem->objective();
  problem.evaluate(problem.unknowns([](const dealii::Point<dim> &p) { return 0.3 * std::sin(5 * p[0]); }));
  const Dense<dim> dense(*problem.problem);

  std::vector<DataVector> change = {DataVector(dense.n_data)};
  for (std::size_t i = 0; i < dense.n_data; ++i)
    change[0][i] = 2e-5 * std::sin(2.3 * i + 1);
  DataVector expected = change[0];
  dense.misfit.noise().whiten(expected);
  const std::vector<double> influence = dense.influence({expected.begin(), expected.end()});
  for (std::size_t i = 0; i < dense.n_data; ++i)
    expected[i] = influence[i] - expected[i];
  std::vector<Misfit::Increment> found;
  const ParameterVector none(objective.parameters().shared_layout());
  ASSERT_TRUE(refit(objective, change, none, found).converged);
  DataVector predicted = found[0].predicted;
  dense.misfit.noise().whiten(predicted);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < dense.n_data; ++i)
  {
    difference += (predicted[i] - expected[i]) * (predicted[i] - expected[i]);
    size += influence[i] * influence[i];
  }
  EXPECT_LT(std::sqrt(difference), 0.03 * std::sqrt(size));

  constexpr unsigned int n_probes = 100;
  std::vector<DataVector> redundancy;
  ASSERT_TRUE(probe_redundancy(objective, n_probes, redundancy).converged);
  const DataLayout layout(problem->data_sets(0));
  for (const unsigned int k : {0u, 1u})
  {
    const unsigned int n = problem->data_sets(0)[k].n_data();
    double sum = 0;
    for (const double entry : layout.slice(redundancy[0], k))
      sum += entry;
    const double trace = dense.trace(layout.first(k), n);
    std::printf("set %u: %u data, trace %.4f, probed %.4f\n", k, n, trace, n - sum);
    EXPECT_NEAR(n - sum, trace, 4 * std::sqrt(2 * trace / n_probes));
    EXPECT_GT(trace, 1);
  }
}

} // namespace

TEST(RedundancyParallel, AgreesWithDenseAlgebra)
{
  compare_with_dense<2>({});
}

TEST(RedundancyParallel, AgreesWithDenseAlgebraInThreeDimensions)
{
  compare_with_dense<3>({"Weight = 0.5"});
}

// chi^2 is that of the data against the prediction, and the factors follow from it by hand; with the discrepancy the smallest
// is 1.
TEST(RedundancyParallel, MakesFactorsOfSigma)
{
  const TwoSets<2> two({"Weight = 0.8"});
  TextProblem<2> problem(two.text, two.path());
  problem.evaluate(problem->parametrization().make_vector());
  std::vector<DataVector> redundancy;
  // Factorisations on several ranks round differently from call to call.
  constexpr double same = 1e-6;
  // As many probes as variance_components takes for 10 and 12 data.
  ASSERT_TRUE(probe_redundancy(problem->objective(), 16, redundancy).converged);
  const DataLayout layout(problem->data_sets(0));
  const auto &at = problem->objective().evaluation(0);
  const auto found = variance_components(*problem.problem, false, problem.log),
             relative = variance_components(*problem.problem, true, problem.log);
  ASSERT_TRUE(found && relative);
  ASSERT_EQ(found->components.size(), 2u);
  for (const unsigned int k : {0u, 1u})
  {
    const double n = problem->data_sets(0)[k].n_data(), weight = k == 0 ? 0.8 : 1;
    double chi_squared = 0, redundant = 0;
    for (const double y : layout.slice(at.standardized, k))
      chi_squared += y * y;
    for (const double entry : layout.slice(redundancy[0], k))
      redundant += entry;
    const double share = (weight * n - (n - redundant)) / (weight * n);
    EXPECT_NEAR(found->components[k].redundancy, share, same);
    EXPECT_NEAR(found->components[k].factor, std::sqrt(chi_squared / n / share), same * found->components[k].factor);
  }
  const double ratio = found->components[0].factor / found->components[1].factor;
  EXPECT_NEAR(relative->components[0].factor / relative->components[1].factor, ratio, same * ratio);
  EXPECT_EQ(std::min(relative->components[0].factor, relative->components[1].factor), 1);

  // What is applied is sigma of the data, and whitened residuals with it; not more than a factor of ten at once.
  const double factors[] = {std::min(found->components[0].factor, 10.), std::min(found->components[1].factor, 10.)};
  const double sigma = problem->data_sets(0)[0].sigma[0], heights = problem->data_sets(0)[1].sigma[0],
               before = at.standardized[0], before_heights = at.standardized[layout.first(1)];
  ASSERT_TRUE(apply_variance_components(*problem.problem, *found, problem.log));
  EXPECT_NEAR(problem->data_sets(0)[0].sigma[0], sigma * factors[0], 1e-12 * sigma);
  EXPECT_NEAR(problem->data_sets(0)[1].sigma[0], heights * factors[1], 1e-12 * heights);
  problem.evaluate(problem->parametrization().make_vector());
  const auto &after = problem->objective().evaluation(0);
  EXPECT_NEAR(after.standardized[0], before / factors[0], 1e-9 * std::abs(before));
  EXPECT_NEAR(after.standardized[layout.first(1)], before_heights / factors[1], 1e-9 * std::abs(before_heights));
}
