#include <lodestone/base/dual.h>
#include <lodestone/loads/half_space/plane_potentials.h>
#include <lodestone/loads/half_space/rectangular_dislocation.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

using std::atan;
using std::log;
using std::sqrt;

/// What Okada's tables are made of for one corner of the rectangle, in his symbols: xi along strike, eta along dip and
/// q across the plane count from the corner; y and d are eta and q turned into horizontal and vertical distances.
template <typename Number>
struct Corner
{
  double sine, cosine; ///< of the dip
  Number xi, eta, q, y, d, r, rd, log_xi, log_eta, x11, y11, x32, y32, theta;

  Corner(const double sin_dip, const double cos_dip, const Number &along_strike, const Number &along_dip,
         const Number &across)
      : sine(sin_dip), cosine(cos_dip), xi(along_strike), eta(along_dip), q(across)
  {
    r = sqrt(xi * xi + eta * eta + q * q);
    y = eta * cosine + q * sine;
    d = eta * sine - q * cosine;
    rd = r + d;
    // R + xi and R + eta without loss of digits where they are small.
    const Number r_xi = value_of(xi) < 0 ? (eta * eta + q * q) / (r - xi) : r + xi;
    const Number r_eta = value_of(eta) < 0 ? (xi * xi + q * q) / (r - eta) : r + eta;
    log_xi = log(r_xi);
    log_eta = log(r_eta);
    x11 = 1. / (r * r_xi);
    y11 = 1. / (r * r_eta);
    x32 = (2. * r + xi) * x11 * x11 / r;
    y32 = (2. * r + eta) * y11 * y11 / r;
    theta = atan(xi * eta / (q * r));
  }
};

/// (log(1 + x) - x) / x^2
template <typename Number>
Number log_remainder(const Number &x)
{
  if (std::abs(value_of(x)) > 1e-2)
    return (log(1. + x) - x) / (x * x);
  Number sum = 0.;
  for (int k = 9; k >= 2; --k)
    sum = -1. / k - x * sum;
  return sum;
}

/// (atan(x) - x) / x^2
template <typename Number>
Number atan_remainder(const Number &x)
{
  if (std::abs(value_of(x)) > 3e-2)
    return (atan(x) - x) / (x * x);
  Number sum = 0.;
  for (int k = 6; k >= 1; --k)
    sum = -1. / (2 * k + 1) - x * x * sum;
  return x * sum;
}

/// Okada's I3 and I4, which hold powers of 1 / cos(dip), up to terms that are the same at both corners of an edge.
///
/// Near a vertical plane numerators are divided by the cosine by hand. What is left out of I4 is
/// 2 atan(xi / (2 X) cos) / cos^2 there, and +-pi / cos^2 always, X^2 = xi^2 + q^2.
template <typename Number>
void image_integrals(const Corner<Number> &c, Number &i3, Number &i4)
{
  const double sine = c.sine, cosine = c.cosine;
  const Number &r = c.r, &xi = c.xi, &eta = c.eta, &q = c.q;
  const Number x = sqrt(xi * xi + q * q);
  // X + q cos(dip) without loss of digits above the middle of a flat rectangle.
  const Number sum = value_of(q) < 0 ? (xi * xi + sine * sine * q * q) / (x - q * cosine) : x + q * cosine;
  const Number n = eta * sum + x * (r + x) * sine;
  if (std::abs(cosine) > 0.05)
  {
    const double factor = 1 / (cosine * cosine);
    i3 = factor * (c.y * cosine / c.rd - c.log_eta + sine * log(c.rd));
    i4 = 0.; // of a flat rectangle it is not needed
    if (sine != 0)
      i4 = factor * (xi / c.rd * (sine * cosine) - 2. * atan(xi * (r + x) * cosine / n));
    return;
  }
  const double k = cosine / (1 + sine); // 1 - sine = k cosine
  const Number re = r + eta, shift = -(eta * k + q) / re;
  i3 = (eta * re + q * q - q * r * k) / (c.rd * re) - eta / ((1 + sine) * re) - log(c.rd) / (1 + sine) +
       shift * shift * log_remainder(shift * cosine);
  const Number s = x + re;
  const Number numerator = x * s * (-k * (x + eta) - q) +
                           (q * eta - x * (r + x) * k) * (s - k * cosine * (x + eta) - q * cosine) +
                           2. * x * (r + x) * (k * eta + q);
  const Number t = xi * (r + x) / n, h = xi / (2. * x);
  i4 = xi * numerator / (c.rd * n * x) - 2. * t * t * atan_remainder(t * cosine) +
       2. * h * h * atan_remainder(h * cosine);
}

