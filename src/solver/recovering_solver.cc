#include <lodestone/solver/recovering_solver.h>

namespace lodestone
{

namespace
{
/// @return the report of the last attempt, with the work of the attempts before it
SolveReport after(const SolveReport &before, SolveReport last)
{
  last.iterations += before.iterations;
  last.operator_applications += before.operator_applications;
  last.seconds += before.seconds;
  return last;
}
} // namespace

RecoveringSolver::RecoveringSolver(std::unique_ptr<LinearSolver> iterative, Make make_factorisation)
    : iterative_(std::move(iterative)), make_factorisation_(std::move(make_factorisation))
{
}

void RecoveringSolver::renew(const Moduli &moduli)
{
  moduli_ = moduli;
  factorised_ = false;
  factorisation_.reset(); // it takes far more memory than everything else
  iterative_->renew(moduli);
}

void RecoveringSolver::add_to(RankState &state, const std::string &name) const
{
  iterative_->add_to(state, name);
  state[name + "_is_factorised"] = {factorised_ ? 1. : 0.};
}

void RecoveringSolver::take_from(const RankState &state, const std::string &name, const Moduli &moduli)
{
  iterative_->take_from(state, name, moduli);
  const auto factorised = state.find(name + "_is_factorised");
  if (factorised == state.end() || factorised->second.at(0) == 0 || !make_factorisation_)
    return;
  factorisation_ = make_factorisation_();
  factorisation_->renew(moduli_);
  factorised_ = true;
}

SolveReport RecoveringSolver::solve(const DistributedVector &b, DistributedVector &x, const double tolerance)
{
  if (factorised_)
    return factorisation_->solve(b, x, tolerance);
  SolveReport report = iterative_->solve(b, x, tolerance);
  const bool is_slow = !report.converged && !report.diverged && report.iterations > 0;
  if (is_slow)
    if (const std::string change = iterative_->strengthen(); !change.empty())
    {
      tell(report.reason + ". From now on " + change + ". The solve goes on.");
      report = after(report, iterative_->solve(b, x, tolerance));
    }
  while (report.diverged)
  {
    const std::string change = iterative_->strengthen();
    if (change.empty())
      break;
    tell(report.reason + ". From now on " + change + ". The system is solved again.");
    x = 0;
    report = after(report, iterative_->solve(b, x, tolerance));
  }
  if (!report.diverged || !make_factorisation_)
    return report;
  tell(report.reason + ". The matrix is factorised instead, for this model.");
  return after(report, factorise_and_solve(b, x, tolerance));
}

SolveReport RecoveringSolver::factorise_and_solve(const DistributedVector &b, DistributedVector &x,
                                                  const double tolerance)
{
  factorisation_ = make_factorisation_();
  factorisation_->renew(moduli_);
  SolveReport report = factorisation_->solve(b, x, tolerance);
  factorised_ = report.converged;
  return report;
}

void RecoveringSolver::tell(const std::string &sentence) const
{
  if (notice_)
    notice_("a solve needed help: " + sentence);
}

} // namespace lodestone
