#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/petsc.h>
#include <lodestone/optimizer/tao_optimizer.h>
#include <lodestone/optimizer/tao_run.h>

#include <map>
#include <utility>

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

/// The number of a state that says whose memory it holds.
std::string name_of_memory(const TaoRunSettings &settings)
{
  return "exact_memory_of_" + (settings.steepest ? "steepest" : settings.type) +
         (settings.full_metric ? "_with_metric" : "");
}

std::vector<std::pair<std::string, std::string>>
option_defaults(const TaoRunSettings &settings, const TaoOptimizer::Parameters &parameters, const bool has_trust_radius)
{
  const std::string history = std::to_string(parameters.steps_remembered()); // PETSc takes all of it at once
  std::vector<std::pair<std::string, std::string>> options = {
      {"-tao_ls_type", "armijo"}, // the only line search of PETSc 3.18 that survives failed evaluations
      {"-tao_ls_max_funcs", "30"},
      {"-tao_lmvm_mat_lmvm_hist_size", history},
      {"-tao_blmvm_mat_lmvm_hist_size", history},
      {"-tao_bqnls_mat_lmvm_hist_size", history},
      // First radius from the first Newton step: interpolation would cost up to five evaluations.
      {"-tao_bnk_init_type", has_trust_radius ? "constant" : "direction"},
      // No multiple of the identity is added to the Hessian: the truncated conjugate gradients handle indefinite ones.
      {"-tao_bnk_imin", "0"},
      {"-tao_bnk_imfac", "0"},
      // Unknowns within this distance of a bound are moved onto it and held there. The default, 1e-3, is large for our
      // scaled unknowns; where the prior ties neighbours together such steps lead uphill.
      {"-tao_bnk_as_tol", "1e-8"},
      {"-tao_bncg_as_tol", "1e-8"},
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

TaoOptimizer::TaoOptimizer(const Parameters &parameters, Callbacks callbacks)
    : Optimizer(parameters, std::move(callbacks))
{
}

std::vector<std::string> TaoOptimizer::methods()
{
  std::vector<std::string> names;
  for (const auto &type : tao_types())
    names.push_back(type.first);
  return names;
}

const std::vector<std::string> &TaoOptimizer::types_that_run()
{
  static const std::vector<std::string> types = {TAOLMVM,  TAOBLMVM,  TAOCG,     TAOBNCG,   TAONLS,
                                                 TAONTR,   TAONTL,    TAOBNLS,   TAOBNTR,   TAOBNTL,
                                                 TAOBQNLS, TAOBQNKLS, TAOBQNKTR, TAOBQNKTL, TAOTRON};
  return types;
}

bool TaoOptimizer::is_newton(const std::string &method)
{
  const auto type = tao_types().find(method);
  return type != tao_types().end() && (type->second == TAOBNLS || type->second == TAOBNTR);
}

OptimizerState TaoOptimizer::state() const
{
  OptimizerState state = state_;
  if (state.vectors.count("exact_x") > 0)
    state.numbers[memory_] = 1;
  if (curvature_)
    curvature_->add_to(state);
  return state;
}

TaoOptimizer::Result TaoOptimizer::minimize(ObjectiveFunction &objective, DistributedVector &m, const Bounds *bounds)
{
  const WorkingPart part("the optimiser");
  const auto log = [this](const std::string &text) {
    if (callbacks_.log)
      callbacks_.log(text);
  };
  if (bounds && !bounds->active())
    bounds = nullptr;

  TaoRunSettings settings;
  settings.type = tao_types().at(parameters_.method);
  settings.steepest = parameters_.method == "steepest";
  settings.value_accuracy = value_accuracy_;
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
    log("Optimizer: with active bounds the metric is diagonal (weights of the unknowns), not the prior's; Newton "
        "systems are preconditioned by the prior nonetheless");

  settings.records =
      !settings.full_metric && (settings.type == TAOBNCG || settings.type == TAOBLMVM || settings.type == TAOBQNLS);

  OptimizerState start = std::exchange(start_, {});
  memory_ = name_of_memory(settings);
  if (start.number(memory_, 0) == 0)
  {
    if (start.number("exact_scale", 0) > 0)
      log("Optimizer: the run goes on with another method, which begins its memory anew");
    start = for_other_objective(std::move(start));
  }
  const PetscErrorCapture capture;
  const PetscOptionDefaults defaults(option_defaults(settings, parameters_, start.number("trust_radius", 0) > 0));
  const DistributedVector first = m;
  try
  {
    return minimize_from(start, settings, objective, m, bounds);
  }
  catch (const ScaledObjective::OtherState &difference)
  {
    log(std::string("Optimizer: ") + difference.what() + "; the method begins its memory anew");
    m = first;
    return minimize_from(for_other_objective(std::move(start)), settings, objective, m, bounds);
  }
}

TaoOptimizer::Result TaoOptimizer::minimize_from(const OptimizerState &start, const TaoRunSettings &settings,
                                                 ObjectiveFunction &objective, DistributedVector &m,
                                                 const Bounds *bounds)
{
  state_ = {start.numbers, {}};
  ScaledObjective scaled(objective, m, bounds, settings.full_metric, value_accuracy_, start);
  curvature_.emplace(m.locally_owned_size(), parameters_.curvature_pairs, m.get_mpi_communicator());
  curvature_->take_from(start);
  TaoRun run(scaled, parameters_, callbacks_, settings, state_, *curvature_, m, start);
  return run.run();
}

} // namespace lodestone
