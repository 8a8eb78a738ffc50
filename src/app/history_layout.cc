#include <lodestone/app/history_layout.h>
#include <lodestone/io/array_name.h>

#include <algorithm>

namespace lodestone
{

namespace
{

/// A column of the history.
struct HistoryColumn
{
  std::string column, name; ///< in history.csv, in results.h5
  ArrayInfo info;
  bool is_count;
};

const std::vector<HistoryColumn> &history_columns()
{
  static const std::vector<HistoryColumn> columns = {
      {"iteration", "iteration", {"", "number of the iteration, 0 at the start"}, true},
      {"J", "objective", {"1", "objective J = misfit + prior"}, false},
      {"misfit", "misfit", {"1", "the data's part of the objective"}, false},
      {"chi2 per datum", "chi2_per_datum", {"1", "sum of (residual / sigma)^2 over the number of data"}, false},
      {"prior", "prior", {"1", "the prior's part of the objective"}, false},
      {"relative gradient", "relative_gradient", {"1", "norm of the gradient over that at the start"}, false},
      {"step", "step", {"1", "step length; 1 is the full Newton or quasi-Newton step"}, false},
      {"forward solves", "forward_solves", {"", "forward solves so far"}, true},
      {"adjoint solves", "adjoint_solves", {"", "adjoint solves so far"}, true},
      {"incremental solves", "incremental_solves", {"", "incremental solves so far"}, true},
      {"solver iterations", "solver_iterations", {"", "iterations of the linear solver so far"}, true},
      {"operator applications",
       "operator_applications",
       {"1", "products with the stiffness matrix so far; 0 where the solver does not count them"},
       false},
      {"Hessian actions", "hessian_actions", {"", "products with the Hessian so far"}, true},
      {"failed evaluations", "failed_evaluations", {"", "evaluations of the objective that failed so far"}, true},
      {"time [s]", "time", {"s", "wall time since the start of the inversion"}, false},
      {"memory [byte]", "memory", {"byte", "largest resident memory, summed over the ranks"}, false},
      {"prior weight", "prior_weight", {"1", "the factor of the prior"}, false}};
  return columns;
}

/// What is known of a column of the history; of a new one its name alone.
HistoryColumn described(const std::string &column)
{
  const auto &known = history_columns();
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto &c) { return c.column == column; });
  return found != known.end() ? *found : HistoryColumn{column, array_name(column), {"1", column}, false};
}

} // namespace

void write_history(const NumberTable &history, const std::string &group, ResultsFile &file)
{
  for (std::size_t c = 0; c < history.columns.size(); ++c)
  {
    const HistoryColumn column = described(history.names[c]);
    const std::vector<double> &values = history.columns[c];
    const std::string path = group + "/" + column.name;
    if (column.is_count)
      file.add_array(path, column.info, std::vector<std::int64_t>(values.begin(), values.end()));
    else
      file.add_array(path, column.info, values);
  }
}

} // namespace lodestone
