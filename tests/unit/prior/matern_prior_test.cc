// The Matern prior against a dense computation by another program (bi-Laplacian on 16 x 16 x 8 cubes of [0,1]^2 x
// [0,0.5], standard deviation 0.7, length 0.15: tests/verification/data/r3_n16_matern*.txt, to 1e-9, the digits given),
// and against what its entries mean: standard deviations and correlations from exact solves and from samples.
#include <gtest/gtest.h>

#include "small_problem.h"
#include "verification/number_rows.h"

using namespace lodestone;
using lodestone::testing::read_rows;

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

/// The operator alone.
PriorParameters plain(PriorParameters p)
{
  p.boundary_correction = "no";
  return p;
}

/// One column of R^-1: the covariances of an unknown with all others.
template <int dim>
ParameterVector covariances(const SmallProblem<dim> &problem, const dealii::types::global_dof_index unknown)
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
  Reference() : SmallProblem<3>(box<3>({0, 0, 0}, {1, 1, 0.5}, {n, n, n / 2}), plain(matern("0.7", "0.15"))) {}
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
  for (const auto &row : read_rows("r3_n16_matern_covariance.txt"))
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
  const auto minimiser = read_rows("r3_n16_matern.txt");
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

namespace
{

/// The least and the largest standard deviation of every third cell; lengths are a third of the box.
template <int dim>
std::pair<double, double> deviations(const typename Mesh<dim>::Parameters &mesh, const PriorParameters &parameters)
{
  const SmallProblem<dim> problem(mesh, parameters, {"m"}, 0, {}, MPI_COMM_SELF);
  std::pair<double, double> range = {1e300, 0};
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (const auto unknown = problem.cells->index(cell); unknown % 3 == 0)
    {
      const double deviation = std::sqrt(covariances(problem, unknown).values()(unknown));
      range = {std::min(range.first, deviation), std::max(range.second, deviation)};
    }
  std::printf("%u-D, %u cells, dip %s: %.4f to %.4f\n", dim, problem.mesh->triangulation().n_active_cells(),
              parameters.dip.c_str(), range.first, range.second);
  return range;
}

template <int dim>
std::vector<typename Mesh<dim>::Parameters> graded_and_refined(const typename Mesh<dim>::Parameters &uniform,
                                                               const typename Mesh<dim>::Parameters &coarse)
{
  std::vector<typename Mesh<dim>::Parameters> meshes = {uniform, coarse};
  meshes[0].grading = std::vector<double>(dim, 3.);
  meshes[0].grading.back() = 2; // so that cells are not much larger than half the vertical length
  meshes[1].surface_refinements = 1;
  meshes[1].surface_distance = 3;
  return meshes;
}

template <int dim>
void expect_half(const std::vector<typename Mesh<dim>::Parameters> &meshes, const PriorParameters &parameters,
                 const double tolerance = 0.1)
{
  for (const auto &mesh : meshes)
  {
    const auto [least, largest] = deviations<dim>(mesh, parameters);
    EXPECT_GT(least, 0.5 * (1 - tolerance));
    EXPECT_LT(largest, 0.5 * (1 + tolerance));
  }
}

PriorParameters dipping(PriorParameters p, const std::string &dip, const std::string &strike = "")
{
  p.dip = dip;
  p.strike = strike;
  return p;
}

} // namespace

// The correction and dipping layers, on one rank and on all: the same J, and R with its inverse.
TEST(MaternPriorParallel, DippingLayersOnAnyRanks)
{
  auto mesh = box<3>({-6, -6, -6}, {6, 6, 0}, {8, 8, 4});
  mesh.surface_refinements = 1;
  mesh.surface_distance = 1;
  const auto entries = dipping(matern("0.5", "4", "3"), "35", "60");
  const SmallProblem<3> all(mesh, entries), one(mesh, entries, {"m"}, 0, {}, MPI_COMM_SELF);
  const auto wave = [](const dealii::Point<3> &p) { return std::sin(p[0]) * p[2] + std::cos(p[1]); };
  const ParameterVector m = all.field(wave);
  const double expected = one.prior->value(one.field(wave));
  EXPECT_NEAR(all.prior->value(m), expected, 1e-11 * expected);
  ParameterVector g(all.layout), back(all.layout);
  all.prior->add_precision(m, g);
  EXPECT_NEAR(g.values() * m.values(), 2 * expected, 1e-10 * expected);
  ASSERT_TRUE(all.prior->apply_inverse(g, back).converged);
  back.values().add(-1, m.values());
  EXPECT_LT(back.values().l2_norm(), 1e-8 * m.values().l2_norm());
}

// With lengths of a third of the box the standard deviation is that of the entry in every cell of a uniform box, and within
// 10 % of it on graded and refined ones. Without the correction it is up to 17 % above it in corners.
TEST(MaternPrior, EntriesMeanWhatTheySay)
{
  const auto uniform = box<3>({-6, -6, -6}, {6, 6, 0}, {16, 16, 8});
  const auto corrected = deviations<3>(uniform, matern("0.5", "4", "2"));
  EXPECT_NEAR(corrected.first, 0.5, 1e-8);
  EXPECT_NEAR(corrected.second, 0.5, 1e-8);
  EXPECT_GT(deviations<3>(uniform, plain(matern("0.5", "4", "2"))).second, 0.55);
  expect_half<3>(graded_and_refined<3>(uniform, box<3>({-6, -6, -6}, {6, 6, 0}, {8, 8, 4})), matern("0.5", "4", "2"));
  const auto section = box<2>({-6, -6}, {6, 0}, {24, 12});
  const auto in_section = deviations<2>(section, matern("0.5", "4", "2"));
  EXPECT_NEAR(in_section.first, 0.5, 1e-8);
  EXPECT_NEAR(in_section.second, 0.5, 1e-8);
  expect_half<2>(graded_and_refined<2>(section, box<2>({-6, -6}, {6, 0}, {16, 8})), matern("0.5", "4", "2"));
}

