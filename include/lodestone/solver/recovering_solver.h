#pragma once

#include <lodestone/solver/linear_solver.h>

#include <memory>

namespace lodestone
{

/// Helps an iterative LinearSolver when it breaks down. First it strengthens the solver as long as that is possible
/// (LinearSolver::strengthen). Then, if that is affordable, it factorises the matrix and uses the factors until the
/// next model. It tells what it does (on_notice).
///
/// A preconditioner that is not positive definite, numbers that are not finite and iterations without headway count as
/// breakdowns (SolveReport::diverged). A solve that converges too slowly for the iterations allowed is no breakdown: the
/// solver is strengthened once, and as many iterations go on from where the solve ended.
class RecoveringSolver : public LinearSolver
{
public:
  /// A function that makes a solver.
  using Make = std::function<std::unique_ptr<LinearSolver>()>;
  /// @param iterative the solver that is helped
  /// @param make_factorisation makes the factorisation each time that one is needed; null if none is affordable
  RecoveringSolver(std::unique_ptr<LinearSolver> iterative, Make make_factorisation);

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return iterative_->uses_guess(); }
  void on_progress(Progress progress) override { iterative_->on_progress(std::move(progress)); }
  void on_notice(Notice notice) override { notice_ = std::move(notice); }
  std::string describe() const override { return iterative_->describe(); }
  void add_to(RankState &state, const std::string &name) const override;
  void take_from(const RankState &state, const std::string &name, const Moduli &moduli) override;

private:
  void tell(const std::string &sentence) const;
  SolveReport factorise_and_solve(const DistributedVector &b, DistributedVector &x, double tolerance);

  std::unique_ptr<LinearSolver> iterative_, factorisation_;
  Make make_factorisation_;
  Notice notice_;
  Moduli moduli_;           ///< moduli of the last `renew`
  bool factorised_ = false; ///< whether solves at these moduli use the factorisation
};

} // namespace lodestone
