#include <lodestone/objective/cost_ledger.h>

#include <cstdio>

namespace lodestone
{

void CostLedger::Item::add(const SolveReport &report)
{
  ++solves;
  iterations += report.iterations;
  operator_applications += report.operator_applications;
  seconds += report.seconds;
  failures += report.converged ? 0 : 1;
}

CostLedger::Item CostLedger::total() const
{
  Item sum = forward;
  for (const Item *item : {&adjoint, &incremental_forward, &incremental_adjoint})
  {
    sum.solves += item->solves;
    sum.iterations += item->iterations;
    sum.operator_applications += item->operator_applications;
    sum.failures += item->failures;
    sum.seconds += item->seconds;
  }
  return sum;
}

std::string CostLedger::table() const
{
  std::string text = "  solves                 number   iterations     mat-vecs   failed   seconds\n";
  char row[200];
  const auto add = [&](const char *name, const Item &item) {
    if (item.solves == 0)
      return;
    char products[24] = "-"; // not counted by the solver
    if (item.operator_applications > 0)
      std::snprintf(products, sizeof(products), "%.0f", item.operator_applications);
    std::snprintf(row, sizeof(row), "  %-20s %8u %12u %12s %8u %9.2f\n", name, item.solves, item.iterations, products,
                  item.failures, item.seconds);
    text += row;
  };
  add("forward", forward);
  add("adjoint", adjoint);
  add("incremental forward", incremental_forward);
  add("incremental adjoint", incremental_adjoint);
  add("all", total());
  std::snprintf(row, sizeof(row), "  values of the objective: %u, gradients: %u, Hessian actions: %u", values,
                gradients, hessian_actions);
  return text + row;
}

} // namespace lodestone