// Layers that dip. In a volume of graded cells the largest are too coarse for the sums over corners: within 15 %.
TEST(MaternPrior, DeviationsOfDippingLayers)
{
  const auto section = box<2>({-6, -6}, {6, 0}, {24, 12});
  expect_half<2>(graded_and_refined<2>(section, box<2>({-6, -6}, {6, 0}, {16, 8})),
                 dipping(matern("0.5", "4", "2"), "35"), 0.05);
  expect_half<2>({section}, dipping(matern("0.5", "4", "2"), "35"), 0.002);
  const auto layers = dipping(matern("0.5", "4", "2"), "35", "60");
  const auto volume = box<3>({-6, -6, -6}, {6, 6, 0}, {16, 16, 8});
  const auto in_volume = graded_and_refined<3>(volume, box<3>({-6, -6, -6}, {6, 6, 0}, {8, 8, 4}));
  expect_half<3>({in_volume[0]}, layers, 0.15);
  expect_half<3>({in_volume[1], volume}, layers, 0.06);
}

// A box of many lengths, whose walls are those of a smaller one; and layers that rise.
TEST(MaternPrior, DeviationsOfDippingLayersInLargeBoxes)
{
  expect_half<2>({box<2>({-24, -24}, {24, 0}, {64, 32})}, dipping(matern("0.5", "4", "2"), "-50"), 0.05);
  expect_half<3>({box<3>({-6, -6, -6}, {6, 6, 0}, {16, 16, 10})}, dipping(matern("0.5", "2", "1.2"), "60", "200"),
                 0.06);
}

namespace
{

/// Correlation of the cell at the middle of a mesh of cells of size 1 with the one that is offset cells away.
template <int dim>
class Correlation
{
public:
  Correlation(const typename Mesh<dim>::Parameters &mesh, const PriorParameters &parameters)
      : problem_(mesh, parameters, {"m"}, 0, {}, MPI_COMM_SELF), deviations_(problem_.layout)
  {
    for (unsigned int d = 0; d < dim; ++d)
      middle_[d] = std::floor(0.5 * (mesh.lower[d] + mesh.upper[d])) + 0.5;
    column_ = covariances(problem_, unknown(middle_));
  }
  double operator()(const dealii::Tensor<1, dim> &offset) const
  {
    const auto there = unknown(middle_ + offset);
    const double variance = covariances(problem_, there).values()(there);
    return column_.values()(there) / std::sqrt(variance * column_.values()(unknown(middle_)));
  }

private:
  dealii::types::global_dof_index unknown(const dealii::Point<dim> &p) const
  {
    for (const auto &cell : problem_.mesh->triangulation().active_cell_iterators())
      if (cell->bounding_box().point_inside(p))
        return problem_.cells->index(cell);
    return dealii::numbers::invalid_dof_index;
  }
  SmallProblem<dim> problem_;
  ParameterVector deviations_, column_;
  dealii::Point<dim> middle_;
};

const std::string three_four_five = "36.86989764584402"; // degrees: the sine is 3/5, the cosine 4/5

} // namespace

// Layers with the slope 3/4: five cells along them are four to the right and three down, five cells across them three to the
// right and four up. The correlations are those that level layers have five cells away. Expected: within 0.02; two-point
// fluxes with the tensor's diagonal would be off by more than 0.1.
TEST(MaternPrior, CorrelationsOfDippingLayers)
{
  const auto section = box<2>({0, -41}, {41, 0}, {41, 41});
  const auto entries = matern("0.5", "12", "5");
  const Correlation<2> level(section, entries), dips(section, dipping(entries, three_four_five)),
      rises(section, dipping(entries, "-" + three_four_five));
  const auto at = [](const double x, const double z) { return dealii::Tensor<1, 2>({x, z}); };
  const double along = level(at(5, 0)), across = level(at(0, 5));
  EXPECT_GT(along, across + 0.2);
  EXPECT_NEAR(dips(at(4, -3)), along, 0.02);
  EXPECT_NEAR(dips(at(-4, 3)), along, 0.02);
  EXPECT_NEAR(dips(at(3, 4)), across, 0.02);
  EXPECT_NEAR(rises(at(4, 3)), along, 0.02);
  EXPECT_NEAR(rises(at(3, -4)), across, 0.02);
}

TEST(MaternPrior, CorrelationsOfStrikeAndDip)
{
  const auto volume = box<3>({0, 0, -19}, {19, 19, 0}, {19, 19, 19});
  const auto entries = matern("0.5", "10", "5");
  const Correlation<3> level(volume, entries), east(volume, dipping(entries, three_four_five, "90")),
      north_east(volume, dipping(entries, "90", three_four_five));
  const auto at = [](const double x, const double y, const double z) { return dealii::Tensor<1, 3>({x, y, z}); };
  const double along = level(at(5, 0, 0)), across = level(at(0, 0, 5));
  EXPECT_GT(along, across + 0.15);
  EXPECT_NEAR(east(at(5, 0, 0)), along, 0.03);   // along the strike, east
  EXPECT_NEAR(east(at(0, -4, -3)), along, 0.03); // down the dip, to the south
  EXPECT_NEAR(east(at(0, -3, 4)), across, 0.03);
  EXPECT_NEAR(north_east(at(3, 4, 0)), along, 0.03); // upright layers, strike clockwise from north
  EXPECT_NEAR(north_east(at(0, 0, 5)), along, 0.03);
  EXPECT_NEAR(north_east(at(4, -3, 0)), across, 0.03);
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
