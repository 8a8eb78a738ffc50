#include <lodestone/base/error.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/inversion/inversion.h>
#include <lodestone/optimizer/scaled_objective.h>

#include <deal.II/base/utilities.h>

#include <cstdio>
#include <limits>

namespace lodestone
{

namespace
{
// Above this |g|/|g_0| the full Hessian is probably indefinite, and conjugate gradients would stop early.
constexpr double near_minimiser = 1e-2;
// The same for priors whose R changes. |g| is then the norm in another metric at each iterate. With total variation, R3 of
// 32 x 32 x 16 cells takes 14 steps with this number and 20 with the one above: Gauss-Newton steps had to be shortened.
constexpr double near_minimiser_with_changing_metric = 0.1;

const Choice<ResumeChoice> resume_choices = {{ResumeChoice::no, "no"},
                                             {ResumeChoice::yes, "yes"},
                                             {ResumeChoice::automatic, "auto"},
                                             {ResumeChoice::changed, "continue-changed"}};
const Choice<HessianChoice> hessian_choices = {
    {HessianChoice::gauss_newton, "Gauss-Newton"}, {HessianChoice::full, "full"}, {HessianChoice::switching, "switch"}};
} // namespace

void InversionParameters::add_parameters(dealii::ParameterHandler &handler)
{
  using namespace dealii;
  optimizer.add_parameters(handler);
  add_choice(handler, "Hessian", hessian, hessian_choices,
             "Newton methods: Gauss-Newton, full, or switch: Gauss-Newton for the first iterations and far from the "
             "minimiser, where the full Hessian may be indefinite, full otherwise.");
  handler.add_parameter(
      "Gauss-Newton iterations", gauss_newton_iterations,
      "Least number of iterations before 'switch' uses the full Hessian. It also needs |g| <= 0.01 |g_0|.",
      Patterns::Integer(0));
  handler.add_parameter("Start model", start_model,
                        "results.h5 or checkpoint/model.h5 of an earlier run to start from, relative to the parameter "
                        "file; on another mesh "
                        "each cell takes the value of the nearest one. Empty: the background.",
                        Patterns::Anything());
  add_choice(
      handler, "Resume", resume, resume_choices,
      "yes: go on from the checkpoint in the output directory. auto: the same where there is one. The problem must be "
      "the one of the checkpoint; iterations, tolerances, method, solver and output may have changed. "
      "continue-changed: start another problem from the checkpoint's model. no: start anew.");
  handler.add_parameter(
      "Checkpoint interval", checkpoint_interval,
      "Least time between two checkpoints, s. They are written after accepted iterates and at the end, and as "
      "seldom as it takes for them to cost less than a hundredth of the time.",
      Patterns::Double(0));
  handler.add_parameter(
      "Continuation levels", continuation_levels,
      "Number of coarser meshes on which the minimisation runs first, each with cells and parameter "
      "cells twice as large as those of the next one; each starts from the result on the coarser one. "
      "The weight of the prior, where the data choose it, is chosen on the coarsest. 0: the "
      "minimisation runs on the mesh of the deck alone.",
      Patterns::Integer(0, 20));
  handler.add_parameter(
      "Target misfit", target,
      "Stop when chi^2/N, the mean squared residual in units of sigma, has fallen to this (0: no target). This is "
      "early stopping: the result depends on the start. To fit the data to their noise by the prior, change its "
      "weight.",
      Patterns::Double(0));
}

void InversionParameters::validate() const
{
  optimizer.validate("Optimizer");
}

unsigned int InversionParameters::expected_solves(const bool has_unknowns, const unsigned int n_load_cases,
                                                  const unsigned int n_estimated_loads) const
{
  const unsigned int per_load_case = !has_unknowns ? 1 : optimizer.is_newton() ? 22 : 2;
  return n_load_cases * per_load_case + n_estimated_loads;
}

Inversion::Inversion(ReducedObjective &objective, const DistributedVector &weights,
                     const InversionParameters &parameters, Log &log)
    : objective_(objective), weights_(weights), parameters_(parameters), log_(log)
{
}

Iterate Inversion::iterate_at(const OptimizerIterate &info) const
{
  Iterate iterate;
  iterate.optimizer = info;
  iterate.optimizer.n_hessian_actions += earlier_actions_;
  iterate.optimizer.n_failed_evaluations += earlier_failures_;
  iterate.misfit = objective_.misfit_value();
  iterate.prior = objective_.prior_value();
  iterate.prior_weight = objective_.prior() != nullptr ? objective_.prior()->factor() : 0;
  double chi_squared = 0, typical = 0, n_data = 0;
  for (unsigned int s = 0; s < objective_.load_cases().size(); ++s)
  {
    chi_squared += objective_.evaluation(s).chi_squared;
    typical += objective_.evaluation(s).typical_chi_squared;
    n_data += objective_.load_cases()[s].misfit->n_data();
  }
  iterate.chi_squared_per_datum = n_data > 0 ? chi_squared / n_data : 0;
  iterate.typical_chi_squared_per_datum = n_data > 0 ? typical / n_data : 0;
  const CostLedger &ledger = objective_.ledger();
  iterate.forward_solves = ledger.forward.solves;
  iterate.adjoint_solves = ledger.adjoint.solves;
  iterate.incremental_solves = ledger.incremental_forward.solves + ledger.incremental_adjoint.solves;
  const CostLedger::Item total = ledger.total();
  iterate.solver_iterations = total.iterations;
  iterate.operator_applications = total.operator_applications;
  iterate.seconds = earlier_seconds_ + timer_.wall_time();
  dealii::Utilities::System::MemoryStats memory;
  dealii::Utilities::System::get_memory_stats(memory);
  iterate.memory = 1024. * dealii::Utilities::MPI::sum(double(memory.VmHWM),
                                                       objective_.parameters().values().get_mpi_communicator());
  return iterate;
}

std::vector<std::string> Inversion::history_columns()
{
  return {"iteration",
          "J",
          "misfit",
          "chi2 per datum",
          "prior",
          "relative gradient",
          "step",
          "forward solves",
          "adjoint solves",
          "incremental solves",
          "solver iterations",
          "operator applications",
          "Hessian actions",
          "failed evaluations",
          "time [s]",
          "memory [byte]",
          "prior weight"};
}

std::vector<double> Inversion::history_row(const Iterate &i)
{
  return {double(i.optimizer.iteration),
          i.optimizer.value,
          i.misfit,
          i.chi_squared_per_datum,
          i.prior,
          i.optimizer.relative_gradient,
          i.optimizer.step,
          double(i.forward_solves),
          double(i.adjoint_solves),
          double(i.incremental_solves),
          double(i.solver_iterations),
          i.operator_applications,
          double(i.optimizer.n_hessian_actions),
          double(i.optimizer.n_failed_evaluations),
          i.seconds,
          i.memory,
          i.prior_weight};
}

void Inversion::begin_table() const
{
  log_.line("\nThe table has one line per iterate. J = misfit + prior; misfit = chi^2/2 with the weights of the data "
            "sets; chi^2/N is the mean\n"
            "squared residual in units of sigma, about 1 where the data are fitted to their noise; |g|/|g0| is the "
            "norm of the gradient over\n"
            "that at the start; step 1 is the full step. All other numbers are sums since the start: forward, adjoint "
            "and incremental solves,\n"
            "their CG iterations and operator applications (mat-vecs), wall time; memory is the largest so far, of all "
            "ranks.");
  log_.line(" iter            J       misfit  chi^2/N        prior   |g|/|g0|     step    fwd    adj    inc   CG its "
            " mat-vecs   time s  mem MB");
}

void Inversion::log_iterate(const Iterate &i) const
{
  char text[240];
  char applications[24] = "-"; // not counted by the solver
  if (i.operator_applications > 0)
    std::snprintf(applications, sizeof(applications), "%.0f", i.operator_applications);
  std::snprintf(text, sizeof(text), "%5u %12.5e %12.5e %8.4f %12.5e %10.3e %8.2e %6u %6u %6u %8u %9s %8.1f %7.0f",
                i.optimizer.iteration, i.optimizer.value, i.misfit, i.chi_squared_per_datum, i.prior,
                i.optimizer.relative_gradient, i.optimizer.step, i.forward_solves, i.adjoint_solves,
                i.incremental_solves, i.solver_iterations, applications, i.seconds, i.memory / 1e6);
  log_.line(text);
}

Optimizer::Callbacks Inversion::callbacks(ReducedFunction &function)
{
  Optimizer::Callbacks callbacks;
  callbacks.monitor = [&](const OptimizerIterate &info, const DistributedVector &values) {
    (void)function.linearize_at(
        values); // solves nothing, unless the method evaluated another point after the accepted one
    Iterate iterate = iterate_at(info);
    iterate.misfit_change = info.step > 0 ? iterate.misfit - last_.misfit : std::numeric_limits<double>::infinity();
    last_ = iterate;
    relative_gradient_ = info.relative_gradient;
    if (!table_begun_)
    {
      if (on_start_)
      {
        // What is looked at here must not change the run: its solves would be first guesses of later ones.
        const RankState state = objective_.rank_state();
        on_start_();
        (void)objective_.go_on_from(ParameterVector(objective_.parameters()), state);
      }
      begin_table();
      table_begun_ = true;
    }
    log_iterate(iterate);
    objective_.keep(); // a run that is left within the next trial step ends here
    if (on_iterate_)
      on_iterate_(iterate, objective_.parameters());
  };
  callbacks.begin_iteration = [&](const unsigned int k) {
    const double near = function.metric_changes() ? near_minimiser_with_changing_metric : near_minimiser;
    const bool far = k < parameters_.gauss_newton_iterations || relative_gradient_ > near;
    function.set_gauss_newton(parameters_.hessian == HessianChoice::gauss_newton ||
                              (parameters_.hessian == HessianChoice::switching && far));
  };
  callbacks.stop_requested = stop_requested_;
  callbacks.target_reached = [&](const OptimizerIterate &) {
    return (parameters_.target > 0 && last_.chi_squared_per_datum <= parameters_.target) ||
           (good_enough_ && good_enough_(last_));
  };
  callbacks.log = [&](const std::string &text) { log_.line(text); };
  return callbacks;
}

Optimizer::Result Inversion::run(ParameterVector &m,
                                 const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                                 const double solver_tolerance)
{
  relative_gradient_ = 1;
  ReducedFunction function(objective_, weights_, m.shared_layout());
  Optimizer::Parameters of_run = parameters_.optimizer;
  if (good_enough_)
  {
    of_run.gradient_tolerance = 0;
    of_run.least_inner_tolerance = newton_tolerance_;
  }
  optimizer_ = make_optimizer(of_run, callbacks(function));
  optimizer_->set_value_accuracy(solver_tolerance);
  optimizer_->resume(std::move(start_));
  std::optional<Bounds> box;
  if (bounds)
    box = Bounds{bounds->first.values(), bounds->second.values()};
  Optimizer::Result result = optimizer_->minimize(function, m.values(), box ? &*box : nullptr);
  (void)function.linearize_at(m.values());
  result.last.n_hessian_actions = earlier_actions_ += result.last.n_hessian_actions;
  result.last.n_failed_evaluations = earlier_failures_ += result.last.n_failed_evaluations;
  return result;
}

} // namespace lodestone
