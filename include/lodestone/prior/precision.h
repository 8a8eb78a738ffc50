#pragma once

#include <lodestone/base/solve_report.h>
#include <lodestone/prior/squares.h>

#include <petscksp.h>

namespace lodestone
{

/// R = A^T A of a list of squares as an assembled PETSc matrix, and its inverse.
///
/// R^-1 is a factorisation for small problems, otherwise conjugate gradients with algebraic multigrid, solved so far
/// (residual 1e-12) that as a metric it is one fixed linear map; the preconditioner is the factorisation or one cycle.
/// It is set up when it is first asked for.
/// PETSc options of the solver have the prefix `prior_`. When weights are renewed, a new object is made.
///
/// All functions are collective unless they say otherwise. Ghost entries of vectors that are given need not be up to
/// date, and those of results are not.
class Precision
{
public:
  /// @param owned how the unknowns are distributed
  /// @param squares make R positive definite; they are walked through twice and not kept
  Precision(const dealii::Utilities::MPI::Partitioner &owned, const Squares &squares);
  ~Precision();
  Precision(const Precision &) = delete;
  Precision &operator=(const Precision &) = delete;

  /// out = R in, from primal to dual vectors.
  void apply(const DistributedVector &in, DistributedVector &out) const;
  /// out = R^-1 dual, for any size of the dual vector.
  SolveReport solve(const DistributedVector &dual, DistributedVector &out) const;
  /// out = P dual, P symmetric positive definite and near R^-1.
  void precondition(const DistributedVector &dual, DistributedVector &out) const;

  /// Calls `visit` with every row that this rank owns. Not collective.
  void for_each_row(const std::function<void(dealii::types::global_dof_index row,
                                             const std::vector<Square::Term> &terms)> &visit) const;

  /// The unknowns, with those of this rank's squares that other ranks own as ghosts. Not collective.
  const std::shared_ptr<const dealii::Utilities::MPI::Partitioner> &unknowns_of_squares() const { return unknowns_; }
  /// Whether any square on any rank has a target that is not 0. Not collective.
  bool has_targets() const { return has_targets_; }

private:
  struct OwnedEntries;
  void fill(const OwnedEntries &entries, const Squares &squares);
  void ensure_solver() const;
  SolveReport solve_scaled(const DistributedVector &b, DistributedVector &x) const;
  template <typename Call>
  void with_arrays(const DistributedVector &in, DistributedVector &out, const Call &call) const;

  MPI_Comm comm_;
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> unknowns_;
  bool has_targets_ = false;
  Mat matrix_ = nullptr;
  mutable KSP solver_ = nullptr;         ///< null until it is needed
  Vec left_ = nullptr, right_ = nullptr; ///< without memory of their own
};

} // namespace lodestone
