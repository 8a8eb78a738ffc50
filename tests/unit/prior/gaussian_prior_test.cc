#include <deal.II/grid/grid_tools.h>
#include <deal.II/lac/full_matrix.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <unit/prior/small_problem.h>

using namespace lodestone;

namespace
{

/// 1/2 times the squared slope times the volume between the outermost layers of cell centres: what two-point
/// differences of a linear field add up to on cells that are boxes.
template <int dim>
double energy_of_slope(const Mesh<dim> &mesh, const unsigned int direction)
{
  double volume = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      volume += cell->measure();
      for (const unsigned int side : {0u, 1u})
        volume -= cell->at_boundary(2 * direction + side) ? cell->measure() / 2 : 0;
    }
  return 0.5 * dealii::Utilities::MPI::sum(volume, mesh.communicator());
}

template <int dim>
void expect_exact_for_linear_fields(const typename Mesh<dim>::Parameters &mesh_parameters)
{
  // Horizontal and vertical factors by correlation lengths: L_h = 2, L_v = 0.5 and standard deviation 1.
  const SmallProblem<dim> problem(mesh_parameters, smooth(1, 2, 0.5));
  const double correlated = dim == 3 ? 8 * std::acos(-1.) * 2 * 2 * 0.5 : 2 * std::acos(-1.) * 2 * 0.5;
  dealii::Tensor<1, dim> slope;
  for (unsigned int d = 0; d < dim; ++d)
    slope[d] = 1.5 - d;
  const auto linear = [&](const dealii::Point<dim> &p) { return slope * p; };
  double expected = 0;
  for (unsigned int d = 0; d < dim; ++d)
    expected += slope[d] * slope[d] * (d == dim - 1 ? 0.25 : 4) * energy_of_slope(*problem.mesh, d) / correlated;
  double mass = 0;
  for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      mass += 0.5 * cell->measure() * std::pow(linear(cell->center()), 2) / correlated;
  expected += dealii::Utilities::MPI::sum(mass, MPI_COMM_WORLD);
  EXPECT_NEAR(problem.prior->value(problem.field(linear)), expected, 1e-12 * expected);
}

} // namespace

// The energy of a linear field is exact on boxes whatever their sizes, up to the half cells at the boundary that no
// face sees.
TEST(GaussianPriorParallel, ExactForLinearFields)
{
  expect_exact_for_linear_fields<2>(box<2>({12, 6}));
  expect_exact_for_linear_fields<2>(graded_box<2>({12, 6}));
  expect_exact_for_linear_fields<2>(refined_box<2>({12, 6}));
  expect_exact_for_linear_fields<3>(graded_box<3>({4, 6, 4}));
  expect_exact_for_linear_fields<3>(refined_box<3>({4, 4, 4}));
}

