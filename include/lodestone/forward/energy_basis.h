#pragma once

#include <lodestone/base/vectors.h>

#include <utility>
#include <vector>

namespace lodestone
{

/// Vectors w_i with w_i . K w_j = 1 (i = j) or 0, kept with their products K w_i, K symmetric positive definite.
///
/// Of all x in their span, sum_i (w_i . b) w_i is nearest to the solution of K x = b in the energy norm, at the price
/// of dot products. A vector that is numerically in the span of those before it is not taken. Collective; the same on
/// every rank.
class EnergyBasis
{
public:
  unsigned int size() const { return size_; }
  /// Forgets the vectors, keeps their memory.
  void clear() { size_ = 0; }

  /// Takes the part of x that is K-orthogonal to the vectors at hand. @return false when only rounding is left of it
  bool add(const DistributedVector &x, const DistributedVector &product);
  /// x += the projection of the solution of K x = b. Ghosts of x are not updated.
  void add_projection(const DistributedVector &b, DistributedVector &x) const;

private:
  std::vector<double> coefficients(const DistributedVector &b) const;

  unsigned int size_ = 0;
  std::vector<std::pair<DistributedVector, DistributedVector>> pairs_; ///< (w_i, K w_i); the first size_ are in use
};

} // namespace lodestone
