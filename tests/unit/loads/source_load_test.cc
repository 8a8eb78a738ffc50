#include <lodestone/base/error.h>
#include <lodestone/loads/sources/dislocation.h>
#include <lodestone/loads/sources/point_source.h>

#include <gtest/gtest.h>

#include "load_fixture.h"
#include <cstdio>
#include <fstream>

using namespace lodestone;

namespace
{
constexpr double pi = 3.14159265358979323846;
constexpr double lambda = 3, mu = 7;

LoadFixture<3> crust()
{
  return LoadFixture<3>(LoadFixture<3>::box({-8000, -8000, -8000}, {8000, 8000, 0}, {16, 16, 8}));
}

/// Moment tensor of a load: f of the linear fields.
template <int dim>
dealii::SymmetricTensor<2, dim> moment(const LoadFixture<dim> &fixture, const LoadVector<dim> &load)
{
  dealii::SymmetricTensor<2, dim> m;
  for (int i = 0; i < dim; ++i)
    for (int j = 0; j <= i; ++j)
      m[i][j] = fixture.apply(load, lambda, mu, linear_field<dim>(i, j));
  return m;
}

/// Aki and Richards (2002), Quantitative Seismology, box 4.4, in their axes (x north, y east, z down), turned to east,
/// north, up.
dealii::SymmetricTensor<2, 3> double_couple(const double strike, const double dip, const double rake)
{
  const double f = strike * pi / 180, d = dip * pi / 180, l = rake * pi / 180;
  const double xx =
      -(std::sin(d) * std::cos(l) * std::sin(2 * f) + std::sin(2 * d) * std::sin(l) * std::pow(std::sin(f), 2));
  const double xy = std::sin(d) * std::cos(l) * std::cos(2 * f) + 0.5 * std::sin(2 * d) * std::sin(l) * std::sin(2 * f);
  const double xz = -(std::cos(d) * std::cos(l) * std::cos(f) + std::cos(2 * d) * std::sin(l) * std::sin(f));
  const double yy =
      std::sin(d) * std::cos(l) * std::sin(2 * f) - std::sin(2 * d) * std::sin(l) * std::pow(std::cos(f), 2);
  const double yz = -(std::cos(d) * std::cos(l) * std::sin(f) - std::cos(2 * d) * std::sin(l) * std::cos(f));
  const double zz = std::sin(2 * d) * std::sin(l);
  dealii::SymmetricTensor<2, 3> m;
  m[0][0] = yy, m[1][1] = xx, m[2][2] = zz;
  m[0][1] = xy, m[1][2] = -xz, m[0][2] = -yz;
  return m;
}

std::map<std::string, std::string> fault(const double strike, const double dip, const double rake)
{
  return {{"Position", "300, -200, 4 km"},
          {"Strike", std::to_string(strike)},
          {"Dip", std::to_string(dip)},
          {"Rake", std::to_string(rake)},
          {"Slip", "2"},
          {"Length", "5 km"},
          {"Width", "3 km"}};
}

dealii::Tensor<1, 3> quadratic(const dealii::Point<3> &p)
{
  dealii::Tensor<1, 3> v;
  v[0] = p[0] * p[0] + 2 * p[1] * p[1] - p[0] * p[2];
  v[1] = p[0] * p[1] - 3 * p[2] * p[2];
  v[2] = 4 * p[2] * p[2] + p[1] * p[2] + p[0] * p[0];
  return v;
}
} // namespace

TEST(DislocationParallel, MomentTensorIsThatOfTheTextbook)
{
  const auto fixture = crust();
  const double scale = mu * 2 * 15e6; // mu slip area
  for (const auto &[strike, dip, rake] :
       std::vector<std::array<double, 3>>{{{30, 60, -70}}, {{0, 90, 0}}, {{250, 20, 100}}, {{135, 45, 10}}})
  {
    const auto load = fixture.vector("dislocation", fault(strike, dip, rake));
    const auto m = moment(fixture, load);
    EXPECT_LT((m - scale * double_couple(strike, dip, rake)).norm(), 1e-9 * scale)
        << strike << " " << dip << " " << rake;
    EXPECT_TRUE(load.kinematic);
    for (int d = 0; d < 3; ++d)
      EXPECT_NEAR(fixture.apply(load, lambda, mu, translation<3>(d)), 0, 1e-12 * scale);
    EXPECT_NEAR(fixture.apply(load, lambda, mu, linear_field<3>(0, 1)) -
                    fixture.apply(load, lambda, mu, linear_field<3>(1, 0)),
                0, 1e-9 * scale);
  }
}