namespace
{

/// n_k, the k-th axis of a box that was turned in x-z by 0.5 and, in 3-D, in x-y by 1.1 after that.
template <int dim>
dealii::Tensor<1, dim> turned(const dealii::Tensor<1, dim> &p)
{
  dealii::Tensor<1, dim> q = p;
  q[0] = std::cos(0.5) * p[0] - std::sin(0.5) * p[dim - 1];
  q[dim - 1] = std::sin(0.5) * p[0] + std::cos(0.5) * p[dim - 1];
  if (dim == 3)
  {
    const dealii::Tensor<1, dim> r = q;
    q[0] = std::cos(1.1) * r[0] - std::sin(1.1) * r[1];
    q[1] = std::sin(1.1) * r[0] + std::cos(1.1) * r[1];
  }
  return q;
}

/// m = n_k . x on a turned box, for every k.
template <int dim>
void expect_exact_on_oblique_faces(const typename Mesh<dim>::Parameters &mesh_parameters)
{
  const double Lh = 2, Lv = 0.5, correlated = (dim == 3 ? 8 * std::acos(-1.) * Lh : 2 * std::acos(-1.)) * Lh * Lv;
  const SmallProblem<dim> problem(
      mesh_parameters, smooth(1, Lh, Lv), {"m"}, 0, {}, MPI_COMM_WORLD, [](Mesh<dim> &mesh) {
        dealii::GridTools::transform(
            [](const dealii::Point<dim> &p) { return dealii::Point<dim>(turned<dim>(p)); },
            const_cast<dealii::parallel::distributed::Triangulation<dim> &>(mesh.triangulation()));
      });
  for (unsigned int k = 0; k < dim; ++k)
  {
    dealii::Tensor<1, dim> axis;
    axis[k] = 1;
    const dealii::Tensor<1, dim> n = turned<dim>(axis);
    double squares = 0;
    for (const auto &cell : problem.mesh->triangulation().active_cell_iterators())
      if (cell->is_locally_owned())
        squares += cell->measure() * std::pow(n * cell->center(), 2);
    const double of_slope = Lh * Lh * (1 - n[dim - 1] * n[dim - 1]) + Lv * Lv * n[dim - 1] * n[dim - 1];
    const double expected =
        (of_slope * energy_of_slope(*problem.mesh, k) + 0.5 * dealii::Utilities::MPI::sum(squares, MPI_COMM_WORLD)) /
        correlated;
    EXPECT_NEAR(problem.prior->value(problem.field([&](const dealii::Point<dim> &p) { return n * p; })), expected,
                1e-12 * expected)
        << "axis " << k << " of " << dim;
  }
}

/// gmsh's text of nx x nz unit squares, of which those that `is_core` names by column and row are one zone, the others
/// another.
std::string squares_of_two_zones(const unsigned int nx, const unsigned int nz,
                                 const std::function<bool(unsigned int, unsigned int)> &is_core)
{
  std::string text = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n3\n1 8 \"top\"\n2 5 \"core\"\n2 6 "
                     "\"shell\"\n$EndPhysicalNames\n";
  text += "$Nodes\n" + std::to_string((nx + 1) * (nz + 1)) + "\n";
  for (unsigned int k = 0; k <= nz; ++k)
    for (unsigned int i = 0; i <= nx; ++i)
      text += std::to_string(1 + i + k * (nx + 1)) + " " + std::to_string(i) + " " + std::to_string(int(k) - int(nz)) +
              " 0\n";
  text += "$EndNodes\n$Elements\n" + std::to_string(nx * nz + 1) + "\n1 1 2 8 1 " + std::to_string(1 + nz * (nx + 1)) +
          " " + std::to_string(2 + nz * (nx + 1)) + "\n";
  for (unsigned int k = 0; k < nz; ++k)
    for (unsigned int i = 0; i < nx; ++i)
    {
      const unsigned int corner = 1 + i + k * (nx + 1);
      text += std::to_string(2 + i + k * nx) + (is_core(i, k) ? " 3 2 5 1 " : " 3 2 6 1 ") + std::to_string(corner) +
              " " + std::to_string(corner + 1) + " " + std::to_string(corner + nx + 2) + " " +
              std::to_string(corner + nx + 1) + "\n";
    }
  return text + "$EndElements\n";
}

/// 1/2 K (3 - 1)^2 of two zones, with K = sum of area over distance of the faces between them, and the gradient's
/// weight 2.
void expect_coupling(const unsigned int nx, const unsigned int nz,
                     const std::function<bool(unsigned int, unsigned int)> &is_core, const double K)
{
  const std::string file =
      "zones_of_prior.np" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".msh";
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (first)
    std::ofstream(file) << squares_of_two_zones(nx, nz, is_core);
  MPI_Barrier(MPI_COMM_WORLD);
  Mesh<2>::Parameters parameters;
  parameters.source = MeshSource::gmsh;
  parameters.file = file;
  const SmallProblem<2> problem(parameters, raw(2, 1e-6));
  MPI_Barrier(MPI_COMM_WORLD);
  if (first)
    std::remove(file.c_str());
  ASSERT_EQ(problem.layout->size(), 2u);
  const auto m = problem.field([&](const dealii::Point<2> &p) {
    return is_core(static_cast<unsigned int>(p[0]), static_cast<unsigned int>(p[1] + nz)) ? 3. : 1.;
  });
  EXPECT_NEAR(problem.prior->value(m), 0.5 * 2 * K * 4, 1e-4);
}

} // namespace

