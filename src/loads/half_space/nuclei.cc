#if defined(__GNUC__) && !defined(__clang__)
// gcc takes the deliberately undefined registers of its own AVX-512 header for mistakes of ours (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <lodestone/base/dual.h>
#include <lodestone/loads/half_space/nuclei.h>
#include <lodestone/loads/half_space/plane_potentials.h>

#include <deal.II/numerics/rtree.h>

#include <algorithm>
#include <cmath>
#include <experimental/simd>

namespace lodestone
{

namespace
{

using std::sqrt;

/// Several places at once, as many as fit into the processor's registers.
using Lanes = std::experimental::native_simd<double>;

/// M / mu as numbers, and what the moduli enter by.
struct Mindlin
{
  double m11, m22, m33, m12, m13, m23;
  double alpha;
  double depth; ///< xi_3, negative
};

/// Displacement at a place with the horizontal distances r1, r2 from the source and the height x3 <= 0.
///
/// The four parts are those of Okada (1992), equation (2): the direct one, A at the image, B and x3 C. All are
/// functions of R = (r1, r2, -x3 - xi_3), so that M_jk d/dxi_k is -M_jk d/dR_k, but for the factor xi_3 of C.
template <typename Number>
void mindlin(const Mindlin &s, const Number &r1, const Number &r2, const Number &x3, Number &u1, Number &u2, Number &u3)
{
  const double trace = s.m11 + s.m22 + s.m33, alpha = s.alpha, beta = (1 - alpha) / alpha;
  const Number horizontal = r1 * r1 + r2 * r2;
  // [(2 - 2 alpha) M r + alpha r (3 r.Mr / r^2 - tr M)] / r^3, with half the factor of the others.
  Number d1, d2, d3;
  {
    const Number r3 = x3 - s.depth, square = horizontal + r3 * r3, one = 1. / square, inverse = one * sqrt(one);
    const Number m1 = s.m11 * r1 + s.m12 * r2 + s.m13 * r3, m2 = s.m12 * r1 + s.m22 * r2 + s.m23 * r3,
                 m3 = s.m13 * r1 + s.m23 * r2 + s.m33 * r3;
    const Number radial = (alpha * inverse) * (3. * (r1 * m1 + r2 * m2 + r3 * m3) * one - trace);
    const Number linear = (2 - 2 * alpha) * inverse;
    d1 = 0.5 * (linear * m1 + radial * r1);
    d2 = 0.5 * (linear * m2 + radial * r2);
    d3 = 0.5 * (linear * m3 + radial * r3);
  }
  const Number r3 = -x3 - s.depth, one = 1. / (horizontal + r3 * r3), i1 = sqrt(one), i3 = i1 * one, i5 = i3 * one;
  const Number m1 = s.m11 * r1 + s.m12 * r2 + s.m13 * r3, m2 = s.m12 * r1 + s.m22 * r2 + s.m23 * r3,
               m3 = s.m13 * r1 + s.m23 * r2 + s.m33 * r3;
  const Number rmr = r1 * m1 + r2 * m2 + r3 * m3, bracket = 3. * rmr * one - trace;
  // -A at the image, and the first two terms of B.
  const Number radial = (1 - 0.5 * alpha) * i3 * bracket, linear = -(1 - alpha) * i3;
  Number u_1 = linear * m1 + radial * r1, u_2 = linear * m2 + radial * r2, u_3 = linear * m3 + radial * r3;
  // The other terms of B hold q = 1 / (R + R3).
  const Number q = 1. / (1. / i1 + r3), q2 = q * q, q2s = q2 * i1, qs = q * i1, qs3 = q * i3;
  const Number s1 = i1 * m1 + s.m13, s2 = i1 * m2 + s.m23, s3 = i1 * m3 + s.m33; // d(R + R3) along M
  const Number g1 = q2s * s1 + qs3 * m1, g2 = q2s * s2 + qs3 * m2, g3 = q2s * s3 + qs3 * m3;
  const Number h1 = 2. * q * q2s * s1 + q2 * i3 * m1, h2 = 2. * q * q2s * s2 + q2 * i3 * m2;
  const double plane = s.m11 + s.m22;
  const Number cross = r1 * h1 + r2 * h2;
  u_1 = u_1 + beta * (q2 * s1 - s.m13 * qs + r1 * g3 + q2s * (s.m11 * r1 + s.m12 * r2 + plane * r1) - r1 * cross);
  u_2 = u_2 + beta * (q2 * s2 - s.m23 * qs + r2 * g3 + q2s * (s.m12 * r1 + s.m22 * r2 + plane * r2) - r2 * cross);
  u_3 = u_3 + beta * (q2 * s3 - s.m33 * qs + r3 * g3 + plane * qs - (r1 * g1 + r2 * g2));
  // x3 C; its third component has the other sign.
  const double c = 2 - alpha, ax = alpha * s.depth;
  const Number tail = 3. * trace * i5 - 15. * rmr * i5 * one, m3i5 = 3. * m3 * i5;
  const Number c1 = c * (r1 * m3i5 - s.m13 * i3) + ax * (6. * i5 * m1 + tail * r1) + alpha * (s.m13 * i3 - r1 * m3i5);
  const Number c2 = c * (r2 * m3i5 - s.m23 * i3) + ax * (6. * i5 * m2 + tail * r2) + alpha * (s.m23 * i3 - r2 * m3i5);
  const Number c3 = c * (r3 * m3i5 - s.m33 * i3 + trace * i3 - 3. * rmr * i5) + ax * (6. * i5 * m3 + tail * r3) +
                    alpha * (s.m33 * i3 - r3 * m3i5);
  constexpr double factor = 1 / (4 * dealii::numbers::PI);
  u1 = factor * (d1 + u_1 + x3 * c1);
  u2 = factor * (d2 + u_2 + x3 * c2);
  u3 = factor * (d3 + u_3 - x3 * c3);
}

Lanes value_of(const Lanes &a)
{
  return a;
}

/// The sum of the fields of nuclei at a few places with the coordinates x.
/// @tparam Number Lanes, or their Dual
template <typename Number, typename Nucleus>
std::array<Number, 3> sum_of_fields(const std::vector<Nucleus> &nuclei, const double alpha,
                                    const std::array<Number, 3> &x)
{
  std::array<Number, 3> sum;
  sum.fill(Number(0.));
  for (const Nucleus &nucleus : nuclei)
  {
    const auto &m = nucleus.moment;
    const Mindlin source = {m[0][0], m[1][1], m[2][2], m[0][1], m[0][2], m[1][2], alpha, nucleus.point[2]};
    const Number r1 = x[0] - nucleus.point[0], r2 = x[1] - nucleus.point[1], r3 = x[2] - nucleus.point[2];
    Lanes counts = 1., elsewhere = 0.; // at the point itself, the field of another place is computed and not used
    const auto at = value_of(r1 * r1 + r2 * r2 + r3 * r3) <= nucleus.tolerance * nucleus.tolerance;
    where(at, counts) = 0.;
    where(at, elsewhere) = 1.;
    Number u[3];
    mindlin(source, r1 + Number(elsewhere), r2, x[2], u[0], u[1], u[2]);
    for (int d = 0; d < 3; ++d)
      sum[d] = sum[d] + Number(counts) * u[d];
  }
  return sum;
}

/// Calls visit(first, n, x) for groups of n places from points[first] on, with their coordinates; lanes beyond the last
/// repeat it.
template <typename Visit>
void for_lanes(const std::vector<dealii::Point<3>> &points, const Visit &visit)
{
  for (std::size_t first = 0; first < points.size(); first += Lanes::size())
  {
    const std::size_t n = std::min<std::size_t>(Lanes::size(), points.size() - first);
    std::array<Lanes, 3> x;
    for (int d = 0; d < 3; ++d)
      x[d] = Lanes([&](const auto lane) { return points[first + std::min<std::size_t>(lane, n - 1)][d]; });
    visit(first, n, x);
  }
}

PlanePotentials potentials(const dealii::Point<2> &point, const dealii::SymmetricTensor<2, 2> &m,
                           const BodyModuli &moduli, const dealii::Point<2> &x)
{
  const double kappa = 3 - 4 * moduli.poisson_ratio(), c = 1 / (2 * dealii::numbers::PI * (1 + kappa));
  const std::complex<double> z0(point[0], point[1]), p(m[0][0] - m[1][1], 2 * m[0][1]);
  PlanePotentials result(kappa, {x[0], x[1]});
  result.add(z0, PlanePotentials::pole, c * p, c * (1 - kappa) * trace(m), c * p * std::conj(z0));
  return result;
}

} // namespace

template <int dim>
struct Nuclei<dim>::Tree
{
  dealii::RTree<dealii::Point<dim>> points;
};

template <int dim>
Nuclei<dim>::Nuclei(const std::vector<dealii::Point<dim>> &points, const std::vector<Potency<dim>> &potencies,
                    const BodyModuli &moduli)
    : HalfSpaceSource<dim>(moduli), tree_(new Tree{dealii::pack_rtree(points)})
{
  for (std::size_t i = 0; i < points.size(); ++i)
    nuclei_.push_back({points[i],
                       moduli.lambda / moduli.mu * potencies[i].dilatation * dealii::unit_symmetric_tensor<dim>() +
                           2 * potencies[i].strain,
                       1e-9 * std::abs(points[i][dim - 1])});
}

template <int dim>
Nuclei<dim>::~Nuclei() = default;

template <int dim>
double Nuclei<dim>::distance(const dealii::BoundingBox<dim> &box) const
{
  std::vector<dealii::Point<dim>> nearest;
  tree_->points.query(boost::geometry::index::nearest(box, 1), std::back_inserter(nearest));
  return distance_to_box(nearest.front(), box);
}

template <int dim>
dealii::BoundingBox<dim> Nuclei<dim>::extent() const
{
  std::vector<dealii::Point<dim>> points;
  for (const Nucleus &nucleus : nuclei_)
    points.push_back(nucleus.point);
  return dealii::BoundingBox<dim>(points);
}

template <int dim>
void Nuclei<dim>::add_displacement(const std::vector<dealii::Point<dim>> &points,
                                   std::vector<dealii::Tensor<1, dim>> &u) const
{
  if constexpr (dim == 2)
  {
    for (std::size_t i = 0; i < points.size(); ++i)
      for (const Nucleus &nucleus : nuclei_)
        if (points[i].distance(nucleus.point) > nucleus.tolerance)
          u[i] += potentials(nucleus.point, nucleus.moment, this->moduli(), points[i]).displacement();
  }
  else
    for_lanes(points, [&](const std::size_t first, const std::size_t n, const std::array<Lanes, 3> &x) {
      const auto sum = sum_of_fields(nuclei_, this->moduli().alpha(), x);
      for (std::size_t i = 0; i < n; ++i)
        for (int d = 0; d < 3; ++d)
          u[first + i][d] += sum[d][i];
    });
}

template <int dim>
void Nuclei<dim>::add_strain(const std::vector<dealii::Point<dim>> &points,
                             std::vector<dealii::SymmetricTensor<2, dim>> &strain) const
{
  if constexpr (dim == 2)
  {
    for (std::size_t i = 0; i < points.size(); ++i)
      for (const Nucleus &nucleus : nuclei_)
        if (points[i].distance(nucleus.point) > nucleus.tolerance)
          strain[i] += potentials(nucleus.point, nucleus.moment, this->moduli(), points[i]).strain();
  }
  else
    for_lanes(points, [&](const std::size_t first, const std::size_t n, const std::array<Lanes, 3> &x) {
      using Number = Dual<3, Lanes>;
      const auto sum =
          sum_of_fields<Number>(nuclei_, this->moduli().alpha(),
                                {Number::variable(x[0], 0), Number::variable(x[1], 1), Number::variable(x[2], 2)});
      for (std::size_t i = 0; i < n; ++i)
        for (unsigned int a = 0; a < 3; ++a)
          for (unsigned int b = a; b < 3; ++b)
            strain[first + i][a][b] += 0.5 * (sum[a].derivative[b][i] + sum[b].derivative[a][i]);
    });
}

template class Nuclei<2>;
template class Nuclei<3>;

} // namespace lodestone