// Strike and dip without the tensor: a dike that strikes north and dips steeply opens east-west; its lower edge lies to
// the east.
TEST(DislocationParallel, OpeningAndGeometry)
{
  const auto fixture = crust();
  auto entries = fault(0, 90, 0);
  entries["Slip"] = "0";
  entries["Opening"] = "1.5";
  const auto m = moment(fixture, fixture.vector("dislocation", entries));
  const double area = 15e6 * 1.5;
  EXPECT_NEAR(m[0][0], (lambda + 2 * mu) * area, 1e-9 * area);
  EXPECT_NEAR(m[1][1], lambda * area, 1e-9 * area);
  EXPECT_NEAR(m[2][2], lambda * area, 1e-9 * area);

  const auto dipping = Rectangle<3>::at({0, 0, -5000}, 0, 60, 4000, 2000);
  for (const auto &p : dipping.patch_centres(4, 4))
    EXPECT_LT((p[2] + 5000) * p[0], 0); // deeper is further east
  // the three ways to place a rectangle
  entries = fault(30, 40, 90);
  const double s = std::sin(pi / 6), c = std::cos(pi / 6), sd = std::sin(2 * pi / 9), cd = std::cos(2 * pi / 9);
  const auto centroid = fixture.load("dislocation", entries)[0]->source_points(1000);
  entries["Reference"] = "top edge";
  entries["Position"] = std::to_string(300 - c * cd * 1500) + "," + std::to_string(-200 + s * cd * 1500) + "," +
                        std::to_string(4000 - sd * 1500);
  const auto top = fixture.load("dislocation", entries)[0]->source_points(1000);
  entries["Reference"] = "corner";
  entries["Position"] = std::to_string(300 + c * cd * 1500 - s * 2500) + "," +
                        std::to_string(-200 - s * cd * 1500 - c * 2500) + "," + std::to_string(4000 + sd * 1500);
  const auto corner = fixture.load("dislocation", entries)[0]->source_points(1000);
  ASSERT_EQ(centroid.size(), 15u);
  for (unsigned int i = 0; i < centroid.size(); ++i)
  {
    EXPECT_LT(centroid[i].distance(top[i]), 1e-2); // positions were written with 6 decimals
    EXPECT_LT(centroid[i].distance(corner[i]), 1e-2);
  }
}

TEST(DislocationParallel, PlaneStrain)
{
  const LoadFixture<2> fixture(LoadFixture<2>::box({-8, -8}, {8, 0}, {16, 8}));
  const auto load =
      fixture.vector("dislocation", {{"Position", "0.3, 4"}, {"Dip", "30"}, {"Slip", "2"}, {"Width", "3"}});
  const auto m = moment(fixture, load);
  // thrust on a plane that dips toward +x: shortening along x, the x-z block of strike 0 in three dimensions
  const auto three = double_couple(0, 30, 90);
  EXPECT_NEAR(m[0][0], mu * 6 * three[0][0], 1e-10);
  EXPECT_NEAR(m[1][1], mu * 6 * three[2][2], 1e-10);
  EXPECT_NEAR(m[0][1], mu * 6 * three[0][2], 1e-10);
  EXPECT_LT(m[0][0], 0);
}

// Total moment (lambda + 2 mu) dV I, wherever the source lies among the cells.
TEST(PointSourceParallel, TotalPotencyIsPreserved)
{
  const auto fixture = crust();
  for (const std::string position : {"0, 0, 4000", "500, 500, 4500", "1000, 480, 3700"})
    for (const std::string radius : {"", "700", "300", "0"})
    {
      const auto load =
          fixture.vector("point source", {{"Position", position}, {"Volume change", "1e6 m^3/yr"}, {"Radius", radius}});
      const auto m = moment(fixture, load);
      const double scale = (lambda + 2 * mu) * 1e6;
      EXPECT_LT((m - scale * dealii::unit_symmetric_tensor<3>()).norm(), 1e-9 * scale) << position << " " << radius;
      for (int d = 0; d < 3; ++d)
        EXPECT_NEAR(fixture.apply(load, lambda, mu, translation<3>(d)), 0, 1e-12 * scale);
    }
}

