// Closed forms of sources in a half-space.
//
// - Published numbers: Mogi (1958) at the surface, u = (1 - nu) dV / pi (x, y, d) / R^3; the printed table 2 of Okada
//   (1985), four digits.
// - Each other: a rectangle is the sum of its nuclei (Gauss points; 1e-9 of the peak), in 2-D and 3-D, for dips that
//   are vertical, nearly so, flat and beyond. The formulas of the two have nothing in common.
// - Elasticity itself: strain is the derivative of displacement, the surface is free of traction, stress is in
//   equilibrium inside (central differences: 1e-6), the jump across the rectangle is the one that is prescribed.
// - Reciprocity: M1 : eps2(x1) = M2 : eps1(x2) of two nuclei (to rounding), which ties the image's terms together.
#include <lodestone/loads/half_space/nuclei.h>
#include <lodestone/loads/half_space/rectangular_dislocation.h>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

using namespace lodestone;
using dealii::Point;
using dealii::SymmetricTensor;
using dealii::Tensor;

namespace
{

const BodyModuli moduli{3e10, 2e10}; // nu = 0.3

template <int dim>
Tensor<1, dim> displacement(const HalfSpaceSource<dim> &source, const Point<dim> &p)
{
  std::vector<Tensor<1, dim>> u(1);
  source.add_displacement({p}, u);
  return u[0];
}

template <int dim>
SymmetricTensor<2, dim> strain(const HalfSpaceSource<dim> &source, const Point<dim> &p)
{
  std::vector<SymmetricTensor<2, dim>> e(1);
  source.add_strain({p}, e);
  return e[0];
}

template <int dim>
SymmetricTensor<2, dim> stress(const HalfSpaceSource<dim> &source, const Point<dim> &p)
{
  const auto e = strain(source, p);
  return source.moduli().lambda * trace(e) * dealii::unit_symmetric_tensor<dim>() + 2 * source.moduli().mu * e;
}

template <int dim>
Point<dim> moved(Point<dim> p, const int d, const double h)
{
  p[d] += h;
  return p;
}

/// Strain against differences of displacement, equilibrium by differences of stress, and the free surface.
template <int dim>
void expect_elastic(const HalfSpaceSource<dim> &source, const std::vector<Point<dim>> &inside)
{
  const double h = 1e-4;
  for (const Point<dim> &p : inside)
  {
    Tensor<2, dim> gradient;
    Tensor<1, dim> force;
    for (int d = 0; d < dim; ++d)
    {
      const auto du = displacement(source, moved(p, d, h)) - displacement(source, moved(p, d, -h));
      const auto ds = stress(source, moved(p, d, h)) - stress(source, moved(p, d, -h));
      for (int i = 0; i < dim; ++i)
      {
        gradient[i][d] = du[i] / (2 * h);
        force[i] += ds[i][d] / (2 * h);
      }
    }
    const auto e = strain(source, p);
    EXPECT_LT((dealii::symmetrize(gradient) - e).norm(), 1e-6 * e.norm()) << p;
    EXPECT_LT(force.norm(), 1e-5 * stress(source, p).norm()) << p;

    Point<dim> above = p;
    above[dim - 1] = 0;
    const auto s = stress(source, above);
    Tensor<1, dim> traction;
    for (int i = 0; i < dim; ++i)
      traction[i] = s[i][dim - 1];
    EXPECT_LT(traction.norm(), 1e-12 * stress(source, p).norm()) << above;
  }
}

const std::vector<Point<3>> places = {{2, 3, -1.2}, {-1.3, 0.4, -0.3}, {0.2, -2.5, -3.1}, {1.4, 0.9, -7}};
const std::vector<Point<2>> plane_places = {{2, -1.2}, {-1.3, -0.3}, {0.2, -6.1}, {3.4, -2.9}};

SymmetricTensor<2, 3> tensor(const std::array<double, 6> &a) // xx yy zz yz xz xy
{
  SymmetricTensor<2, 3> t;
  t[0][0] = a[0], t[1][1] = a[1], t[2][2] = a[2], t[1][2] = a[3], t[0][2] = a[4], t[0][1] = a[5];
  return t;
}

/// The sum of nuclei on n x n patches of four Gauss points each (in 2-D n patches of two).
template <int dim>
Nuclei<dim> nuclei(const Rectangle<dim> &rectangle, const Tensor<1, dim> &jump, const unsigned int n)
{
  std::vector<Point<dim>> points;
  const double g = 0.5 / std::sqrt(3.);
  const auto density = rectangle.potency_density(jump);
  const unsigned int along = dim == 3 ? n : 1;
  const double share = rectangle.length * rectangle.width / (along * n * (dim == 3 ? 4 : 2));
  for (const auto &centre : rectangle.patch_centres(along, n))
    for (const double a : {-g, g})
      for (const double b : dim == 3 ? std::vector<double>{-g, g} : std::vector<double>{0})
        points.push_back(centre + a * rectangle.width / n * rectangle.up_dip +
                         b * rectangle.length / n * rectangle.along_strike);
  return {points, std::vector<Potency<dim>>(points.size(), density * share), moduli};
}

template <int dim>
Nuclei<dim> nucleus(const Point<dim> &point, const SymmetricTensor<2, dim> &potency, const double dilatation)
{
  return {{point}, {{potency, dilatation}}, moduli};
}

template <int dim>
void expect_sum_of_nuclei(const Rectangle<dim> &rectangle, const Tensor<1, dim> &jump,
                          const std::vector<Point<dim>> &points)
{
  const RectangularDislocation<dim> dislocation(rectangle, jump, moduli);
  const auto sum = nuclei(rectangle, jump, dim == 3 ? 60 : 200);
  std::vector<Tensor<1, dim>> u(points.size()), v(points.size());
  std::vector<SymmetricTensor<2, dim>> e(points.size()), f(points.size());
  dislocation.add_displacement(points, u);
  dislocation.add_strain(points, e);
  sum.add_displacement(points, v);
  sum.add_strain(points, f);
  for (std::size_t i = 0; i < points.size(); ++i)
  {
    EXPECT_LT((u[i] - v[i]).norm(), 1e-7 * u[i].norm()) << points[i];
    EXPECT_LT((e[i] - f[i]).norm(), 1e-6 * e[i].norm()) << points[i];
  }
}

} // namespace

