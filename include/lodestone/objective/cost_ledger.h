#pragma once

#include <lodestone/base/solve_report.h>

#include <map>
#include <string>

namespace lodestone
{

/// How many solves a run has paid for, and what they cost.
struct CostLedger
{
  /// Solves of one kind.
  struct Item
  {
    unsigned int solves = 0, iterations = 0, failures = 0;
    double operator_applications = 0; ///< 0: the solver does not count them
    double seconds = 0;
    void add(const SolveReport &report);
  };
  Item forward, adjoint, incremental_forward, incremental_adjoint;
  unsigned int values = 0, gradients = 0, hessian_actions = 0;

  Item total() const;
  /// Everything as numbers of a state: ledger_forward_solves, ...
  void add_to(std::map<std::string, double> &numbers) const;
  void take_from(const std::map<std::string, double> &numbers);
  /// Table for the end of the log; kinds of solves that were never made have no row.
  std::string table() const;
};

} // namespace lodestone
