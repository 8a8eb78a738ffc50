#pragma once

#include <deal.II/base/bounding_box.h>
#include <deal.II/base/point.h>
#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/base/tensor.h>

#include <cmath>
#include <vector>

namespace lodestone
{

/// The moduli of a homogeneous body (Pa).
struct BodyModuli
{
  double lambda = 0, mu = 0;

  /// (lambda + mu) / (lambda + 2 mu), the alpha of Okada (1992); it is 1 / (2 (1 - nu)).
  double alpha() const { return (lambda + mu) / (lambda + 2 * mu); }
  double poisson_ratio() const { return lambda / (2 * (lambda + mu)); }
  /// Whether both are the same material, but for rounding.
  bool operator==(const BodyModuli &other) const
  {
    const double rounding = 1e-9 * (std::abs(mu) + std::abs(lambda));
    return std::abs(lambda - other.lambda) <= rounding && std::abs(mu - other.mu) <= rounding;
  }
};

/// A source in a homogeneous elastic half-space x_dim <= 0 whose surface is free, with its field in closed form. In 2-D
/// it is the plane-strain field of a line. Lengths are in m. No function is collective.
template <int dim>
class HalfSpaceSource
{
public:
  explicit HalfSpaceSource(const BodyModuli &moduli) : moduli_(moduli) {}
  virtual ~HalfSpaceSource() = default;

  const BodyModuli &moduli() const { return moduli_; }

  /// Adds the displacement (m) at points. It is finite everywhere; where it jumps, the mean of both sides is added.
  virtual void add_displacement(const std::vector<dealii::Point<dim>> &points,
                                std::vector<dealii::Tensor<1, dim>> &u) const = 0;
  /// Adds the strain at points, without that of a jump itself. It is finite everywhere.
  virtual void add_strain(const std::vector<dealii::Point<dim>> &points,
                          std::vector<dealii::SymmetricTensor<2, dim>> &strain) const = 0;
  /// Whether the displacement jumps at a point.
  virtual bool jumps_at(const dealii::Point<dim> & /*point*/) const { return false; }
  /// The distance (m) between a box and the places where the displacement is not smooth; at most the true one.
  virtual double distance(const dealii::BoundingBox<dim> &box) const = 0;
  /// The distance (m) between a box and the places where the strain is infinite; at most the true one.
  virtual double distance_of_infinity(const dealii::BoundingBox<dim> &box) const { return distance(box); }
  /// A box that holds the places where the displacement is not smooth.
  virtual dealii::BoundingBox<dim> extent() const = 0;
  /// Whether the strain is integrable, so that a cell may hold the source and have other moduli than its body.
  virtual bool has_integrable_strain() const = 0;
  /// How many fields are summed: what an evaluation costs.
  virtual std::size_t n_terms() const { return 1; }

private:
  BodyModuli moduli_;
};

/// The distance between a point and a box; 0 inside it.
template <int dim>
double distance_to_box(const dealii::Point<dim> &point, const dealii::BoundingBox<dim> &box)
{
  dealii::Tensor<1, dim> gap;
  for (int d = 0; d < dim; ++d)
    gap[d] = std::max({0., box.lower_bound(d) - point[d], point[d] - box.upper_bound(d)});
  return gap.norm();
}

} // namespace lodestone
