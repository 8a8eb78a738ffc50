#pragma once

#include <lodestone/prior/prior.h>
#include <lodestone/prior/squares.h>

#include <array>
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
/// Two fields may be correlated: with C = (1 rho; rho 1) between them, R_1 = A C^-1 M^-1 A. Each has its own covariance
/// then, whatever rho is, and the correlation is rho at every place if their lengths are the same.
///
/// A is assembled (see Precision). An application of R^-1 is two solves with A; P is M between two cycles of its
/// preconditioner.
class MaternPrior : public Prior
{
public:
  /// Collective.
  /// @param operator_squares make A positive definite
  /// @param volumes the squares V_c m_c^2, with V_c the volume of a cell of the mesh, or 1 for unknowns of no cell
  /// @param rho between -1 and 1; 0 where the fields are not two
  MaternPrior(std::shared_ptr<const ParameterLayout> layout, const Squares &operator_squares,
              std::shared_ptr<const Squares> volumes, double rho = 0);
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
  /// M^(1/2) L xi, C = L L^T
  DistributedVector white_noise(std::uint64_t seed) const;
  /// out += a A M^-1 x; x is changed.
  void add_operator(double a, DistributedVector &x, ParameterVector &out) const;

  std::shared_ptr<const ParameterLayout> layout_;
  std::shared_ptr<const Squares> volumes_;
  std::unique_ptr<Precision> operator_;
  DistributedVector mass_; ///< the diagonal of M
  double rho_;

  /// The fields x_0 and x_1 of every cell become (B_00 x_0 + B_01 x_1, B_10 x_0 + B_11 x_1).
  void mix(const std::array<std::array<double, 2>, 2> &matrix, DistributedVector &x) const;
  void correlate(DistributedVector &x) const;   ///< x becomes C x
  void decorrelate(DistributedVector &x) const; ///< x becomes C^-1 x
  void divide_by_mass(DistributedVector &x) const;
};

} // namespace lodestone
