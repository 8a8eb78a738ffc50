#pragma once

#include <lodestone/solver/linear_solver.h>

#include <memory>

namespace lodestone
{

/// An iterative LinearSolver that is helped where it breaks down: first it is strengthened as long as it can be (LinearSolver::strengthen),
/// then the matrix is factorised, until the next model, where that is affordable. What is done is told (on_notice).
///
/// A preconditioner that is not positive definite, numbers that are not finite and iterations without headway count as breakdowns
/// (SolveReport::diverged). A solve that converges too slowly for the iterations allowed does not: it is reported as it is.
class RecoveringSolver : public LinearSolver
{
public:
  using Make = std::function<std::unique_ptr<LinearSolver>()>;
  /// @param make_factorisation makes the last resort each time that it is needed; null where there is none
  RecoveringSolver(std::unique_ptr<LinearSolver> iterative, Make make_factorisation);

  void renew(const Moduli &moduli) override;
  SolveReport solve(const DistributedVector &b, DistributedVector &x, double tolerance) override;
  bool uses_guess() const override { return iterative_->uses_guess(); }
  void on_progress(Progress progress) override { iterative_->on_progress(std::move(progress)); }
  void on_notice(Notice notice) override { notice_ = std::move(notice); }
  std::string describe() const override { return iterative_->describe(); }

private:
  void tell(const std::string &sentence) const;
  SolveReport factorise_and_solve(const DistributedVector &b, DistributedVector &x, double tolerance);

  std::unique_ptr<LinearSolver> iterative_, factorisation_;
  Make make_factorisation_;
  Notice notice_;
  Moduli moduli_;           ///< of the last renewal
  bool factorised_ = false; ///< whether solves at these moduli use the factorisation
};

} // namespace lodestone