TEST(HalfSpaceSource, MogiAtTheSurface)
{
  const double depth = 2.5, volume = 0.1;
  const Point<3> centre(1, -2, -depth);
  const auto source = nucleus<3>(centre, volume * dealii::unit_symmetric_tensor<3>(), volume);
  for (const auto &p : {Point<3>(1, -2, 0), Point<3>(3, 1, 0), Point<3>(-20, 4, 0)})
  {
    const Tensor<1, 3> r = p - centre;
    const Tensor<1, 3> exact = 0.7 * volume / dealii::numbers::PI / std::pow(r.norm(), 3) * r;
    EXPECT_LT((displacement(source, p) - exact).norm(), 1e-14 * exact.norm() + 1e-18);
  }
  EXPECT_EQ(displacement(source, centre).norm(), 0);
  EXPECT_EQ(strain(source, centre).norm(), 0);
}

// Okada (1985), table 2: x, y, depth of the lower edge, dip; displacement for slip along strike, up-dip and opening.
TEST(HalfSpaceSource, PrintedTableOfOkada)
{
  const BodyModuli okada{1, 1};
  struct Row
  {
    double x, y, dip;
    double u[3][3];
  };
  const Row rows[] = {
      {2,
       3,
       70,
       {{-8.689e-3, -4.298e-3, -2.747e-3}, {-4.682e-3, -3.527e-2, -3.564e-2}, {-2.660e-4, 1.056e-2, 3.214e-3}}},
      {0, 0, 90, {{0, 5.253e-3, 0}, {0, 0, 0}, {1.223e-2, 0, -1.606e-2}}}};
  for (const Row &row : rows)
  {
    // Okada's x is our along strike (strike 90: east), his y the other horizontal axis; his origin is the lower corner.
    const double d = row.dip * dealii::numbers::PI / 180;
    const Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(1.5, std::cos(d), -4 + std::sin(d)), 90, row.dip, 3, 2);
    EXPECT_NEAR(rectangle.up_dip[1], std::cos(d), 1e-12);
    for (unsigned int mode = 0; mode < 3; ++mode)
    {
      const Tensor<1, 3> jump = rectangle.jump(mode < 2, mode == 1 ? 90 : 0, mode == 2);
      const auto u = displacement<3>(RectangularDislocation<3>(rectangle, jump, okada), Point<3>(row.x, row.y, 0));
      for (unsigned int i = 0; i < 3; ++i)
        EXPECT_NEAR(u[i], row.u[mode][i], 5.1e-4 * std::abs(row.u[mode][i]) + 1e-15) << mode << " " << i;
    }
  }
}

TEST(HalfSpaceSource, NucleiAreElastic)
{
  for (const auto &p :
       {tensor({1, 0, 0, 0, 0, 0}), tensor({0, 1, 0, 0, 0, 0}), tensor({0, 0, 1, 0, 0, 0}), tensor({0, 0, 0, 1, 0, 0}),
        tensor({0, 0, 0, 0, 1, 0}), tensor({0, 0, 0, 0, 0, 1}), tensor({1, -2, 0.5, 0.3, -0.7, 1.1})})
    expect_elastic<3>(nucleus<3>(Point<3>(0.3, -0.4, -2), p, trace(p)), places);
  SymmetricTensor<2, 2> p;
  p[0][0] = 1, p[1][1] = -0.3, p[0][1] = 0.6;
  expect_elastic<2>(nucleus<2>(Point<2>(0.3, -2), p, 1.4), plane_places);
}