// The energy of a field whose slope is along the normals of oblique faces is that of the integral too, 1/2 n.K n with K
// = diag(L_h^2, L_h^2, L_v^2): of the unit slope n the part n_z^2 is vertical. (Two-point differences see slopes along
// normals alone.)
TEST(GaussianPriorParallel, HorizontalAndVerticalShareOnObliqueFaces)
{
  expect_exact_on_oblique_faces<2>(graded_box<2>({12, 6}));
  expect_exact_on_oblique_faces<2>(refined_box<2>({12, 6}));
  expect_exact_on_oblique_faces<3>(graded_box<3>({4, 6, 4}));
}

// By hand, on unit squares. A zone's centre may lie anywhere: that of one which another surrounds is (nearly) the
// other's own, and the two are as far apart as the cells on both sides of their boundary, 1. Zones side by side are as
// far apart as their centres: columns of 2 and 3 squares 2.5.
TEST(GaussianPriorParallel, ZonesAroundOneAnother)
{
  const auto inner = [](const unsigned int i, const unsigned int k) {
    return (i == 1 || i == 2) && (k == 1 || k == 2);
  };
  expect_coupling(4, 4, inner, 8);
  expect_coupling(5, 4, inner, 8); // centres 0.625 apart
  expect_coupling(
      5, 4, [](const unsigned int i, const unsigned int) { return i < 2; }, 4 / 2.5);
}

// 1/2 int |grad m|^2 of the continuum: the half cells at the boundary are 1/n of each axis, 1 % to 2 % here.
TEST(GaussianPriorParallel, ApproachesTheIntegral)
{
  for (const auto &mesh : {graded_box<2>({128, 64}), refined_box<2>({64, 48})})
  {
    const SmallProblem<2> problem(mesh, raw(1, 1e-6));
    const auto linear = [](const dealii::Point<2> &p) { return 1 + 0.7 * p[0] - 0.4 * p[1]; };
    const double integral = 0.5 * 4 * (0.49 + 0.16);
    EXPECT_NEAR(problem.prior->value(problem.field(linear)), integral, 0.03 * integral);
  }
}

// A constant c has only the mass term: c^2 V / (2 s^2 V_L), V = 4 (2-D) or 16 (3-D).
TEST(GaussianPriorParallel, StandardDeviationOfAConstant)
{
  const double pi = std::acos(-1.), c = 0.7, s = 0.5, Lh = 0.6, Lv = 0.3;
  const SmallProblem<2> plane(refined_box<2>({6, 4}), smooth(s, Lh, Lv));
  EXPECT_NEAR(plane.prior->value(plane.field([=](const auto &) { return c; })),
              c * c * 4 / (2 * s * s * 2 * pi * Lh * Lv), 1e-12);
  const SmallProblem<3> solid(refined_box<3>({4, 4, 2}), smooth(s, Lh, Lv));
  EXPECT_NEAR(solid.prior->value(solid.field([=](const auto &) { return c; })),
              c * c * 16 / (2 * s * s * 8 * pi * Lh * Lh * Lv), 1e-12);
  // Tikhonov: each of the n cells on its own, weighted by its volume.
  auto tikhonov = smooth(s, Lh, Lv);
  tikhonov.type = PriorType::tikhonov;
  tikhonov.weight = "3";
  const SmallProblem<2> cellwise(refined_box<2>({6, 4}), tikhonov);
  const double n = cellwise.layout->size();
  EXPECT_NEAR(cellwise.prior->value(cellwise.field([=](const auto &) { return c; })), 3 * c * c * n / (2 * s * s),
              1e-10);
}

// Without lengths: a tenth of the model's width, the longer one of both, and the vertical one like the horizontal one.
TEST(GaussianPriorParallel, DefaultLengths)
{
  auto mesh = box<3>({4, 4, 2});
  mesh.upper[1] = 7;
  for (const bool wide_in_x : {false, true})
  {
    if (wide_in_x)
      std::swap(mesh.upper[0], mesh.upper[1]);
    auto given = smooth(0.5, 0.7, 0.7), by_default = given, horizontal = smooth(0.5, 0.9, 0.9),
         horizontal_alone = horizontal;
    by_default.horizontal_length = by_default.vertical_length = horizontal_alone.vertical_length = "";
    const auto value = [&](const PriorParameters &parameters) {
      const SmallProblem<3> problem(mesh, parameters);
      return problem.prior->value(problem.field(wave3));
    };
    EXPECT_NEAR(value(by_default) / value(given), 1, 1e-14);
    EXPECT_NEAR(value(horizontal_alone) / value(horizontal), 1, 1e-14);
  }
}

