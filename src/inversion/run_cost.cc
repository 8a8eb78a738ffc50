#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/inversion/run_cost.h>

#include <algorithm>

namespace lodestone
{

namespace
{

constexpr double bytes_per_pair = 8, bytes_per_step = 16; // per unknown: two floats, two doubles
constexpr unsigned int longest_record = 50; // evaluations that cg and steepest record at most, as in tao_run.cc

WorkCounts at_most(const WorkCounts &counts, const WorkSettings &settings)
{
  const Optimizer::Parameters &optimizer = settings.inversion.optimizer;
  const double per_step = std::min(double(optimizer.maximum_inner_iterations), settings.n_unknowns);
  WorkCounts result;
  result.gradients = std::min(counts.gradients, 1. + optimizer.maximum_iterations);
  const double share = counts.gradients > 0 ? result.gradients / counts.gradients : 0;
  result.hessian_actions = std::min(share * counts.hessian_actions, per_step * (result.gradients - 1));
  return result;
}

bool keeps_pairs(const Optimizer::Parameters &parameters)
{
  return parameters.method == "bnls" || parameters.method == "newton-cg";
}

/// Pairs that Newton steps keep: no more than there are Hessian actions.
double n_pairs(const Optimizer::Parameters &parameters)
{
  return std::min(double(parameters.curvature_pairs),
                  double(parameters.maximum_iterations) * parameters.maximum_inner_iterations);
}

bool is_quasi_newton(const Optimizer::Parameters &parameters)
{
  return parameters.method == "lmvm" || parameters.method == "blmvm" || parameters.method == "bqnls";
}

} // namespace

ExpectedWork::ExpectedWork(const WorkSettings &settings)
{
  const Optimizer::Parameters &optimizer = settings.inversion.optimizer;
  constexpr double most_repeated = 6, search_of_others = 2, all = 1e9;
  if (settings.n_unknowns == 0)
  {
    least = most = limit = {1, 0};
    return;
  }
  const bool searches = settings.weight != WeightChoice::given;
  if (!optimizer.is_newton())
  {
    const double more = searches ? search_of_others : 1;
    least = {80 * more, 0};
    most = {260 * more, 0};
  }
  else if (!settings.is_quadratic)
  {
    least = searches ? WorkCounts{25, 150} : WorkCounts{30, 400};
    most = {90, 1230};
  }
  else
  {
    least = searches ? WorkCounts{10, 30} : WorkCounts{8, 30};
    most = searches ? WorkCounts{22, 340} : WorkCounts{15, 170};
  }
  if (settings.repeats)
    most = {most_repeated * most.gradients, most_repeated * most.hessian_actions};
  limit = at_most({all, all * most.hessian_actions / most.gradients}, settings);
  least = at_most(least, settings);
  most = at_most(most, settings);
}

double memory_of_method(const Optimizer::Parameters &parameters, const double n_unknowns)
{
  constexpr double work_vectors = 25;
  double per_unknown = sizeof(double) * work_vectors;
  if (is_quasi_newton(parameters))
    per_unknown += 2 * bytes_per_step * parameters.steps_remembered(); // our points, and PETSc's steps
  else if (!parameters.is_newton())
    per_unknown += sizeof(double) * std::min(longest_record, parameters.maximum_iterations);
  else if (keeps_pairs(parameters))
    per_unknown += bytes_per_pair *
                   (n_pairs(parameters) + std::min(n_pairs(parameters), double(parameters.maximum_inner_iterations)));
  return per_unknown * n_unknowns;
}

void require_memory_of_method(const Optimizer::Parameters &parameters, const double n_unknowns, const MPI_Comm comm)
{
  const bool has_pairs = keeps_pairs(parameters);
  if (!has_pairs && !is_quasi_newton(parameters))
    return; // no entry says how much the others keep
  const double needed = memory_of_method(parameters, n_unknowns), memory = memory_of_all_ranks(comm);
  if (needed <= memory)
    return;
  throw InputError(has_pairs ? "Optimizer/Curvature pairs" : "Optimizer/Quasi-Newton memory",
                   "found " + std::to_string(has_pairs ? parameters.curvature_pairs : parameters.quasi_newton_memory) +
                       ": with " + roughly(n_unknowns) + " unknowns the method takes up to " + gigabytes(needed) +
                       "; " + counted(dealii::Utilities::MPI::n_mpi_processes(comm), "rank") + " may take " +
                       gigabytes(memory),
                   "Give less; 40 is usual.");
}

double checkpoint_of_method(const Optimizer::Parameters &parameters, const double n_unknowns)
{
  constexpr double other_vectors = 4;
  double per_unknown = sizeof(double) * other_vectors;
  if (is_quasi_newton(parameters))
    per_unknown += bytes_per_step * parameters.steps_remembered();
  else if (!parameters.is_newton())
    per_unknown += sizeof(double) * std::min(longest_record, parameters.maximum_iterations);
  else if (keeps_pairs(parameters))
    per_unknown += bytes_per_pair * n_pairs(parameters);
  return per_unknown * n_unknowns;
}

} // namespace lodestone
