#pragma once

#include <lodestone/base/entry_values.h>

#include <deal.II/base/point.h>
#include <deal.II/base/symmetric_tensor.h>

#include <string>
#include <vector>

namespace lodestone
{

/// "tx, ty, tz", in 2-D "tx, tz": the components of a vector in the order in which entries list them.
template <int dim>
std::string vector_names(const std::string &letter);

/// The vector at a place whose components are these formulas.
template <int dim>
dealii::Tensor<1, dim> vector_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p);

/// "exx, eyy, ezz, eyz, exz, exy", in 2-D "exx, ezz, exz": the components of a symmetric tensor in the order in which
/// entries list them.
template <int dim>
std::string tensor_names(const std::string &letter);

/// The symmetric tensor at a place whose components, in the order of tensor_names, are these formulas. In 2-D, a fourth
/// one is not used.
template <int dim>
dealii::SymmetricTensor<2, dim> tensor_at(const std::vector<Formula<dim>> &components, const dealii::Point<dim> &p);

} // namespace lodestone