/// Adds weight times the displacement of part A for the jump (along strike, up-dip, opening).
template <typename Number>
void add_a(const Corner<Number> &c, const double alpha, const std::array<double, 3> &b, Number *u)
{
  const double a1 = (1 - alpha) / 2, a2 = alpha / 2;
  const Number qx = c.q * c.x11, qy = c.q * c.y11;
  if (b[0] != 0)
  {
    u[0] = u[0] + b[0] * (0.5 * c.theta + a2 * c.xi * qy);
    u[1] = u[1] + b[0] * (a2 * c.q / c.r);
    u[2] = u[2] + b[0] * (a1 * c.log_eta - a2 * c.q * qy);
  }
  if (b[1] != 0)
  {
    u[0] = u[0] + b[1] * (a2 * c.q / c.r);
    u[1] = u[1] + b[1] * (0.5 * c.theta + a2 * c.eta * qx);
    u[2] = u[2] + b[1] * (a1 * c.log_xi - a2 * c.q * qx);
  }
  if (b[2] != 0)
  {
    u[0] = u[0] - b[2] * (a1 * c.log_eta + a2 * c.q * qy);
    u[1] = u[1] - b[2] * (a1 * c.log_xi + a2 * c.q * qx);
    u[2] = u[2] + b[2] * (0.5 * c.theta - a2 * (c.eta * qx + c.xi * qy));
  }
}

/// The same of part B.
template <typename Number>
void add_b(const Corner<Number> &c, const double alpha, const std::array<double, 3> &b, Number *u)
{
  const double sine = c.sine, cosine = c.cosine, a3 = (1 - alpha) / alpha;
  const Number qx = c.q * c.x11, qy = c.q * c.y11;
  Number i3, i4;
  image_integrals(c, i3, i4);
  if (b[0] != 0)
  {
    const Number i1 = -cosine * c.xi / c.rd - sine * i4, i2 = log(c.rd) + sine * i3;
    u[0] = u[0] - b[0] * (c.xi * qy + c.theta + a3 * sine * i1);
    u[1] = u[1] + b[0] * (a3 * sine * c.y / c.rd - c.q / c.r);
    u[2] = u[2] + b[0] * (c.q * qy - a3 * sine * i2);
  }
  if (b[1] != 0)
  {
    const double sc = a3 * sine * cosine;
    u[0] = u[0] + b[1] * (sc * i3 - c.q / c.r);
    u[1] = u[1] - b[1] * (c.eta * qx + c.theta + sc * c.xi / c.rd);
    u[2] = u[2] + b[1] * (c.q * qx + sc * i4);
  }
  if (b[2] != 0)
  {
    const double ss = a3 * sine * sine;
    u[0] = u[0] + b[2] * (c.q * qy - ss * i3);
    u[1] = u[1] + b[2] * (c.q * qx + ss * c.xi / c.rd);
    u[2] = u[2] + b[2] * (c.eta * qx + c.xi * qy - c.theta - ss * i4);
  }
}

/// The same of part C, before it is multiplied by the height z.
template <typename Number>
void add_c(const Corner<Number> &c, const Number &z, const double alpha, const std::array<double, 3> &b, Number *u)
{
  const double sine = c.sine, cosine = c.cosine, a4 = 1 - alpha;
  const Number depth = c.d + z, i3 = 1. / (c.r * c.r * c.r);
  const Number z32 = sine * i3 - (c.q * cosine - z) * c.y32;
  const Number qy = c.q * c.y11, xy = c.xi * c.y11;
  if (b[0] != 0)
  {
    u[0] = u[0] + b[0] * (a4 * cosine * xy - alpha * c.xi * c.q * z32);
    u[1] = u[1] + b[0] * (a4 * (cosine / c.r + 2 * sine * qy) - alpha * depth * c.q * i3);
    u[2] = u[2] + b[0] * (a4 * cosine * qy - alpha * (depth * c.eta * i3 - z * c.y11 + c.xi * c.xi * z32));
  }
  if (b[1] != 0)
  {
    u[0] = u[0] + b[1] * (a4 * cosine / c.r - sine * qy - alpha * depth * c.q * i3);
    u[1] = u[1] + b[1] * (a4 * c.y * c.x11 - alpha * depth * c.eta * c.q * c.x32);
    u[2] = u[2] - b[1] * (c.d * c.x11 + sine * xy + alpha * depth * (c.x11 - c.q * c.q * c.x32));
  }
  if (b[2] != 0)
  {
    u[0] = u[0] - b[2] * (a4 * (sine / c.r + cosine * qy) + alpha * (z * c.y11 - c.q * c.q * z32));
    u[1] = u[1] + b[2] * (2 * a4 * sine * xy + c.d * c.x11 - alpha * depth * (c.x11 - c.q * c.q * c.x32));
    u[2] = u[2] + b[2] * (a4 * (c.y * c.x11 + cosine * xy) + alpha * c.q * (depth * c.eta * c.x32 + c.xi * z32));
  }
}