TEST(GaussianPriorParallel, FieldsAreIndependent)
{
  auto p = smooth(1, 0.5, 0.5);
  p.standard_deviation = "0.5, 0.1";
  const SmallProblem<2> two(refined_box<2>({6, 4}), p, {"a", "b"});
  const SmallProblem<2> first(refined_box<2>({6, 4}), smooth(0.5, 0.5, 0.5)),
      second(refined_box<2>({6, 4}), smooth(0.1, 0.5, 0.5));
  const double a = first.prior->value(first.field(wave2)), b = second.prior->value(second.field(wave2));
  EXPECT_NEAR(two.prior->value(two.field(wave2, 0)), a, 1e-12 * a);
  EXPECT_NEAR(two.prior->value(two.field(wave2, 1)), b, 1e-12 * b);
  ParameterVector both = two.field(wave2, 0);
  both.values().add(1, two.field(wave2, 1).values());
  EXPECT_NEAR(two.prior->value(both), a + b, 1e-12 * (a + b));
  EXPECT_NEAR(b, 25 * a, 1e-10 * b);
}

// Every rank computes the same on a mesh of its own.
TEST(GaussianPriorParallel, DoesNotDependOnRanks)
{
  const auto compare = [](const auto &distributed, const auto &alone, const auto &wave) {
    const ParameterVector m = distributed.field(wave), m_alone = alone.field(wave);
    const double value = alone.prior->value(m_alone);
    EXPECT_NEAR(distributed.prior->value(m), value, 1e-12 * value);
    ParameterVector x(distributed.layout), x_alone(alone.layout);
    EXPECT_TRUE(distributed.prior->apply_inverse(m, x).converged);
    EXPECT_TRUE(alone.prior->apply_inverse(m_alone, x_alone).converged);
    EXPECT_NEAR(x.values() * m.values(), x_alone.values() * m_alone.values(),
                1e-10 * (x_alone.values() * m_alone.values()));
    EXPECT_NEAR(x.values().linfty_norm(), x_alone.values().linfty_norm(), 1e-10 * x_alone.values().linfty_norm());
  };
  const auto p = smooth(0.5, 0.6, 0.3);
  const Region<2> held2 = [](const auto &q) { return q[0] > 3; };
  compare(SmallProblem<2>(refined_box<2>({8, 4}), p, {"m"}, 0, held2),
          SmallProblem<2>(refined_box<2>({8, 4}), p, {"m"}, 0, held2, MPI_COMM_SELF), wave2);
  compare(SmallProblem<2>(refined_box<2>({8, 4}), p, {"m"}, 1),
          SmallProblem<2>(refined_box<2>({8, 4}), p, {"m"}, 1, {}, MPI_COMM_SELF), wave2);
  compare(SmallProblem<3>(refined_box<3>({4, 4, 2}), p),
          SmallProblem<3>(refined_box<3>({4, 4, 2}), p, {"m"}, 0, {}, MPI_COMM_SELF), wave3);
}

// Parameter cells one level above the cells are the cells of a mesh of twice the size.
TEST(GaussianPriorParallel, AncestorsEqualACoarserMesh)
{
  const auto p = smooth(0.5, 0.6, 0.3);
  const auto linear_2d = [](const auto &q) { return 1 + q[0] - 2 * q[1]; };
  const SmallProblem<2> fine(box<2>({16, 8}), p, {"m"}, 1), coarse(box<2>({8, 4}), p);
  ASSERT_EQ(fine.layout->size(), coarse.layout->size());
  const double value = coarse.prior->value(coarse.field(linear_2d));
  EXPECT_NEAR(fine.prior->value(fine.field(linear_2d)), value, 1e-12 * value);
  const SmallProblem<3> fine_3(box<3>({8, 4, 4}), p, {"m"}, 1), coarse_3(box<3>({4, 2, 2}), p);
  const auto linear_3d = [](const auto &q) { return 1 + q[0] - 2 * q[1] + 3 * q[2]; };
  const double value_3 = coarse_3.prior->value(coarse_3.field(linear_3d));
  EXPECT_NEAR(fine_3.prior->value(fine_3.field(linear_3d)), value_3, 1e-12 * value_3);
}

