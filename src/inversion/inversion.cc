#include <lodestone/base/error.h>
#include <lodestone/inversion/inversion.h>

#include <deal.II/base/utilities.h>

#include <cstdio>

namespace lodestone
{

namespace
{
// |g|/|g_0| above which the full Hessian is likely to be indefinite, and conjugate gradients to stop short.
constexpr double near_minimiser = 1e-2;
} // namespace

void InversionParameters::add_parameters(dealii::ParameterHandler &handler)
{
  using namespace dealii;
  optimizer.add_parameters(handler);
  handler.add_parameter("Hessian", hessian,
                        "Newton methods: Gauss-Newton, full, or switch: Gauss-Newton for the first iterations and far "
                        "from the minimiser, "
                        "where the full Hessian may be indefinite, full otherwise.",
                        Patterns::Selection("Gauss-Newton|full|switch"));
  handler.add_parameter(
      "Gauss-Newton iterations", gauss_newton_iterations,
      "Iterations, at least, before 'switch' takes the full Hessian, and that only where |g| <= 0.01 |g_0|.",
      Patterns::Integer(0));
  handler.add_parameter("Start model", start_model,
                        "results.h5 or checkpoint/model.h5 of an earlier run to start from, relative to the parameter "
                        "file; on another mesh "
                        "each cell takes the value of the nearest one. Empty: the background.",
                        Patterns::Anything());
  handler.add_parameter("Resume", resume, "Go on from the checkpoint in the output directory, if there is one.",
                        Patterns::Bool());
  handler.add_parameter(
      "Target misfit", target,
      "Stop when chi^2/N, the mean squared residual in units of sigma, has fallen to this (0: no target).",
      Patterns::Double(0));
}

void InversionParameters::validate() const
{
  optimizer.validate("Optimizer");
}

/// The objective as the optimiser sees it: plain vectors.
class Inversion::Function : public ObjectiveFunction
{
public:
  Function(ReducedObjective &objective, const DistributedVector &weights, const ParameterVector &m)
      : objective_(objective), weights_(weights), m_(m), result_(m)
  {
  }

  bool evaluate_at(const DistributedVector &m)
  {
    if (evaluated_ && same(m))
      return true;
    m_.values().copy_locally_owned_data_from(m);
    evaluated_ = succeeds(objective_.evaluate(m_));
    return evaluated_;
  }

  std::string failure() const override { return failure_; }

  bool value_and_gradient(const DistributedVector &m, double &value, DistributedVector &gradient) override
  {
    if (!evaluate_at(m) || !succeeds(objective_.gradient(result_)))
      return false;
    value = objective_.value();
    gradient.copy_locally_owned_data_from(result_.values());
    return true;
  }

  void set_accuracy(const double gradient, const double hessian_action) override
  {
    objective_.set_accuracy({gradient, hessian_action});
  }

  bool linearize_at(const DistributedVector &m) override { return evaluate_at(m); }

  bool apply_hessian(const DistributedVector &m_hat, DistributedVector &out) override
  {
    if (!succeeds(objective_.apply_hessian(as_parameters(m_hat), result_, gauss_newton)))
      return false;
    out.copy_locally_owned_data_from(result_.values());
    return true;
  }

  void apply_metric(const DistributedVector &dual, DistributedVector &out) override
  {
    if (objective_.prior() == nullptr)
    {
      for (unsigned int i = 0; i < out.locally_owned_size(); ++i)
        out.local_element(i) = dual.local_element(i) / weights_.local_element(i);
      return;
    }
    const SolveReport report = objective_.prior()->apply_inverse(as_parameters(dual), result_);
    if (!report.converged)
      throw SolverError("the prior's precision could not be inverted: " + report.reason);
    out.copy_locally_owned_data_from(result_.values());
  }

  void precondition(const DistributedVector &dual, DistributedVector &out) override
  {
    if (objective_.prior() == nullptr)
      return apply_metric(dual, out);
    objective_.prior()->precondition(as_parameters(dual), result_);
    out.copy_locally_owned_data_from(result_.values());
  }

  const DistributedVector &diagonal_weights() const override { return weights_; }

  bool gauss_newton = true;

private:
  bool succeeds(const SolveReport &report)
  {
    failure_ = report.reason;
    return report.converged;
  }

  /// A copy with the layout of unknowns; makes room for a result as well.
  const ParameterVector &as_parameters(const DistributedVector &values)
  {
    input_ = ParameterVector(m_.shared_layout());
    input_.values().copy_locally_owned_data_from(values);
    result_ = ParameterVector(m_.shared_layout());
    return input_;
  }

  bool same(const DistributedVector &m) const
  {
    bool equal = true;
    for (unsigned int i = 0; equal && i < m.locally_owned_size(); ++i)
      equal = m.local_element(i) == m_.values().local_element(i);
    return dealii::Utilities::MPI::min(int(equal), m.get_mpi_communicator()) != 0;
  }

