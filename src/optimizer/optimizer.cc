#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/text.h>
#include <lodestone/optimizer/tao_optimizer.h>

#include <algorithm>

namespace lodestone
{

bool Optimizer::Parameters::is_newton() const
{
  return TaoOptimizer::is_newton(method);
}

void Optimizer::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  using namespace dealii::Patterns;
  handler.add_parameter(
      "Method", method,
      "steepest, cg (= bncg), lmvm, blmvm, bqnls, bnls (= newton-cg: Newton with line search), bntr (= "
      "trust-region: Newton with trust region). Other TAO methods: PETSc option -tao_type.");
  handler.add_parameter("Maximum iterations", maximum_iterations, "Stop after this many iterations.", Integer(0));
  handler.add_parameter(
      "Gradient tolerance", gradient_tolerance,
      "Stop when the gradient's norm in the prior's metric, sqrt(g' R^-1 g), has fallen to this fraction "
      "of its value at the start.",
      Double(0, 1));
  handler.add_parameter("Function tolerance", function_tolerance,
                        "Stop when an iteration reduces J by less than this fraction of J (0: never).", Double(0, 1));
  handler.add_parameter("Quasi-Newton memory", quasi_newton_memory,
                        "Number of earlier steps that lmvm, blmvm and bqnls remember.", Integer(1));
  handler.add_parameter("Curvature pairs", curvature_pairs,
                        "Hessian actions of earlier Newton steps that precondition the next one's inner iteration "
                        "(bnls; 0: none). Each takes 8 "
                        "bytes per unknown.",
                        Integer(0));
  handler.add_parameter("Maximum inner iterations", maximum_inner_iterations,
                        "Largest number of Hessian actions per Newton step (bnls, bntr).", Integer(1));
  handler.add_parameter(
      "Inexact solves", inexact_solves,
      "Solve adjoint and incremental problems only as accurately as the step from the present iterate needs; "
      "accuracy tightens as the gradient falls. no: always to Solver/Tolerance.",
      Bool());
}

void Optimizer::Parameters::validate(const std::string &where) const
{
  const std::vector<std::string> names = TaoOptimizer::methods();
  if (std::find(names.begin(), names.end(), method) == names.end())
  {
    if (method == "brgn")
      throw InputError(
          where + "/Method", "brgn is not offered",
          "Take bnls with 'Hessian = Gauss-Newton': it is the same method with the prior as regularisation.");
    std::string list;
    for (const auto &name : names)
      list += (list.empty() ? "" : ", ") + name;
    const std::string nearest = nearest_name(method, names);
    throw InputError(where + "/Method", "unknown method '" + method + "'",
                     "Allowed are " + list + "." + (nearest.empty() ? "" : " Did you mean " + nearest + "?"));
  }
  const std::vector<std::string> &types = TaoOptimizer::types_that_run();
  if (std::string type; petsc_option("-tao_type", type) && std::find(types.begin(), types.end(), type) == types.end())
    throw InputError("PETSc options", "-tao_type " + type + " cannot minimise this function",
                     "Allowed are " + join(types) + ".");
  if (!(gradient_tolerance >= 0 && gradient_tolerance < 1))
    throw InputError(where + "/Gradient tolerance", "found " + significant(gradient_tolerance),
                     "Give a number from 0 to below 1.");
  if (!(function_tolerance >= 0 && function_tolerance < 1))
    throw InputError(where + "/Function tolerance", "found " + significant(function_tolerance),
                     "Give a number from 0 to below 1.");
  if (quasi_newton_memory < 1 || maximum_inner_iterations < 1)
    throw InputError(where, "Quasi-Newton memory or Maximum inner iterations is 0", "Both must be at least 1.");
}

Optimizer::Optimizer(const Parameters &parameters, Callbacks callbacks)
    : parameters_(parameters), callbacks_(std::move(callbacks))
{
  parameters_.validate();
}

OptimizerState Optimizer::for_other_objective(OptimizerState state)
{
  const auto drop = [](auto &members) {
    for (auto member = members.begin(); member != members.end();)
      member = member->first.rfind("exact_", 0) == 0 ? members.erase(member) : std::next(member);
  };
  drop(state.numbers);
  drop(state.vectors);
  return state;
}

std::unique_ptr<Optimizer> make_optimizer(const Optimizer::Parameters &parameters, Optimizer::Callbacks callbacks)
{
  return std::make_unique<TaoOptimizer>(parameters, std::move(callbacks)); // which has all methods so far
}

} // namespace lodestone
