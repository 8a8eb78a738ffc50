#include <lodestone/objective/cost_ledger.h>

#include <cstdio>

namespace lodestone
{

void CostLedger::Item::add(const SolveReport &report)
{
  ++solves;
  iterations += report.iterations;
  seconds += report.seconds;
  failures += report.converged ? 0 : 1;
}

unsigned int CostLedger::total_solves() const
{
  return forward.solves + adjoint.solves + incremental_forward.solves + incremental_adjoint.solves;
}

unsigned int CostLedger::total_iterations() const
{
  return forward.iterations + adjoint.iterations + incremental_forward.iterations + incremental_adjoint.iterations;
}

double CostLedger::total_seconds() const
{
  return forward.seconds + adjoint.seconds + incremental_forward.seconds + incremental_adjoint.seconds;
}

std::string CostLedger::table() const
{
  std::string text = "  solves                 number   iterations   failed   seconds\n";
  char row[160];
  const auto add = [&](const char *name, const Item &item)
  {
    std::snprintf(row, sizeof(row), "  %-20s %8u %12u %8u %9.2f\n", name, item.solves, item.iterations, item.failures, item.seconds);
    text += row;
  };
  add("forward", forward);
  add("adjoint", adjoint);
  add("incremental forward", incremental_forward);
  add("incremental adjoint", incremental_adjoint);
  std::snprintf(row, sizeof(row), "  %-20s %8u %12u %8s %9.2f\n  objective values %u, gradients %u, Hessian actions %u", "all", total_solves(),
                total_iterations(), "", total_seconds(), values, gradients, hessian_actions);
  return text + row;
}

} // namespace lodestone
