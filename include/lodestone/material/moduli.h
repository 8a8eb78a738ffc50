#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/discretization/vectors.h>

#include <optional>
#include <string>

namespace lodestone
{

/// Lamé moduli per cell (Pa); or the derivative of a functional with respect to them, a dual field: the derivative
/// (1/Pa) per cell.
struct Moduli
{
  CellField lambda, mu;

  /// Whether all entries are the same to the last bit, on every rank. Collective.
  bool equals(const Moduli &other) const;
  /// Adds the entries of this rank to a state, as NAME_lambda and NAME_mu. Not collective.
  void add_to(RankState &state, const std::string &name) const;
  /// The same fields with the entries of a state; nothing where it has none for these cells. Collective.
  std::optional<Moduli> taken_from(const RankState &state, const std::string &name) const;
};

} // namespace lodestone