/// Displacement at `x`, which counts from the point of the surface above the centre of the rectangle: along strike, to
/// the left of it, and up.
template <typename Number>
void okada(const Rectangle<3> &rectangle, const std::array<double, 3> &b, const double alpha, const Number (&x)[3],
           Number (&u)[3])
{
  const double sine = rectangle.up_dip[2], cosine = rectangle.normal[2], centre = -rectangle.centre[2];
  u[0] = u[1] = u[2] = 0.;
  for (const bool image : {false, true})
  {
    const Number d = image ? centre - x[2] : centre + x[2];
    const Number p = x[1] * cosine + d * sine, q = x[1] * sine - d * cosine;
    for (const int j : {-1, 1})
      for (const int k : {-1, 1})
      {
        const double weight = j * k / (2 * dealii::numbers::PI);
        const Corner<Number> corner(sine, cosine, x[0] - 0.5 * j * rectangle.length, p - 0.5 * k * rectangle.width, q);
        Number a[3] = {0., 0., 0.};
        add_a(corner, alpha, b, a);
        if (!image)
        {
          u[0] = u[0] - weight * a[0];
          u[1] = u[1] - weight * (cosine * a[1] - sine * a[2]);
          u[2] = u[2] - weight * (sine * a[1] + cosine * a[2]);
          continue;
        }
        Number c[3] = {0., 0., 0.};
        add_b(corner, alpha, b, a);
        add_c(corner, x[2], alpha, b, c);
        u[0] = u[0] + weight * (a[0] + x[2] * c[0]);
        u[1] = u[1] + weight * (cosine * (a[1] + x[2] * c[1]) - sine * (a[2] + x[2] * c[2]));
        u[2] = u[2] + weight * (sine * (a[1] - x[2] * c[1]) + cosine * (a[2] - x[2] * c[2]));
      }
  }
}

/// Displacement in the mesh's axes, with derivatives where Number has them with respect to these axes.
template <typename Number>
void okada_at(const Rectangle<3> &rectangle, const dealii::Tensor<1, 3> &jump, const double alpha, const Number (&x)[3],
              Number (&u)[3])
{
  const dealii::Tensor<1, 3> &s = rectangle.along_strike;
  const dealii::Point<3> &c = rectangle.centre;
  const Number east = x[0] - c[0], north = x[1] - c[1];
  const Number local[3] = {s[0] * east + s[1] * north, s[0] * north - s[1] * east, x[2]};
  Number v[3];
  okada(rectangle, {{jump * s, jump * rectangle.up_dip, jump * rectangle.normal}}, alpha, local, v);
  u[0] = s[0] * v[0] - s[1] * v[1];
  u[1] = s[1] * v[0] + s[0] * v[1];
  u[2] = v[2];
}

PlanePotentials potentials(const Rectangle<2> &rectangle, const dealii::Tensor<1, 2> &jump, const BodyModuli &moduli,
                           const dealii::Point<2> &x)
{
  using Complex = PlanePotentials::Complex;
  const Complex i(0, 1), z(x[0], x[1]), centre(rectangle.centre[0], rectangle.centre[1]),
      half(0.5 * rectangle.width * rectangle.up_dip[0], 0.5 * rectangle.width * rectangle.up_dip[1]);
  const Complex lower = centre - half, upper = centre + half;
  const double kappa = 3 - 4 * moduli.poisson_ratio();
  // The logarithm of the ratio jumps on the line alone. It gives the right of the way up the jump against the left.
  const bool hanging_wall_is_right =
      rectangle.normal[0] * rectangle.up_dip[1] - rectangle.normal[1] * rectangle.up_dip[0] > 0;
  const Complex a =
      (hanging_wall_is_right ? 1. : -1.) * Complex(jump[0], jump[1]) / (dealii::numbers::PI * i * (kappa + 1));
  PlanePotentials result(kappa, z);
  result.add(lower, PlanePotentials::logarithm, a, std::conj(a), -a * std::conj(lower),
             std::log((z - lower) / (z - upper)), std::log((z - std::conj(lower)) / (z - std::conj(upper))));
  result.add(upper, PlanePotentials::logarithm, -a, -std::conj(a), a * std::conj(upper));
  return result;
}

} // namespace