// Default radius: 2 local cell sizes, but at most 0.3 of the depth.
TEST(PointSourceParallel, RadiusAndHeldCells)
{
  const auto fixture = crust();
  const auto radius = [&](const std::string &position, const std::string &given) {
    const auto loads =
        fixture.load("point source", {{"Position", position}, {"Volume change", "1"}, {"Radius", given}});
    return dynamic_cast<const PointSource<3> &>(*loads[0]).radius(fixture.mesh);
  };
  EXPECT_NEAR(radius("0, 0, 7500", ""), 2000, 1e-9);
  EXPECT_NEAR(radius("0, 0, 4000", ""), 1200, 1e-9);
  EXPECT_NEAR(radius("0, 0, 4000", "500 m"), 500, 1e-9);

  const auto held = [&](const std::string &type, const std::map<std::string, std::string> &entries) {
    const CellField cells = cells_near_sources(fixture.mesh, fixture.load(type, entries));
    double sum = 0;
    for (const double c : cells)
      sum += c;
    return dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD);
  };
  // a ball inside one cell, then one around a vertex; with the ring
  EXPECT_EQ(held("point source", {{"Position", "500, 500, 3500"}, {"Volume change", "1"}, {"Radius", "200"}}), 27);
  EXPECT_EQ(held("point source", {{"Position", "0, 0, 4000"}, {"Volume change", "1"}, {"Radius", "200"}}), 64);
  EXPECT_EQ(
      held("point source", {{"Position", "0, 0, 4000"}, {"Volume change", "1"}, {"Hold stiffness near source", "no"}}),
      0);
  // a sill of 2 x 2 cells in the middle plane of a layer of cells: 4 x 4 x 3
  EXPECT_EQ(held("dislocation",
                 {{"Position", "0, 0, 3500"}, {"Opening", "1"}, {"Dip", "0"}, {"Length", "1998"}, {"Width", "1998"}}),
            48);
}

// A potency point shared by the eight cells about a vertex sees the central difference of v there, which for a
// quadratic field on a uniform mesh is its derivative: any other sharing, and any dependence on the number of ranks,
// would show.
TEST(PotencyPointsParallel, PointsOnFacesEdgesAndVerticesAreShared)
{
  const auto fixture = crust();
  const std::string file =
      "potency_points_" + std::to_string(dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD)) + ".csv";
  const auto apply_at = [&](const dealii::Point<3> &p) {
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::ofstream(file) << "x,y,depth,pxx,pyy,pzz,pyz,pxz,pxy\n"
                          << p[0] << "," << p[1] << "," << -p[2] << ",1,2,-1,0.5,0.25,0.75\n";
    MPI_Barrier(MPI_COMM_WORLD);
    const auto load = fixture.vector("potency points", {{"File", file}});
    MPI_Barrier(MPI_COMM_WORLD);
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::remove(file.c_str());
    return fixture.apply(load, lambda, mu, quadratic);
  };
  const auto exact = [&](const dealii::Point<3> &p) {
    const double xx = 2 * p[0] - p[2], yy = p[0], zz = 8 * p[2] + p[1];
    const double xy = 4 * p[1] + p[1], yz = -6 * p[2] + p[2], xz = -p[0] + 2 * p[0]; // twice the strain
    return lambda * 2 * (xx + yy + zz) + 2 * mu * (xx + 2 * yy - zz + 0.5 * yz + 0.25 * xz + 0.75 * xy);
  };
  for (const dealii::Point<3> p :
       {dealii::Point<3>(0, 0, -4000), dealii::Point<3>(1000, -3000, -2000), dealii::Point<3>(0, 500, -3500),
        dealii::Point<3>(0, 0, -3500), dealii::Point<3>(500, 500, -3500)})
    EXPECT_NEAR(apply_at(p), exact(p), 1e-8 * std::abs(exact(p))) << p;
}

// The strain that a point source sees on a face of quadratic cells is exact for a cubic field, whose interpolant's
// derivative is off by h^2 / 12 times the third derivative at the face itself. On a face of unequal cells it is exact
// for a quadratic one: the mean over both sides stays at the face.
TEST(SourceLoadParallel, StrainOnFacesOfQuadraticCells)
{
  const auto divergence = [](const LoadFixture<3> &fixture, const double x, const double y, const int power) {
    const auto load =
        fixture.vector("point source", {{"Position", std::to_string(x) + "," + std::to_string(y) + ", 1 km"},
                                        {"Volume change", "1"},
                                        {"Radius", "0"}});
    return fixture.apply(load, 1, 0, [power](const dealii::Point<3> &p) {
      return dealii::Tensor<1, 3>({std::pow(p[0], power), 0, std::pow(p[2], power)});
    });
  };
  auto parameters = LoadFixture<3>::box({-4000, -2000, -4000}, {4000, 2000, 0}, {8, 4, 4});
  const LoadFixture<3> equal(parameters, 2);
  for (const double y : {0., 300.})
    EXPECT_NEAR(divergence(equal, 2000, y, 3), 3 * 4e6 + 3 * 1e6, 1e-2) << y; // at the face itself less by 2 * 6e6 / 12
  parameters.grading = {4, 1, 1};
  const LoadFixture<3> graded(parameters, 2);
  double x = 1e9; // first face right of the smallest cells
  for (const auto &cell : graded.mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cell->face(1)->center()[0] > 1)
      x = std::min(x, cell->face(1)->center()[0]);
  x = dealii::Utilities::MPI::min(x, MPI_COMM_WORLD);
  EXPECT_LT(x, 900);
  EXPECT_NEAR(divergence(graded, x, 300, 2), 2 * x - 2 * 1000, 1e-3); // Position is written with six decimals

  // Four small cells above one large one: both sides take the distance of the small cell, also where the point lies on
  // a side of the large cell too, but not where it lies on an edge of small cells alone, which are two against one
  // then.
  parameters.grading = {1, 1, 1};
  parameters.surface_refinements = 1;
  parameters.surface_distance = 500;
  const LoadFixture<3> hanging(parameters, 2);
  EXPECT_EQ(hanging.mesh.triangulation().n_global_active_cells(), 8u * 4u * (3u + 8u));
  for (const double at : {2300., 2700., 2000.})
    EXPECT_NEAR(divergence(hanging, at, 300, 2), 2 * at - 2 * 1000, 1e-3) << at;
}