  ReducedObjective &objective_;
  const DistributedVector &weights_;
  ParameterVector m_, input_, result_;
  bool evaluated_ = false;
  std::string failure_;
};

Inversion::Inversion(ReducedObjective &objective, const DistributedVector &weights,
                     const InversionParameters &parameters, Log &log)
    : objective_(objective), weights_(weights), parameters_(parameters), log_(log),
      curvature_(weights.locally_owned_size(), parameters.optimizer.curvature_pairs, weights.get_mpi_communicator())
{
}

void Inversion::continue_from(Progress progress)
{
  first_iteration_ = progress.iteration;
  reference_gradient_ = progress.reference_gradient;
  trust_radius_ = progress.trust_radius;
  for (CurvaturePairs::Pair &pair : progress.curvature)
    curvature_.put_in_use(std::move(pair));
}

Iterate Inversion::describe(const OptimizerIterate &info) const
{
  Iterate iterate;
  iterate.optimizer = info;
  iterate.optimizer.iteration += first_iteration_;
  iterate.misfit = objective_.misfit_value();
  iterate.prior = objective_.prior_value();
  double chi_squared = 0, n_data = 0;
  for (unsigned int s = 0; s < objective_.load_cases().size(); ++s)
  {
    chi_squared += objective_.evaluation(s).chi_squared;
    n_data += objective_.load_cases()[s].misfit->n_data();
  }
  iterate.chi_squared_per_datum = n_data > 0 ? chi_squared / n_data : 0;
  const CostLedger &ledger = objective_.ledger();
  iterate.forward_solves = ledger.forward.solves;
  iterate.adjoint_solves = ledger.adjoint.solves;
  iterate.incremental_solves = ledger.incremental_forward.solves + ledger.incremental_adjoint.solves;
  const CostLedger::Item total = ledger.total();
  iterate.solver_iterations = total.iterations;
  iterate.operator_applications = total.operator_applications;
  iterate.seconds = timer_.wall_time();
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
          "memory [byte]"};
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
          i.memory};
}

void Inversion::log_iterate(const Iterate &i) const
{
  char text[240];
  if (i.optimizer.iteration == first_iteration_)
    log_.line(" iter            J       misfit   chi2/N        prior   |g|/|g0|     step    fwd    adj    inc   CG its "
              " mat-vecs   time s  mem MB");
  char applications[24] = "-"; // not counted by the solver
  if (i.operator_applications > 0)
    std::snprintf(applications, sizeof(applications), "%.0f", i.operator_applications);
  std::snprintf(text, sizeof(text), "%5u %12.5e %12.5e %8.4f %12.5e %10.3e %8.2e %6u %6u %6u %8u %9s %8.1f %7.0f",
                i.optimizer.iteration, i.optimizer.value, i.misfit, i.chi_squared_per_datum, i.prior,
                i.optimizer.relative_gradient, i.optimizer.step, i.forward_solves, i.adjoint_solves,
                i.incremental_solves, i.solver_iterations, applications, i.seconds, i.memory / 1e6);
  log_.line(text);
}

TaoOptimizer::Result Inversion::run(ParameterVector &m,
                                    const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                                    const double solver_tolerance)
{
  timer_.restart();
  Function function(objective_, weights_, m);
  double relative_gradient = 1;
  TaoOptimizer::Callbacks callbacks;
  callbacks.monitor = [&](const OptimizerIterate &info, const DistributedVector &values) {
    function.evaluate_at(values); // free, unless the method tried a point after the one it took
    const Iterate iterate = describe(info);
    relative_gradient = info.relative_gradient;
    log_iterate(iterate);
    if (on_iterate_)
      on_iterate_(iterate, objective_.parameters());
  };
  callbacks.begin_iteration = [&](const unsigned int begun) {
    const unsigned int k = first_iteration_ + begun;
    const bool far = k < parameters_.gauss_newton_iterations || relative_gradient > near_minimiser;
    function.gauss_newton = parameters_.hessian == "Gauss-Newton" || (parameters_.hessian == "switch" && far);
  };
  callbacks.stop_requested = stop_requested_;
  if (parameters_.target > 0)
    callbacks.target_reached = [&](const OptimizerIterate &info) {
      return describe(info).chi_squared_per_datum <= parameters_.target;
    };
  callbacks.log = [&](const std::string &text) { log_.line(text); };

  TaoOptimizer::Parameters remaining = parameters_.optimizer;
  remaining.maximum_iterations -=
      std::min(remaining.maximum_iterations, first_iteration_); // a resumed run ends where a whole one would
  TaoOptimizer optimizer(remaining, callbacks);
  optimizer.set_value_accuracy(solver_tolerance);
  optimizer.set_reference_gradient(reference_gradient_);
  optimizer.set_trust_radius(trust_radius_);
  optimizer.set_curvature(&curvature_);
  std::optional<Bounds> box;
  if (bounds)
    box = Bounds{bounds->first.values(), bounds->second.values()};
  TaoOptimizer::Result result = optimizer.minimize(function, m.values(), box ? &*box : nullptr);
  result.last.iteration += first_iteration_;
  function.evaluate_at(m.values());
  return result;
}

} // namespace lodestone
