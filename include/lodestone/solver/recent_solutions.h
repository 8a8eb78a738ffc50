#pragma once

#include <lodestone/base/vectors.h>

#include <functional>
#include <vector>

namespace lodestone
{

/// First guesses for the solves of one load case in one direction (forward or adjoint), made of solutions at recent
/// models.
///
/// The guess is the K-orthogonal projection of the solution on the last few solutions of the same loads, K the present
/// operator: of all their combinations the one nearest to the solution in energy,
///
///   x = sum_j c_j d_j,   sum_j (d_i . K d_j) c_j = d_i . b,
///
/// d_0 the newest and d_j, j > 0, the differences of neighbours: nearly equal solutions make no singular system of it.
/// It costs one operator application a solution kept, and none when the newest belongs to the present operator; then
/// the guess is a multiple of that one. What a solver accepts as a solution does not depend on guesses. Vectors in the
/// layout of displacements, zero where displacements are prescribed. Collective. Source: Fischer (1998),
/// doi:10.1016/S0045-7825(98)00012-7, with products renewed since K changes here.
class RecentSolutions
{
public:
  using Operator = std::function<void(const DistributedVector &x, DistributedVector &product)>;

  /// What the guesses of all load cases can share.
  struct Workspace
  {
    DistributedVector difference, product;
  };

  /// @param capacity solutions kept of each series
  explicit RecentSolutions(unsigned int capacity) : capacity_(capacity) {}

  void renew();

  /// x = guess of the solution of K x = b; what x holds is lost. Returns the number of operator applications.
  /// @param loads numbers that tell one series of solutions from another
  unsigned int guess(const std::vector<double> &loads, const DistributedVector &b, DistributedVector &x,
                     const Operator &apply, Workspace &workspace) const;
  void remember(const std::vector<double> &loads, const DistributedVector &b, const DistributedVector &x);

private:
  struct Series
  {
    std::vector<double> loads;
    std::vector<DistributedVector> solutions; ///< newest first
    DistributedVector b;                      ///< of the newest
    bool current = false;                     ///< the newest belongs to the present operator
  };

  unsigned int capacity_;
  std::vector<Series> series_;
};

} // namespace lodestone