// Four cells of 1 x 1 in a row, the second held: its neighbours are held against 0, the last two against each other.
TEST(GaussianPriorParallel, HeldCellsCountAsZero)
{
  const SmallProblem<2> problem(box<2>({4, 1}), raw(2, 1e-6), {"m"}, 0,
                                [](const auto &p) { return p[0] > 1 && p[0] < 2; });
  ASSERT_EQ(problem.layout->size(), 3u);
  const auto m = problem.field([](const auto &p) { return p[0] < 1 ? 3 : p[0] < 3 ? 5 : 1; });
  EXPECT_NEAR(problem.prior->value(m), 0.5 * 2 * (3 * 3 + 5 * 5 + 4 * 4), 1e-4);
}

// The quadratic expansion is exact.
TEST(GaussianPriorParallel, GradientAndHessianExpandTheValue)
{
  const SmallProblem<3> problem(refined_box<3>({4, 4, 2}), smooth(0.5, 0.6, 0.3), {"a", "b"});
  const ParameterVector reference = pseudo_random(problem.layout, 0.9);
  const GaussianPrior prior(problem.layout, std::make_shared<SquaresAbout>(problem.gaussian().squares(), reference));
  ParameterVector m = pseudo_random(problem.layout, 1.7), v = pseudo_random(problem.layout, 0.3), moved = m;
  moved.values().add(1, v.values());
  ParameterVector g(problem.layout), Rv(problem.layout), Rm(problem.layout);
  prior.add_gradient(m, g);
  prior.add_hessian(m, v, Rv);
  prior.add_hessian(m, m, Rm);
  const double expanded = prior.value(m) + g.values() * v.values() + 0.5 * (v.values() * Rv.values());
  EXPECT_NEAR(prior.value(moved), expanded, 1e-13 * std::abs(expanded));
  const double mRv = m.values() * Rv.values();
  EXPECT_NEAR(mRv, v.values() * Rm.values(), 1e-13 * m.values().l2_norm() * Rv.values().l2_norm());

  ParameterVector difference = prior.mean(), at_mean(problem.layout);
  difference.values() -= reference.values();
  EXPECT_LT(difference.values().linfty_norm(), 1e-11);
  prior.add_gradient(prior.mean(), at_mean);
  EXPECT_EQ(at_mean.values().linfty_norm(), 0);
  EXPECT_LT(prior.value(prior.mean()), 1e-20 * prior.value(m));
  prior.add_gradient(m, g);
  ParameterVector once(problem.layout);
  prior.add_gradient(m, once);
  once.values().add(1, once.values(), -1, g.values());
  EXPECT_EQ(once.values().linfty_norm(), 0); // they add
}

namespace
{

template <int dim>
void expect_inverse(const SmallProblem<dim> &problem)
{
  for (const double scale : {1., 1e-160, 1e150})
  {
    ParameterVector b = pseudo_random(problem.layout, 2.1), x(problem.layout), back(problem.layout);
    b.values() *= scale;
    const SolveReport report = problem.prior->apply_inverse(b, x);
    EXPECT_TRUE(report.converged) << report.reason;
    EXPECT_LT(report.relative_residual, 1e-11);
    problem.prior->add_hessian(x, x, back);
    back.values().add(-1, b.values());
    EXPECT_LT(back.values().linfty_norm(), 1e-10 * scale);
  }
}

} // namespace

TEST(GaussianPriorParallel, InverseByFactorisation)
{
  expect_inverse(SmallProblem<3>(refined_box<3>({4, 4, 2}), smooth(0.5, 0.6, 0.3), {"a", "b"}));
}

TEST(GaussianPriorParallel, InverseByIteration)
{
  const SmallProblem<2> problem(refined_box<2>({128, 64}), smooth(0.5, 0.6, 0.3));
  ASSERT_GT(problem.layout->size(), 10000u);
  expect_inverse(problem);
  ParameterVector b = pseudo_random(problem.layout, 2.1), x(problem.layout);
  EXPECT_LT(problem.prior->apply_inverse(b, x).iterations, 40u);
}

