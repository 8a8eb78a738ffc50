#pragma once

#include <lodestone/base/named_state.h>

#include <deal.II/base/mpi.h>

#include <deque>
#include <functional>
#include <vector>

namespace lodestone
{

/// Preconditioner of a Newton system made of Hessian actions that the systems before it have paid for.
///
/// Directions p of conjugate gradients and H p are curvature pairs for the limited-memory BFGS formula. It corrects a
/// base preconditioner, as R^-1 of the prior, where data have changed the Hessian, and since that part of it is of low
/// rank and changes little from step to step, the next system needs fewer actions. Pairs added during a system serve
/// from `adopt()` on: within one system the preconditioner is fixed. Symmetric and positive definite if the base is.
/// Source: Morales and Nocedal (2000), doi:10.1137/S1052623497327854.
class CurvaturePairs
{
public:
  using Map = std::function<void(const double *, double *)>;
  /// A direction s and H s = y, scaled such that s . y = 1. Single precision is enough for a preconditioner.
  struct Pair
  {
    NamedState::Shared<float> s, y;
  };

  /// @param capacity number of pairs that are kept, the newest ones, and of as many more while a system is solved; a
  /// pair takes 8 bytes per unknown
  CurvaturePairs(std::size_t n_local, std::size_t capacity, MPI_Comm comm)
      : n_(n_local), capacity_(capacity), comm_(comm)
  {
  }

  /// Pairs without clearly positive curvature are left out. Collective.
  void add(const double *p, const double *hp);
  /// Puts the pairs added since the last call in use.
  void adopt();
  /// A known part of the Hessian changes: it is taken out of all pairs before that, y -= A s, and the new one is put in
  /// after it, y += A' s. Pairs without positive curvature are left out then. Collective.
  void take_out(const Map &matrix) { add_product(-1, matrix); }
  void put_in(const Map &matrix);
  /// Forgets all pairs: the Hessian has changed.
  void clear();
  std::size_t n_in_use() const { return used_.size(); }
  /// Adds the pairs in use to a state, oldest first: curvature_001_s, curvature_001_y, ...
  void add_to(NamedState &state) const;
  /// Puts the pairs of a state in use, so that a run can go on as if it had not been stopped.
  void take_from(const NamedState &state);
  /// Changes the pairs of a state: `visit` gets s and y and may change both, also to another length, after which they
  /// are scaled to s . y = 1 again. Pairs whose curvature is then not clearly positive are left out. Collective.
  static void change(NamedState &state, const std::function<void(std::vector<float> &s, std::vector<float> &y)> &visit,
                     MPI_Comm comm);
  /// out = B r. Collective, with two reductions per pair.
  void apply(const Map &base, const double *r, double *out);

private:
  double sum(double local) const { return dealii::Utilities::MPI::sum(local, comm_); }
  double dot(const std::vector<float> &a, const double *b) const;
  void add_to(double *x, double factor, const std::vector<float> &a) const;
  void put_in_use(Pair pair);
  /// y += a A s
  void add_product(double a, const Map &matrix);

  std::size_t n_, capacity_;
  MPI_Comm comm_;
  std::deque<Pair> used_, fresh_; ///< oldest first
  std::vector<double> rest_, products_;
};

} // namespace lodestone
