// What the entries of a Matern prior mean, by 2,000 samples on a uniform, a graded and a refined mesh of a box of 24 x 24 x
// 12: standard deviation 0.5, and correlations exp(-2 r/L), that is 0.135 and 0.018 at one and two lengths, over all places
// that are a length from the boundary at least. Expected: within 5 % of these, and correlations within 0.005 more: that is
// how well the mean over all pairs is known from 2,000 samples.
#include <lodestone/prior/make_prior.h>

#include <gtest/gtest.h>

#include <unit/prior/small_problem.h>

using namespace lodestone;

namespace
{

constexpr unsigned int n_samples = 2000;
constexpr double deviation = 0.5, length = 4;

Mesh<3>::Parameters in_box(const std::vector<unsigned int> &cells)
{
  Mesh<3>::Parameters p;
  p.lower = dealii::Point<3>(-12, -12, -12);
  p.upper = dealii::Point<3>(12, 12, 0);
  p.cells = cells;
  return p;
}

/// Unknowns of cells that are a length from the boundary at least, and pairs of such cells, one and two lengths apart
/// along x or y.
struct Places
{
  using Unknown = dealii::types::global_dof_index;
  std::vector<Unknown> inside;
  std::array<std::vector<std::pair<Unknown, Unknown>>, 2> pairs;

  explicit Places(const SmallProblem<3> &problem)
  {
    for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    {
      const auto first = problem.cells->index(cell);
      if (!is_inside(cell->center()) || first % 3 != 0)
        continue;
      inside.push_back(first);
      for (const unsigned int lengths : {1u, 2u})
        for (const unsigned int d : {0u, 1u})
        {
          dealii::Point<3> there = cell->center();
          there[d] += lengths * length;
          for (const auto &other : problem.mesh->triangulation().active_cell_iterators())
            // On graded and refined meshes only cells whose centres are that far apart, to a tenth of a length.
            if (is_inside(other->center()) && other->center().distance(there) < 0.1 * length)
              pairs[lengths - 1].emplace_back(first, problem.cells->index(other));
        }
    }
  }

private:
  static bool is_inside(const dealii::Point<3> &p)
  {
    return std::abs(p[0]) < 12 - length && std::abs(p[1]) < 12 - length && p[2] < -length && p[2] > length - 12;
  }
};

void expect_statistics(const Mesh<3>::Parameters &mesh)
{
  PriorParameters p;
  p.type = PriorType::matern;
  p.standard_deviation = std::to_string(deviation);
  p.horizontal_length = std::to_string(length);
  const SmallProblem<3> problem(mesh, p, {"m"}, 0, {}, MPI_COMM_SELF);
  const Places places(problem);
  ASSERT_GT(places.pairs[0].size(), 10u);
  ASSERT_GT(places.pairs[1].size(), 10u);
  double variance = 0, products[2] = {0, 0};
  for (unsigned int seed = 0; seed < n_samples; ++seed)
  {
    ParameterVector sample(problem.layout);
    ASSERT_TRUE(problem.prior->sample(seed, sample).converged);
    const auto &m = sample.values();
    for (const auto unknown : places.inside)
      variance += m(unknown) * m(unknown) / places.inside.size() / n_samples;
    for (unsigned int k = 0; k < 2; ++k)
      for (const auto &[a, b] : places.pairs[k])
        products[k] += m(a) * m(b) / places.pairs[k].size() / n_samples;
  }
  std::printf("standard deviation %.4f, correlation at one length %.4f, at two %.4f\n", std::sqrt(variance),
              products[0] / variance, products[1] / variance);
  EXPECT_NEAR(std::sqrt(variance), deviation, 0.05 * deviation);
  EXPECT_NEAR(products[0] / variance, std::exp(-2), 0.05 * std::exp(-2) + 0.005);
  EXPECT_NEAR(products[1] / variance, std::exp(-4), 0.05 * std::exp(-4) + 0.005);
}

} // namespace

TEST(MaternSamples, Uniform)
{
  expect_statistics(in_box({24, 24, 12}));
}

TEST(MaternSamples, Graded)
{
  auto mesh = in_box({24, 24, 12});
  mesh.grading = {2, 2, 1};
  expect_statistics(mesh);
}

TEST(MaternSamples, Refined)
{
  auto mesh = in_box({12, 12, 6});
  mesh.surface_refinements = 1;
  mesh.surface_distance = 8;
  expect_statistics(mesh);
}
