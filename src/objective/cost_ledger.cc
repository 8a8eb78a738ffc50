#include <lodestone/objective/cost_ledger.h>

#include <cstdio>
#include <type_traits>

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

namespace
{
template <typename Ledger, typename Visit>
void for_each_number(Ledger &ledger, const Visit &visit)
{
  const auto item = [&](const std::string &name, auto &of_kind) {
    visit("ledger_" + name + "_solves", of_kind.solves);
    visit("ledger_" + name + "_iterations", of_kind.iterations);
    visit("ledger_" + name + "_failures", of_kind.failures);
    visit("ledger_" + name + "_operator_applications", of_kind.operator_applications);
    visit("ledger_" + name + "_seconds", of_kind.seconds);
  };
  item("forward", ledger.forward);
  item("adjoint", ledger.adjoint);
  item("incremental_forward", ledger.incremental_forward);
  item("incremental_adjoint", ledger.incremental_adjoint);
  visit("ledger_values", ledger.values);
  visit("ledger_gradients", ledger.gradients);
  visit("ledger_hessian_actions", ledger.hessian_actions);
}
} // namespace

void CostLedger::add_to(std::map<std::string, double> &numbers) const
{
  for_each_number(*this, [&](const std::string &name, const auto &value) { numbers[name] = double(value); });
}

void CostLedger::take_from(const std::map<std::string, double> &numbers)
{
  for_each_number(*this, [&](const std::string &name, auto &value) {
    if (const auto found = numbers.find(name); found != numbers.end())
      value = static_cast<std::decay_t<decltype(value)>>(found->second);
  });
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
