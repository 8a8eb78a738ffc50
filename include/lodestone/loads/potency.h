#pragma once

#include <deal.II/base/symmetric_tensor.h>

namespace lodestone
{

/// A potency P, inelastic strain times volume (m^dim), or its density: C(m) : P = lambda dilatation I + 2 mu strain.
///
/// The dilatation is the trace of the strain in all three directions. It is not the trace of `strain` in plane strain,
/// and for Mogi's source, whose moment is (lambda + 2 mu) dV I.
template <int dim>
struct Potency
{
  dealii::SymmetricTensor<2, dim> strain;
  double dilatation = 0;

  Potency operator*(const double a) const { return {a * strain, a * dilatation}; }
};

} // namespace lodestone
