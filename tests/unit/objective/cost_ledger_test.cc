// The table of solves against sums by hand.
#include <lodestone/objective/cost_ledger.h>

#include <gtest/gtest.h>

#include <sstream>

using namespace lodestone;

namespace
{

SolveReport report(const unsigned int iterations, const double applications, const double seconds,
                   const bool converged = true)
{
  SolveReport r;
  r.converged = converged;
  r.iterations = iterations;
  r.operator_applications = applications;
  r.seconds = seconds;
  return r;
}

/// The words of the line that starts with `name`, after it.
std::vector<std::string> row(const std::string &table, const std::string &name)
{
  const std::size_t begin = table.find("\n  " + name + " ");
  EXPECT_NE(begin, std::string::npos) << name;
  std::istringstream line(table.substr(begin + 3 + name.size(), table.find('\n', begin + 1) - begin - 3 - name.size()));
  std::vector<std::string> words;
  for (std::string word; line >> word;)
    words.push_back(word);
  return words;
}

} // namespace

TEST(CostLedger, TableHoldsEachKindAndTheirSum)
{
  CostLedger ledger;
  ledger.forward.add(report(10, 11, 1));
  ledger.forward.add(report(5, 6, 0.5, false));
  ledger.adjoint.add(report(100, 101, 2));
  ledger.incremental_forward.add(report(1000, 1001, 4));
  ledger.incremental_adjoint.add(report(20000, 20001, 8, false));
  ledger.values = 3;
  ledger.gradients = 4;
  ledger.hessian_actions = 5;
  const CostLedger::Item total = ledger.total();
  EXPECT_EQ(total.solves, 5u);
  EXPECT_EQ(total.iterations, 21115u);
  EXPECT_EQ(total.operator_applications, 21120);
  EXPECT_EQ(total.failures, 2u);
  EXPECT_EQ(total.seconds, 15.5);

  const std::string table = ledger.table();
  using Words = std::vector<std::string>;
  EXPECT_EQ(row(table, "forward"), (Words{"2", "15", "17", "1", "1.50"}));
  EXPECT_EQ(row(table, "adjoint"), (Words{"1", "100", "101", "0", "2.00"}));
  EXPECT_EQ(row(table, "incremental forward"), (Words{"1", "1000", "1001", "0", "4.00"}));
  EXPECT_EQ(row(table, "incremental adjoint"), (Words{"1", "20000", "20001", "1", "8.00"}));
  EXPECT_EQ(row(table, "all"), (Words{"5", "21115", "21120", "2", "15.50"}));
  EXPECT_NE(table.find("values of the objective: 3, gradients: 4, Hessian actions: 5"), std::string::npos) << table;

  CostLedger uncounted;
  uncounted.forward.add(report(10, 0, 1));
  EXPECT_EQ(row(uncounted.table(), "all")[2], "-") << "a solver that does not count its products";
  EXPECT_EQ(uncounted.table().find("adjoint"), std::string::npos) << "kinds of solves that were never made have no row";
}