template <int dim>
RectangularDislocation<dim>::RectangularDislocation(const Rectangle<dim> &rectangle, const dealii::Tensor<1, dim> &jump,
                                                    const BodyModuli &moduli)
    : HalfSpaceSource<dim>(moduli), rectangle_(rectangle), jump_(jump)
{
}

template <int dim>
template <typename Visit>
void RectangularDislocation<dim>::for_places(const dealii::Point<dim> &point, const double relative,
                                             const Visit &visit) const
{
  const double small = relative * std::max(rectangle_.length, rectangle_.width);
  const dealii::Tensor<1, dim> from_centre = point - rectangle_.centre;
  dealii::Point<dim> place = point;
  const auto leave = [&](const double coordinate, const double half, const dealii::Tensor<1, dim> &direction) {
    for (const double edge : {-half, half})
      if (std::abs(coordinate - edge) < small)
        place += (edge > 0 ? 1 : -1) * small * direction;
  };
  dealii::Point<dim> mirrored = point;
  mirrored[dim - 1] *= -1;
  const bool in_plane = std::abs(from_centre * rectangle_.normal) < small,
             in_image = std::abs((mirrored - rectangle_.centre) * rectangle_.normal) < small;
  if (in_plane)
    leave(from_centre * rectangle_.up_dip, 0.5 * rectangle_.width, rectangle_.up_dip);
  if (dim == 3 && (in_plane || in_image))
    leave(from_centre * rectangle_.along_strike, 0.5 * rectangle_.length, rectangle_.along_strike);
  place[dim - 1] = -std::abs(place[dim - 1]); // the surface is not left
  if (!in_plane && !(dim == 3 && in_image))
  {
    visit(place, 1.);
    return;
  }
  dealii::Tensor<1, dim> normal = rectangle_.normal, of_image = normal;
  of_image[dim - 1] *= -1;
  if (!in_plane)
    normal = of_image;
  else if (in_image) // along the trace: a direction that leaves both planes
    normal += (normal * of_image < 0 ? -1. : 1.) * of_image;
  for (const double side : {-0.5 * small, 0.5 * small})
  {
    dealii::Point<dim> beside = place + side * normal;
    beside[dim - 1] = -std::abs(beside[dim - 1]);
    visit(beside, 0.5);
  }
}

// On planes and lines that go on from the rectangle, terms of the closed form are infinite, though their sum is not.
// At a relative distance e from them the rounding of displacements is 1e-16 / e and that of strains 1e-16 / e^2.
namespace
{
constexpr double close_for_displacement = 1e-8, close_for_strain = 1e-5;
} // namespace

template <int dim>
void RectangularDislocation<dim>::add_displacement(const std::vector<dealii::Point<dim>> &points,
                                                   std::vector<dealii::Tensor<1, dim>> &u) const
{
  const double alpha = this->moduli().alpha();
  for (std::size_t i = 0; i < points.size(); ++i)
    for_places(points[i], close_for_displacement, [&](const dealii::Point<dim> &p, const double weight) {
      if constexpr (dim == 2)
        u[i] += weight * potentials(rectangle_, jump_, this->moduli(), p).displacement();
      else
      {
        const double x[3] = {p[0], p[1], p[2]};
        double v[3];
        okada_at(rectangle_, jump_, alpha, x, v);
        for (unsigned int d = 0; d < 3; ++d)
          u[i][d] += weight * v[d];
      }
    });
}