// M1 : eps2(x1) = M2 : eps1(x2).
TEST(HalfSpaceSource, NucleiAreReciprocal)
{
  const auto moment = [](const SymmetricTensor<2, 3> &p) {
    return moduli.lambda * trace(p) * dealii::unit_symmetric_tensor<3>() + 2 * moduli.mu * p;
  };
  const Point<3> x1(0.3, -0.4, -2), x2(1.7, 0.9, -0.6);
  const auto p1 = tensor({1, -2, 0.5, 0.3, -0.7, 1.1}), p2 = tensor({-0.2, 0.4, 1.5, -0.8, 0.1, 0.6});
  const auto a = nucleus<3>(x1, p1, trace(p1)), b = nucleus<3>(x2, p2, trace(p2));
  const double one = moment(p1) * strain(b, x1), other = moment(p2) * strain(a, x2);
  EXPECT_NEAR(one, other, 1e-13 * std::abs(one));
}

TEST(HalfSpaceSource, RectanglesAreSumsOfNuclei)
{
  for (const double dip : {0., 30., 45., 70., 87., 88., 89.99, 89.999999, 90.})
  {
    const Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(0.3, -0.4, -4), 35, dip, 3, 2);
    for (unsigned int mode = 0; mode < 3; ++mode)
      expect_sum_of_nuclei<3>(rectangle, rectangle.jump(mode < 2, mode == 1 ? 90 : 0, mode == 2), places);
  }
  for (const double strike : {0., 180.})
    for (const double dip : {0., 60., 90.})
    {
      const Rectangle<2> line = Rectangle<2>::at(Point<2>(0.3, -4), strike, dip, 1, 2);
      expect_sum_of_nuclei<2>(line, line.jump(1, 90, 0), plane_places);
      expect_sum_of_nuclei<2>(line, line.jump(0, 90, 1), plane_places);
    }
}

// On the plane of the image, where a term of the closed form is atan(infinity): without fused operations its derivative
// was 0 times infinity for these depths.
TEST(HalfSpaceSource, RectanglesAreSmoothOnThePlaneOfTheirImage)
{
  for (const double depth : {875., 1750., 3000., 3500., 6375., 7000.})
  {
    const Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(0, 0, -depth), 0, 45, 1000, 800);
    const RectangularDislocation<3> dislocation(rectangle, rectangle.jump(1, 90, 0.3), moduli);
    for (const double x : {-depth - 500, depth + 500})
      for (const double y : {-1000., -500., 0., 120., 500.})
      {
        const Point<3> place(x, y, -500);
        const double h = 1e-3 * depth;
        std::vector<SymmetricTensor<2, 3>> there(1), around(2);
        dislocation.add_strain({place}, there);
        dislocation.add_strain({moved(place, 0, h), moved(place, 0, -h)}, around);
        EXPECT_LT((there[0] - 0.5 * (around[0] + around[1])).norm(), 1e-4 * there[0].norm()) << place;
        std::vector<Tensor<1, 3>> u(1), v(2);
        dislocation.add_displacement({place}, u);
        dislocation.add_displacement({moved(place, 0, h), moved(place, 0, -h)}, v);
        EXPECT_LT((u[0] - 0.5 * (v[0] + v[1])).norm(), 1e-4 * u[0].norm()) << place;
      }
  }
}

TEST(HalfSpaceSource, RectanglesAreElasticAndJump)
{
  for (const double dip : {0., 40., 89.99, 90.})
  {
    const Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(0.3, -0.4, -3), 35, dip, 3, 2);
    const Tensor<1, 3> jump = rectangle.jump(0.7, 25, -0.4);
    const RectangularDislocation<3> dislocation(rectangle, jump, moduli);
    expect_elastic<3>(dislocation, places);
    const Point<3> on = rectangle.centre + 0.31 * rectangle.up_dip - 0.8 * rectangle.along_strike;
    const auto above = displacement<3>(dislocation, on + 1e-7 * rectangle.normal),
               below = displacement<3>(dislocation, on - 1e-7 * rectangle.normal),
               mean = displacement<3>(dislocation, on);
    EXPECT_LT((above - below - jump).norm(), 1e-6) << dip;
    EXPECT_LT((0.5 * (above + below) - mean).norm(), 1e-6) << dip;
    EXPECT_TRUE(dislocation.jumps_at(on));
    EXPECT_FALSE(dislocation.jumps_at(on + 1e-3 * rectangle.normal));
    EXPECT_FALSE(dislocation.jumps_at(on + 1.5 * rectangle.up_dip));
    EXPECT_FALSE(dislocation.jumps_at(on + 3. * rectangle.along_strike));
    EXPECT_LT((strain<3>(dislocation, on) - strain<3>(dislocation, on + 1e-5 * rectangle.normal)).norm(), 1e-4);
  }
  const Rectangle<2> line = Rectangle<2>::at(Point<2>(0.3, -3), 180, 40, 1, 2);
  const Tensor<1, 2> jump = line.jump(0.7, 90, -0.4);
  const RectangularDislocation<2> dislocation(line, jump, moduli);
  expect_elastic<2>(dislocation, plane_places);
  const auto above = displacement<2>(dislocation, line.centre + 1e-7 * line.normal),
             below = displacement<2>(dislocation, line.centre - 1e-7 * line.normal);
  EXPECT_LT((above - below - jump).norm(), 1e-6);
}

