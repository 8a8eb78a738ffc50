#pragma once

#include <lodestone/base/solve_report.h>
#include <lodestone/discretization/parameter_vector.h>

namespace lodestone
{

/// Negative log-density of the unknowns, up to a constant. Gradients are dual vectors.
class Prior
{
public:
  virtual ~Prior() = default;

  virtual double value(const ParameterVector &m) const = 0;
  /// g += dR/dm.
  virtual void add_gradient(const ParameterVector &m, ParameterVector &g) const = 0;
  /// out += R''(m) m_hat.
  virtual void add_hessian(const ParameterVector &m, const ParameterVector &m_hat, ParameterVector &out) const = 0;
  /// out = R^-1 dual: the metric that optimisers get. R is the precision (or its linearisation at the reference).
  virtual SolveReport apply_inverse(const ParameterVector &dual, ParameterVector &out) const = 0;
  /// out = P dual, P a fixed symmetric positive definite map that is cheap and near R^-1.
  virtual void precondition(const ParameterVector &dual, ParameterVector &out) const = 0;
};

} // namespace lodestone
