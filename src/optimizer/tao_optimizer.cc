#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>
#include <lodestone/optimizer/tao_optimizer.h>
#include <lodestone/optimizer/tao_run.h>

#include <map>

namespace lodestone
{
namespace
{

// Name in the parameter file -> TAO type.
const std::map<std::string, std::string> &tao_types()
{
  static const std::map<std::string, std::string> types = {
      {"steepest", TAOBNCG}, {"cg", TAOBNCG},   {"bncg", TAOBNCG}, {"lmvm", TAOLMVM},      {"blmvm", TAOBLMVM},
      {"bqnls", TAOBQNLS},   {"bnls", TAOBNLS}, {"bntr", TAOBNTR}, {"newton-cg", TAOBNLS}, {"trust-region", TAOBNTR}};
  return types;
}

bool can_use_full_metric(const std::string &type)
{
  return type == TAOLMVM || type == TAOBLMVM || type == TAOBQNLS || type == TAOBNLS || type == TAOBNTR ||
         type == TAOBNTL;
}

std::vector<std::pair<std::string, std::string>> option_defaults(const TaoRun::Settings &settings,
                                                                 const TaoOptimizer::Parameters &parameters)
{
  const std::string history = std::to_string(parameters.history);
  std::vector<std::pair<std::string, std::string>> options = {
      {"-tao_ls_type", "armijo"}, // the only line search of PETSc 3.18 that survives failed evaluations
      {"-tao_ls_max_funcs", "30"},
      {"-tao_lmvm_mat_lmvm_hist_size", history},
      {"-tao_blmvm_mat_lmvm_hist_size", history},
      {"-tao_bqnls_mat_lmvm_hist_size", history},
      // First radius from the first Newton step: interpolation would cost up to five evaluations.
      {"-tao_bnk_init_type", settings.trust_radius > 0 ? "constant" : "direction"},
      // No multiple of the identity is added to the Hessian: the truncated conjugate gradients handle indefinite ones.
      {"-tao_bnk_imin", "0"},
      {"-tao_bnk_imfac", "0"},
      {"-tao_bnk_epsilon", "1e-15"}};
  if (settings.type == TAOBLMVM && !settings.full_metric)
    // blmvm compares the decrease with that of the unprojected direction, most of which active bounds may block.
    options.emplace_back("-tao_ls_armijo_sigma", "1e-10");
  if (settings.steepest)
  {
    options.emplace_back("-tao_bncg_type", "gd");
    // Trial lengths s'y / y'y of Barzilai and Borwein (1988, doi:10.1093/imanum/8.1.141); TAO's default is the
    // length 1.
    options.emplace_back("-tao_bncg_alpha", "1");
    options.emplace_back("-tao_bncg_unscaled_restart", "false");
  }
  return options;
}

} // namespace

bool TaoOptimizer::Parameters::is_newton() const
{
  const auto type = tao_types().find(method);
  return type != tao_types().end() && (type->second == TAOBNLS || type->second == TAOBNTR);
}

void TaoOptimizer::Parameters::add_parameters(dealii::ParameterHandler &handler)
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
  handler.add_parameter("History", history, "Steps that lmvm, blmvm and bqnls remember.", Integer(1));
  handler.add_parameter("Curvature pairs", curvature_pairs,
                        "Hessian actions of earlier Newton steps that precondition the next one's inner iteration "
                        "(bnls; 0: none). Each takes 8 "
                        "byte an unknown.",
                        Integer(0));
  handler.add_parameter("Maximum inner iterations", maximum_inner_iterations,
                        "Hessian actions a Newton step may cost (bnls, bntr).", Integer(1));
  handler.add_parameter(
      "Inexact solves", inexact_solves,
      "Solve adjoint and incremental problems only as accurately as the step from the present iterate needs; "
      "accuracy tightens as the gradient falls. no: always to Solver/Tolerance.",
      Bool());
}

void TaoOptimizer::Parameters::validate(const std::string &where) const
{
  if (tao_types().count(method) == 0)
  {
    if (method == "brgn")
      throw InputError(where + "/Method", "brgn is not offered",
                       "bnls with a Gauss-Newton Hessian is the same method with the prior as regularisation");
    std::vector<std::string> names;
    std::string list;
    for (const auto &entry : tao_types())
    {
      names.push_back(entry.first);
      list += (list.empty() ? "" : ", ") + entry.first;
    }
    const std::string nearest = nearest_name(method, names);
    throw InputError(where + "/Method", "unknown method '" + method + "'",
                     "allowed: " + list + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  if (!(gradient_tolerance >= 0 && gradient_tolerance < 1))
    throw InputError(where + "/Gradient tolerance", std::to_string(gradient_tolerance), "a number from 0 to below 1");
  if (!(function_tolerance >= 0 && function_tolerance < 1))
    throw InputError(where + "/Function tolerance", std::to_string(function_tolerance), "a number from 0 to below 1");
  if (history < 1 || maximum_inner_iterations < 1)
    throw InputError(where, "History and Maximum inner iterations", "must be at least 1");
}

TaoOptimizer::TaoOptimizer(const Parameters &parameters, Callbacks callbacks)
    : parameters_(parameters), callbacks_(std::move(callbacks))
{
  parameters_.validate();
}

TaoOptimizer::Result TaoOptimizer::minimize(ObjectiveFunction &objective, DistributedVector &m,
                                            const Bounds *bounds) const
{
  const auto log = [this](const std::string &text) {
    if (callbacks_.log)
      callbacks_.log(text);
  };
  if (bounds && !bounds->active())
    bounds = nullptr;

  TaoRun::Settings settings{tao_types().at(parameters_.method),
                            false,
                            parameters_.method == "steepest",
                            reference_gradient_,
                            value_accuracy_,
                            trust_radius_};
  std::string type;
  if (petsc_option("-tao_type", type) && type != settings.type)
  {
    log("Optimizer: the PETSc option -tao_type " + type + " replaces method " + parameters_.method);
    settings.type = type;
    settings.steepest = false;
  }
  if (bounds && settings.type == TAOLMVM)
  {
    log("Optimizer: lmvm knows no bounds; blmvm is used");
    settings.type = TAOBLMVM;
  }
  settings.full_metric = !bounds && can_use_full_metric(settings.type);
  if (bounds && can_use_full_metric(settings.type))
    log("Optimizer: with active bounds the metric is diagonal (weights of the unknowns), not the prior's");

  ScaledObjective scaled(objective, m, bounds, settings.full_metric, value_accuracy_);
  const PetscErrorCapture capture;
  const PetscOptionDefaults defaults(option_defaults(settings, parameters_));
  CurvaturePairs own(m.locally_owned_size(), parameters_.curvature_pairs, m.get_mpi_communicator());
  TaoRun run(scaled, parameters_, callbacks_, settings, curvature_ ? *curvature_ : own, m);
  return run.run();
}

} // namespace lodestone