TEST(GaussianPriorParallel, InverseOfZeroAndOfNan)
{
  const SmallProblem<2> problem(box<2>({6, 4}), smooth(0.5, 0.6, 0.3));
  ParameterVector b(problem.layout), x = pseudo_random(problem.layout, 1);
  EXPECT_TRUE(problem.prior->apply_inverse(b, x).converged);
  EXPECT_EQ(x.values().linfty_norm(), 0);
  for (const auto i : b.values().locally_owned_elements())
    b.values()(i) = i == 3 ? std::nan("") : 1;
  const SolveReport report = problem.prior->apply_inverse(b, x);
  EXPECT_FALSE(report.converged);
  EXPECT_FALSE(report.reason.empty());
}

// A Newton system's preconditioner must be symmetric and positive, the same map each time but for the order in which
// ranks' sums arrive, and near the inverse: within a factor of two in energy is far more than it needs.
void expect_preconditioner(const SmallProblem<2> &problem)
{
  const Prior &prior = *problem.prior;
  const ParameterVector a = pseudo_random(problem.layout, 1.3), b = pseudo_random(problem.layout, 2.1);
  ParameterVector of_a(problem.layout), of_b(problem.layout), again(problem.layout), inverse(problem.layout);
  prior.precondition(a, of_a);
  prior.precondition(b, of_b);
  EXPECT_NEAR(a.values() * of_b.values(), b.values() * of_a.values(), 1e-12 * std::abs(a.values() * of_a.values()));
  prior.precondition(a, again);
  again.values() -= of_a.values();
  EXPECT_LE(again.values().linfty_norm(), 1e-14 * of_a.values().linfty_norm());
  EXPECT_TRUE(prior.apply_inverse(a, inverse).converged);
  const double ratio = (a.values() * of_a.values()) / (a.values() * inverse.values());
  EXPECT_GT(ratio, 0.5);
  EXPECT_LT(ratio, 2);
}

TEST(GaussianPriorParallel, PreconditionerIsNearTheInverse)
{
  expect_preconditioner(SmallProblem<2>(refined_box<2>({128, 64}), smooth(0.5, 0.6, 0.3)));
  expect_preconditioner(SmallProblem<2>(refined_box<2>({8, 4}), smooth(0.5, 0.6, 0.3)));
}

// The log-density of N(mu, Sigma) has the gradient -Sigma^-1 (x - mu) and the Hessian -Sigma^-1: Sigma from
// apply_inverse column by column, inverted by a dense method.
TEST(GaussianPrior, IsTheGaussianOfItsCovariance)
{
  const SmallProblem<2> problem(refined_box<2>({4, 2}), smooth(0.5, 0.6, 0.3));
  const unsigned int n = problem.layout->size();
  ParameterVector mean = pseudo_random(problem.layout, 0.9), x = pseudo_random(problem.layout, 1.7), g(problem.layout);
  const GaussianPrior prior(problem.layout, std::make_shared<SquaresAbout>(problem.gaussian().squares(), mean));
  prior.add_gradient(x, g);
  dealii::FullMatrix<double> covariance(n, n), inverse(n, n), precision(n, n);
  for (unsigned int j = 0; j < n; ++j)
  {
    ParameterVector unit(problem.layout), column(problem.layout), row(problem.layout);
    unit.values()(j) = 1;
    ASSERT_TRUE(prior.apply_inverse(unit, column).converged);
    prior.add_hessian(x, unit, row);
    for (unsigned int i = 0; i < n; ++i)
    {
      covariance(i, j) = column.values()(i);
      precision(i, j) = row.values()(i);
    }
  }
  inverse.invert(covariance);
  const double size = precision.linfty_norm();
  for (unsigned int i = 0; i < n; ++i)
  {
    double expected = 0;
    for (unsigned int j = 0; j < n; ++j)
    {
      EXPECT_NEAR(precision(i, j), inverse(i, j), 1e-12 * size);
      expected += inverse(i, j) * (x.values()(j) - mean.values()(j));
    }
    EXPECT_NEAR(g.values()(i), expected, 1e-12 * size);
  }
}

TEST(GaussianPriorParallel, NoUnknowns)
{
  const SmallProblem<2> problem(box<2>({4, 2}), smooth(0.5, 0.6, 0.3), {"m"}, 0, [](const auto &) { return true; });
  ParameterVector m(problem.layout), x(problem.layout);
  EXPECT_EQ(problem.prior->value(m), 0);
  EXPECT_TRUE(problem.prior->apply_inverse(m, x).converged);
}
