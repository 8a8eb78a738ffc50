#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <memory>

namespace lodestone
{

class Precision;

/// The Gaussian prior whose precision is the square of an elliptic operator A on the parameter cells,
///
///   J(m) = f/2 m^T R_1 m,   R_1 = A M^-1 A,   A = sum over squares of w_t a_t a_t^T,   R = f R_1
///
/// with M the volumes of the parameter cells. Where A is that of gamma K + delta M + beta S (see make_matern), its
/// samples have a Matern covariance: they solve A m = M^(1/2) xi, xi one standard normal number per cell of the mesh.
/// Source: Lindgren, Rue and Lindstroem 2011, doi:10.1111/j.1467-9868.2011.00777.x.
///
/// A is assembled (see Precision). An application of R^-1 is two solves with A; P is M between two cycles of its
/// preconditioner.
class MaternPrior : public Prior
{
public:
  /// Collective.
  /// @param operator_squares make A positive definite
  /// @param volumes the squares V_c m_c^2, with V_c the volume of a cell of the mesh, or 1 for unknowns of no cell
  MaternPrior(std::shared_ptr<const ParameterLayout> layout, const Squares &operator_squares,
              std::shared_ptr<const Squares> volumes);
  ~MaternPrior() override;

  double value(const ParameterVector &m) const override;
  void add_gradient(const ParameterVector &m, ParameterVector &g) const override;
  void add_precision(const ParameterVector &m_hat, ParameterVector &out) const override;
  SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const override;
  void precondition(const ParameterVector &dual, ParameterVector &out) const override;
  SolveReport sample(std::uint64_t seed, ParameterVector &out) const override;
  void add_noise(std::uint64_t seed, ParameterVector &out) const override;
  std::shared_ptr<const Squares> squares() const override;

private:
  /// sum_t numbers(t) a_t over the squares of the volumes.
  DistributedVector sum_over_cells(const std::function<double(const Square &)> &numbers) const;
  /// M^(1/2) xi
  DistributedVector white_noise(std::uint64_t seed) const;
  /// out += a A M^-1 x; x is changed.
  void add_operator(double a, DistributedVector &x, ParameterVector &out) const;

  std::shared_ptr<const ParameterLayout> layout_;
  std::shared_ptr<const Squares> volumes_;
  std::unique_ptr<Precision> operator_;
  DistributedVector mass_; ///< the diagonal of M
};

} // namespace lodestone