TEST(PointForceParallel, ActsAtItsPoint)
{
  const auto fixture = crust();
  for (const std::string position : {"1000, 2000, 0", "300, 400, 1234", "1000, 2000, 3000"})
  {
    const auto load = fixture.vector("point force", {{"Position", position}, {"Force", "1 kN, 0, -2 kN"}});
    EXPECT_NEAR(load.resultant[0], 1000, 1e-9);
    EXPECT_NEAR(fixture.apply(load, 0, 0, translation<3>(2)), -2000, 1e-9);
    const double x = std::stod(position);
    EXPECT_NEAR(fixture.apply(load, 0, 0, linear_field<3>(2, 0)), -2000 * x, 1e-6);
  }
}

// Longitude and latitude go through the model's projection, depth does not.
TEST(SourceLoadParallel, GeographicPosition)
{
  auto fixture = crust();
  const GeographicProjection projection(-164.6, 54.6);
  fixture.context.projection = &projection;
  const auto points =
      fixture.load("point source", {{"Geographic position", "-164.652, 54.526, 6.9 km"}, {"Volume change", "1"}})[0]
          ->source_points(1);
  ASSERT_EQ(points.size(), 1u);
  // a hundredth of a degree is 1113 m along the meridian, times cos(latitude) along the parallel: within 0.5 % of the
  // ellipsoid's
  EXPECT_NEAR(points[0][0], -0.052 * 111320 * std::cos(54.526 * pi / 180), 20);
  EXPECT_NEAR(points[0][1], -0.074 * 111320, 20);
  EXPECT_EQ(points[0][2], -6900);
}

TEST(SourceLoadParallel, BadInputIsNamed)
{
  const auto fixture = crust();
  const auto message = [&](const std::string &type, const std::map<std::string, std::string> &entries) {
    try
    {
      fixture.vector(type, entries);
    }
    catch (const InputError &error)
    {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  using testing::IsSubstring;
  EXPECT_PRED_FORMAT2(IsSubstring, "outside the mesh",
                      message("point source", {{"Position", "0, 9 km, 4 km"}, {"Volume change", "1"}}));
  EXPECT_PRED_FORMAT2(IsSubstring, "above the surface",
                      message("point source", {{"Position", "0, 0, -4 km"}, {"Volume change", "1"}}));
  EXPECT_PRED_FORMAT2(IsSubstring, "reaches out of the mesh",
                      message("point source", {{"Position", "0, 0, 7900"}, {"Volume change", "1"}, {"Radius", "500"}}));
  EXPECT_PRED_FORMAT2(IsSubstring, "below the surface",
                      message("point source", {{"Position", "0, 0, 400"}, {"Volume change", "1"}, {"Radius", "500"}}));
  EXPECT_PRED_FORMAT2(IsSubstring, "geographic origin",
                      message("point source", {{"Geographic position", "10, 50, 4 km"}, {"Volume change", "1"}}));
  EXPECT_PRED_FORMAT2(IsSubstring, "no position", message("point force", {{"Force", "1,2,3"}}));
  auto entries = fault(0, 90, 0);
  entries["Position"] = "0, 0, 1 km";
  EXPECT_PRED_FORMAT2(IsSubstring, "500 m above the surface", message("dislocation", entries));
  entries["Position"] = "0, 7 km, 4 km";
  EXPECT_PRED_FORMAT2(IsSubstring, "outside the mesh", message("dislocation", entries));
}
