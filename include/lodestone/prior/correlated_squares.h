#pragma once

#include <lodestone/prior/squares.h>

namespace lodestone
{

/// The squares of two fields that are correlated. Where the fields have the squares 1/2 |A_0 m_0|^2 and 1/2 |A_1 m_1|^2 and
/// rho is the correlation, the sum of these is
///
///   1/2 |A_0 m_0|^2 + 1/2 |A_1 m_1 - rho A_0 m_0|^2 / (1 - rho^2)
///
/// that is R_kl = (C^-1)_kl A_k^T A_l with C = (1 rho; rho 1): positive definite for |rho| < 1. With square A_k each field
/// has its own covariance, whatever rho is, and where A_0 and A_1 are proportional rho is the correlation at one place.
/// Squares of no cell stay what they are.
class CorrelatedSquares : public Squares
{
public:
  /// @param squares of the fields 0 and 1 in turn, of the same kind and for the same place; without targets
  /// @param rho between -1 and 1
  CorrelatedSquares(std::shared_ptr<const Squares> squares, const double rho) : squares_(std::move(squares)), rho_(rho)
  {
  }
  void for_each(const Visit &visit) const override;

private:
  std::shared_ptr<const Squares> squares_;
  double rho_;
};

/// The squares with a correlation of two fields; the same squares where it is 0.
inline std::shared_ptr<const Squares> correlated(std::shared_ptr<const Squares> squares, const double rho)
{
  if (rho == 0)
    return squares;
  return std::make_shared<CorrelatedSquares>(std::move(squares), rho);
}

} // namespace lodestone
