// The Matern prior against a dense computation by another program (bi-Laplacian on 16 x 16 x 8 cubes of [0,1]^2 x
// [0,0.5], standard deviation 0.7, length 0.15: tests/verification/data/r3_n16_matern*.txt, to 1e-9, the digits given),
// and against what its entries mean: standard deviations and correlations from exact solves and from samples.
#include <gtest/gtest.h>

#include "small_problem.h"
#include <fstream>
#include <sstream>

using namespace lodestone;

namespace
{

PriorParameters matern(const std::string &deviation, const std::string &horizontal, const std::string &vertical = "")
{
  PriorParameters p;
  p.type = PriorType::matern;
  p.standard_deviation = deviation;
  p.horizontal_length = horizontal;
  p.vertical_length = vertical;
  return p;
}

template <int dim>
typename Mesh<dim>::Parameters box(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                   const std::vector<unsigned int> &cells)
{
  typename Mesh<dim>::Parameters p;
  p.lower = lower;
  p.upper = upper;
  p.cells = cells;
  return p;
}

std::vector<std::vector<double>> rows_of(const std::string &name)
{
  std::ifstream in(std::string(LODESTONE_SOURCE_DIR) + "/tests/verification/data/" + name);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#')
    {
      std::istringstream numbers(line);
      rows.emplace_back();
      for (double x; numbers >> x;)
        rows.back().push_back(x);
    }
  return rows;
}

/// One column of R^-1: the covariances of an unknown with all others.
ParameterVector covariances(const SmallProblem<3> &problem, const dealii::types::global_dof_index unknown)
{
  ParameterVector e(problem.layout), column(problem.layout);
  if (e.values().in_local_range(unknown))
    e.values()(unknown) = 1;
  EXPECT_TRUE(problem.prior->apply_inverse(e, column).converged);
  return column;
}

template <typename Vector>
double entry(const Vector &v, const dealii::types::global_dof_index i)
{
  return dealii::Utilities::MPI::sum(v.in_local_range(i) ? v(i) : 0., v.get_mpi_communicator());
}

/// The unknown whose cell holds a point, on all ranks.
dealii::types::global_dof_index unknown_at(const SmallProblem<3> &problem, const dealii::Point<3> &p)
{
  dealii::types::global_dof_index found = 0;
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->bounding_box().point_inside(p))
      found = std::max(found, problem.cells->index(cell));
  return dealii::Utilities::MPI::max(found, MPI_COMM_WORLD);
}

constexpr unsigned int n = 16;

struct Reference : SmallProblem<3>
{
  Reference() : SmallProblem<3>(box<3>({0, 0, 0}, {1, 1, 0.5}, {n, n, n / 2}), matern("0.7", "0.15")) {}
  dealii::types::global_dof_index unknown(const unsigned int cell) const
  {
    const double h = 1. / n;
    return unknown_at(*this, {(cell % n + 0.5) * h, (cell / n % n + 0.5) * h, (cell / n / n + 0.5) * h});
  }
};

} // namespace

TEST(MaternPriorParallel, VariancesAndCorrelationsOfTheReference)
{
  const Reference problem;
  const auto centre = problem.unknown(1160);
  const ParameterVector of_centre = covariances(problem, centre);
  const double variance_of_centre = entry(of_centre.values(), centre);
  for (const auto &row : rows_of("r3_n16_matern_covariance.txt"))
  {
    const auto unknown = problem.unknown(row[0]);
    const double variance = entry(covariances(problem, unknown).values(), unknown);
    EXPECT_NEAR(variance, row[1], 1e-9 * row[1]) << "cell " << row[0];
    EXPECT_NEAR(entry(of_centre.values(), unknown) / std::sqrt(variance * variance_of_centre), row[2], 1e-9);
  }
}

TEST(MaternPriorParallel, ValueAtTheReferencesMinimiser)
{
  const Reference problem;
  const auto minimiser = rows_of("r3_n16_matern.txt");
  const ParameterVector m = problem.field(
      [&](const dealii::Point<3> &p) { return minimiser[int(p[0] * n) + n * (int(p[1] * n) + n * int(p[2] * n))][0]; });
  EXPECT_NEAR(problem.prior->value(m), 24.282243723517038, 1e-9 * 24.28);
}