// On edges, corners, the trace, lines that go on from edges and the mirror image of these, everything is finite; beside
// the rectangle it is also continuous.
TEST(HalfSpaceSource, SingularPlacesAreFinite)
{
  for (const double dip : {0., 45., 90.})
  {
    const double top = dip > 0 ? 0 : -2;
    Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(0, 0, 0), 0, dip, 4, 2);
    rectangle.centre[2] = top - rectangle.up_dip[2];
    const RectangularDislocation<3> dislocation(rectangle, rectangle.jump(1, 30, 0.5), moduli);
    for (const double along : {-4., -2., 0., 2., 4.})
      for (const double up : {-3., -1., 0., 1.})
        for (const double side : {0., 1.})
        {
          const Point<3> p =
              rectangle.centre + along * rectangle.along_strike + up * rectangle.up_dip - side * rectangle.normal;
          if (p[2] > 0)
            continue;
          EXPECT_TRUE(std::isfinite(displacement<3>(dislocation, p).norm())) << dip << ": " << p;
          EXPECT_TRUE(std::isfinite(strain<3>(dislocation, p).norm())) << dip << ": " << p;
          if (side == 0 && std::abs(along) <= 2 && std::abs(up) <= 1)
            continue;
          Point<3> near = p;
          near += Tensor<1, 3>({1e-6, -2e-6, -1e-6});
          const auto u = displacement<3>(dislocation, p);
          EXPECT_LT((u - displacement<3>(dislocation, near)).norm(), 1e-4 * u.norm() + 1e-5) << dip << ": " << p;
          const auto e = strain<3>(dislocation, p);
          EXPECT_LT((e - strain<3>(dislocation, near)).norm(), 1e-3 * e.norm() + 1e-4) << dip << ": " << p;
        }
  }
}

TEST(HalfSpaceSource, DistancesAreBoundsFromBelow)
{
  const Rectangle<3> rectangle = Rectangle<3>::at(Point<3>(0, 0, -5), 0, 90, 4, 2); // x = 0, |y| < 2, -6 < z < -4
  const RectangularDislocation<3> dislocation(rectangle, rectangle.jump(1, 0, 0), moduli);
  const auto box = [](const Point<3> &a, const Point<3> &b) { return dealii::BoundingBox<3>(std::make_pair(a, b)); };
  EXPECT_NEAR(dislocation.distance(box({3, -1, -5}, {4, 1, -4.5})), 3, 1e-12);
  EXPECT_NEAR(dislocation.distance(box({-1, 5, -5}, {1, 6, -4.5})), 3, 1e-12);
  EXPECT_LE(dislocation.distance(box({-1, -1, -5}, {1, 1, -4.5})), 0);
  EXPECT_NEAR(dislocation.distance_of_infinity(box({-.1, -.1, -5.1}, {.1, .1, -4.9})), 0.9, 1e-12);
  EXPECT_LE(dislocation.distance_of_infinity(box({-.1, 1.9, -5.1}, {.1, 2.1, -4.9})), 0);
  const Nuclei<3> two({{-50, 0, -1}, {0, 0, -1}}, {{tensor({1, 1, 1, 0, 0, 0}), 3}, {tensor({1, 1, 1, 0, 0, 0}), 3}},
                      moduli);
  EXPECT_NEAR(two.distance(box({3, 4, -2}, {5, 5, 0})), 5, 1e-12);
  EXPECT_NEAR(two.distance(box({-70, -1, -16}, {-54, 1, -4})), 5, 1e-12);
  EXPECT_EQ(two.distance(box({-1, -1, -2}, {1, 1, 0})), 0);
  EXPECT_EQ(two.extent().get_boundary_points(), std::make_pair(Point<3>(-50, 0, -1), Point<3>(0, 0, -1)));
}