template <int dim>
void RectangularDislocation<dim>::add_strain(const std::vector<dealii::Point<dim>> &points,
                                             std::vector<dealii::SymmetricTensor<2, dim>> &strain) const
{
  const double alpha = this->moduli().alpha();
  for (std::size_t i = 0; i < points.size(); ++i)
    for_places(points[i], close_for_strain, [&](const dealii::Point<dim> &p, const double weight) {
      if constexpr (dim == 2)
        strain[i] += weight * potentials(rectangle_, jump_, this->moduli(), p).strain();
      else
      {
        using Number = Dual<3>;
        const Number x[3] = {Number::variable(p[0], 0), Number::variable(p[1], 1), Number::variable(p[2], 2)};
        Number v[3];
        okada_at(rectangle_, jump_, alpha, x, v);
        for (unsigned int a = 0; a < 3; ++a)
          for (unsigned int b = a; b < 3; ++b)
            strain[i][a][b] += 0.5 * weight * (v[a].derivative[b] + v[b].derivative[a]);
      }
    });
}

namespace
{
/// A lower bound of the distance between a box and a part of the rectangle, which reaches `half_length` and
/// `half_width` from a point of it: the gap of both along the axes, along strike, dip and normal.
template <int dim>
double distance_to_part(const Rectangle<dim> &rectangle, const dealii::Point<dim> &centre, const double half_length,
                        const double half_width, const dealii::BoundingBox<dim> &box)
{
  const dealii::Tensor<1, dim> from_part = box.center() - centre;
  dealii::Tensor<1, dim> half_sides;
  for (int d = 0; d < dim; ++d)
    half_sides[d] = 0.5 * box.side_length(d);
  double largest = 0;
  const auto look_along = [&](const dealii::Tensor<1, dim> &axis) {
    double reach =
        half_length * std::abs(rectangle.along_strike * axis) + half_width * std::abs(rectangle.up_dip * axis);
    for (int d = 0; d < dim; ++d)
      reach += half_sides[d] * std::abs(axis[d]);
    largest = std::max(largest, std::abs(from_part * axis) - reach);
  };
  for (int d = 0; d < dim; ++d)
  {
    dealii::Tensor<1, dim> axis;
    axis[d] = 1;
    look_along(axis);
  }
  look_along(rectangle.normal);
  look_along(rectangle.up_dip);
  if (dim == 3)
    look_along(rectangle.along_strike);
  return largest;
}
} // namespace

template <int dim>
bool RectangularDislocation<dim>::jumps_at(const dealii::Point<dim> &point) const
{
  const double small = close_for_displacement * std::max(rectangle_.length, rectangle_.width);
  const dealii::Tensor<1, dim> from_centre = point - rectangle_.centre;
  return std::abs(from_centre * rectangle_.normal) < small &&
         std::abs(from_centre * rectangle_.up_dip) < 0.5 * rectangle_.width + small &&
         (dim == 2 || std::abs(from_centre * rectangle_.along_strike) < 0.5 * rectangle_.length + small);
}

template <int dim>
dealii::BoundingBox<dim> RectangularDislocation<dim>::extent() const
{
  std::vector<dealii::Point<dim>> corners;
  for (const double along : {-0.5, 0.5})
    for (const double up : {-0.5, 0.5})
      corners.push_back(rectangle_.centre + up * rectangle_.width * rectangle_.up_dip +
                        (dim == 3 ? along * rectangle_.length * rectangle_.along_strike : dealii::Tensor<1, dim>()));
  return dealii::BoundingBox<dim>(corners);
}

template <int dim>
double RectangularDislocation<dim>::distance(const dealii::BoundingBox<dim> &box) const
{
  return distance_to_part(rectangle_, rectangle_.centre, dim == 3 ? 0.5 * rectangle_.length : 0.,
                          0.5 * rectangle_.width, box);
}

template <int dim>
double RectangularDislocation<dim>::distance_of_infinity(const dealii::BoundingBox<dim> &box) const
{
  const double half_length = dim == 3 ? 0.5 * rectangle_.length : 0., half_width = 0.5 * rectangle_.width;
  double least = std::numeric_limits<double>::max();
  for (const double side : {-1., 1.})
  {
    least = std::min(least, distance_to_part<dim>(rectangle_, rectangle_.centre + side * half_width * rectangle_.up_dip,
                                                  half_length, 0., box));
    if (dim == 3)
      least = std::min(least, distance_to_part<dim>(rectangle_,
                                                    rectangle_.centre + side * half_length * rectangle_.along_strike,
                                                    0., half_width, box));
  }
  return least;
}

template class RectangularDislocation<2>;
template class RectangularDislocation<3>;

} // namespace lodestone
