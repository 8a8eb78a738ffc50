// What the entries of a Matern prior mean, by 2,000 samples on a uniform, a graded and a refined mesh of a box of 24 x 24 x
// 12: standard deviation 0.5, and correlations exp(-2 r/L), that is 0.135 and 0.018 at one and two lengths, at places that
// are a length from the boundary at least. Expected: the standard deviation within 5 %, correlations within 0.05. Of 2,000
// samples a standard deviation is known to 1.6 %, a correlation near 0 to 0.022; means over four pairs to 0.013.
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

dealii::types::global_dof_index unknown_at(const SmallProblem<3> &problem, const dealii::Point<3> &p)
{
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (cell->bounding_box().point_inside(p))
      return problem.cells->index(cell);
  return dealii::numbers::invalid_dof_index;
}

void expect_statistics(const Mesh<3>::Parameters &mesh)
{
  PriorParameters p;
  p.type = PriorType::matern;
  p.standard_deviation = std::to_string(deviation);
  p.horizontal_length = std::to_string(length);
  const SmallProblem<3> problem(mesh, p, {"m"}, 0, {}, MPI_COMM_SELF);
  const dealii::Point<3> centre(0.01, 0.01, -5.99);
  std::vector<dealii::types::global_dof_index> at = {unknown_at(problem, centre)};
  for (const double r : {length, 2 * length})
    for (const unsigned int d : {0u, 1u})
      for (const double sign : {-1., 1.})
      {
        dealii::Point<3> there = centre;
        there[d] += sign * r;
        at.push_back(unknown_at(problem, there));
      }
  std::vector<double> squares(at.size(), 0.), products(at.size(), 0.);
  for (unsigned int seed = 0; seed < n_samples; ++seed)
  {
    ParameterVector sample(problem.layout);
    ASSERT_TRUE(problem.prior->sample(seed, sample).converged);
    for (std::size_t k = 0; k < at.size(); ++k)
    {
      squares[k] += std::pow(sample.values()(at[k]), 2) / n_samples;
      products[k] += sample.values()(at[k]) * sample.values()(at[0]) / n_samples;
    }
  }
  double correlations[2] = {0, 0};
  for (std::size_t k = 1; k < at.size(); ++k)
    correlations[k > 4] += products[k] / std::sqrt(squares[k] * squares[0]) / 4;
  std::printf("standard deviation %.4f, correlation at one length %.4f, at two %.4f\n", std::sqrt(squares[0]),
              correlations[0], correlations[1]);
  EXPECT_NEAR(std::sqrt(squares[0]), deviation, 0.05 * deviation);
  EXPECT_NEAR(correlations[0], std::exp(-2), 0.05);
  EXPECT_NEAR(correlations[1], std::exp(-4), 0.05);
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