TEST(MaternPriorParallel, ValueGradientHessianAndInverseBelongTogether)
{
  auto mesh = box<3>({0, 0, -3}, {8, 6, 0}, {8, 6, 4});
  mesh.grading = {2, 1, 3};
  mesh.surface_refinements = 1;
  const SmallProblem<3> problem(mesh, matern("0.5, 0.2", "2, 3", "1, 3"), {"a", "b"}, 0,
                                [](const dealii::Point<3> &p) { return p[0] > 6 && p[2] < -1; });
  problem.prior->set_factor(1.7);
  ParameterVector m = problem.field([](const dealii::Point<3> &p) { return std::sin(p[0]) * p[2]; });
  m.values().add(1, problem.field([](const dealii::Point<3> &p) { return std::cos(p[1]); }, 1).values());
  ParameterVector g(problem.layout), h(problem.layout), back(problem.layout), near(problem.layout);
  problem.prior->add_gradient(m, g);
  problem.prior->add_hessian(m, m, h);
  const double product = m.values() * g.values();
  EXPECT_NEAR(problem.prior->value(m), 0.5 * product, 1e-12 * product);
  EXPECT_NEAR(h.values() * m.values(), product, 1e-12 * product);
  ASSERT_TRUE(problem.prior->apply_inverse(g, back).converged);
  back.values().add(-1, m.values());
  EXPECT_LT(back.values().l2_norm(), 1e-8 * m.values().l2_norm());
  problem.prior->precondition(g, near);
  EXPECT_GT(near.values() * g.values(), 0);
}

// For lengths of a third of the box the standard deviation is within 13 % of the entry inside and at faces, and within 20 %
// at edges and corners (found: 0.45 to 0.56, 0.58 for 0.5). Correlations at one and two lengths in the horizontal are
// exp(-2 r/L): 0.135 and 0.018.
TEST(MaternPrior, EntriesMeanWhatTheySay)
{
  const auto uniform = box<3>({-6, -6, -6}, {6, 6, 0}, {16, 16, 8});
  auto graded = uniform, refined = box<3>({-6, -6, -6}, {6, 6, 0}, {8, 8, 4});
  graded.grading = {3, 3, 3};
  refined.surface_refinements = 1;
  refined.surface_distance = 3;
  for (const auto &mesh : {uniform, graded, refined})
  {
    const SmallProblem<3> problem(mesh, matern("0.5", "4", "2"), {"m"}, 0, {}, MPI_COMM_SELF);
    for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    {
      const auto unknown = problem.cells->index(cell);
      if (unknown % 5 != 0)
        continue;
      unsigned int n_boundaries = 0;
      for (const unsigned int f : cell->face_indices())
        n_boundaries += cell->at_boundary(f) ? 1 : 0;
      const double deviation = std::sqrt(covariances(problem, unknown).values()(unknown));
      EXPECT_GT(deviation, 0.45);
      EXPECT_LT(deviation, n_boundaries > 1 ? 0.6 : 0.565) << cell->center();
    }
  }
}

TEST(MaternPriorParallel, SamplesHaveTheCovariance)
{
  // A box that is large against the length: exact correlations at one and two lengths by solves, and samples of a mean
  // over four places, whose variance is known to 1/sqrt(2 n).
  const SmallProblem<3> problem(box<3>({0, 0, 0}, {24, 24, 12}, {24, 24, 12}), matern("0.5", "4"));
  const auto at = [&](const double x, const double y, const double z) { return unknown_at(problem, {x, y, z}); };
  const auto centre = at(11.5, 11.5, 5.5);
  const ParameterVector column = covariances(problem, centre);
  const double variance = entry(column.values(), centre);
  EXPECT_NEAR(std::sqrt(variance), 0.5, 0.025);
  EXPECT_NEAR(entry(column.values(), at(15.5, 11.5, 5.5)) / variance, std::exp(-2), 0.05 * std::exp(-2));
  EXPECT_NEAR(entry(column.values(), at(11.5, 19.5, 5.5)) / variance, std::exp(-4), 0.25 * std::exp(-4));

  constexpr unsigned int n_samples = 400;
  double sum = 0, squares = 0;
  for (unsigned int seed = 0; seed < n_samples; ++seed)
  {
    ParameterVector sample(problem.layout);
    ASSERT_TRUE(problem.prior->sample(seed, sample).converged);
    const double m = entry(sample.values(), centre);
    sum += m;
    squares += m * m;
  }
  EXPECT_NEAR(sum / n_samples, 0, 3 * std::sqrt(variance / n_samples));
  EXPECT_NEAR(squares / n_samples / variance, 1, 3 * std::sqrt(2. / n_samples));
}
