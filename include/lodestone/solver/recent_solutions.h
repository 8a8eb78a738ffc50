#pragma once

#include <lodestone/base/named_state.h>
#include <lodestone/base/vectors.h>

#include <functional>
#include <string>
#include <vector>

namespace lodestone
{

/// Makes first guesses for the solves of one load case in one direction (forward or adjoint) from solutions at recent
/// models.
///
/// The guess is the K-orthogonal projection of the solution on the last few solutions of the same loads, where K is the
/// present operator. Of all combinations of these solutions it is the nearest one in energy:
///
///   x = sum_j c_j d_j,   sum_j (d_i . K d_j) c_j = d_i . b,
///
/// where d_0 is the newest solution and d_j, j > 0, are the differences of neighbours. Differences are used because
/// nearly equal solutions would make the system singular. A guess costs one operator application per solution kept, and
/// none if the newest one belongs to the present operator; then the guess is a multiple of that one. What a solver
/// accepts as a solution does not depend on guesses. Vectors have the layout of displacements and are zero where
/// displacements are prescribed; b is dual, x is primal, neither needs ghosts. `guess` is collective, the others are
/// not. Source: Fischer (1998), doi:10.1016/S0045-7825(98)00012-7; here the products are computed anew, since K
/// changes.
class RecentSolutions
{
public:
  /// product = K x.
  using Operator = std::function<void(const DistributedVector &x, DistributedVector &product)>;

  /// Vectors that the guesses of all load cases share.
  struct Workspace
  {
    DistributedVector difference, product;
  };

  /// @param capacity number of solutions that are kept per series
  explicit RecentSolutions(unsigned int capacity) : capacity_(capacity) {}

  /// Call it when the operator has new moduli.
  void renew();

  /// x = a guess of the solution of K x = b.
  /// @param loads numbers that tell one series of solutions from another
  /// @param b right-hand side
  /// @param x becomes the guess; its old values are lost
  /// @param apply applies K
  /// @param workspace vectors for intermediate results
  /// @return the number of operator applications
  unsigned int guess(const std::vector<double> &loads, const DistributedVector &b, DistributedVector &x,
                     const Operator &apply, Workspace &workspace) const;
  /// Keeps the solution x of K x = b.
  void remember(const std::vector<double> &loads, const DistributedVector &b, const DistributedVector &x);

  /// Adds everything that is kept to a state; the names begin with `name`. Not collective.
  void add_to(RankState &state, const std::string &name) const;
  /// Takes it back, on the same number of ranks with the same partition. Not collective.
  /// @param like a vector of the space
  void take_from(const RankState &state, const std::string &name, const DistributedVector &like);

private:
  struct Series
  {
    std::vector<double> loads;
    std::vector<DistributedVector> solutions; ///< newest first
    DistributedVector b;                      ///< right-hand side of the newest
    bool current = false;                     ///< whether the newest belongs to the present operator
  };

  unsigned int capacity_;
  std::vector<Series> series_;
};

} // namespace lodestone
