#pragma once

#include <lodestone/base/log.h>
#include <lodestone/inversion/reduced_function.h>
#include <lodestone/objective/reduced_objective.h>
#include <lodestone/optimizer/optimizer.h>

#include <deal.II/base/timer.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace lodestone
{

/// Which Hessian a Newton method gets.
enum class HessianChoice
{
  gauss_newton,
  full,
  switching ///< Gauss-Newton first and far from the minimiser, full near it
};

/// Whether a run goes on from the checkpoint in its output directory.
enum class ResumeChoice
{
  no,
  yes,       ///< it is an error where there is none
  automatic, ///< where there is one
  changed    ///< its model is the start of another problem
};

/// Entries of subsection `Optimizer`.
struct InversionParameters
{
  Optimizer::Parameters optimizer;
  HessianChoice hessian = HessianChoice::switching;
  unsigned int gauss_newton_iterations = 5;
  std::string start_model; ///< results.h5 or checkpoint to start from; empty: the background
  ResumeChoice resume = ResumeChoice::no;
  double checkpoint_interval = 0;       ///< least time between two checkpoints (s)
  double target = 0;                    ///< misfit per datum (chi^2/N) at which to stop; 0: none
  unsigned int continuation_levels = 0; ///< coarser meshes on which the minimisation runs first

  void add_parameters(dealii::ParameterHandler &handler);
  void validate() const;

  /// Linear solves that an inversion makes between two models, roughly: one for each load of unknown strength, two per
  /// load case for a gradient, two more for each Hessian action of a Newton step, of which there are ten as a rule.
  /// @param has_unknowns without any, each load case is solved once
  unsigned int expected_solves(bool has_unknowns, unsigned int n_load_cases, unsigned int n_estimated_loads) const;
};

/// What is known of an accepted iterate.
struct Iterate
{
  OptimizerIterate optimizer;
  double misfit = 0, prior = 0;
  double chi_squared_per_datum = 0; ///< |r / sigma|^2 / N without set weights
  /// The same, in which the typical residual counts for sets that expect outliers (Misfit::Evaluation).
  double typical_chi_squared_per_datum = 0;
  double prior_weight = 1;
  double misfit_change = 0; ///< from the iterate before; infinite at the start of a run
  unsigned int forward_solves = 0, adjoint_solves = 0, incremental_solves = 0, solver_iterations = 0;
  double operator_applications = 0; ///< on the finest level; 0: the solver does not count them
  double seconds = 0, memory = 0;   ///< wall time; largest resident memory summed over ranks (bytes)
};

/// The outer loop: hands the reduced objective to the optimiser, tells the user about every iterate, stops when asked.
///
/// J, misfit and prior are dimensionless. All functions are collective.
class Inversion
{
public:
  using OnIterate = std::function<void(const Iterate &, const ParameterVector &)>;

  /// @param weights one positive number per unknown, of order one: the volume of its parameter cell over the mean one
  Inversion(ReducedObjective &objective, const DistributedVector &weights, const InversionParameters &parameters,
            Log &log);

  /// Is called once, when the start of the first run has been evaluated and before the table of iterates begins in the log.
  void on_start(std::function<void()> callback) { on_start_ = std::move(callback); }
  /// Is called with each accepted iterate, the start included, after its line in the log.
  void on_iterate(OnIterate callback) { on_iterate_ = std::move(callback); }
  /// Is asked before every evaluation; true ends the run with the last accepted iterate.
  void stop_when(std::function<bool()> stop_requested) { stop_requested_ = std::move(stop_requested); }

  using Test = std::function<bool(const Iterate &)>;
  /// Lets runs end as converged at the first accepted iterate for which `test` is true, instead of by the gradient
  /// tolerance; null: by this tolerance.
  /// @param newton_tolerance the least tolerance of Newton systems where there is a test
  void good_enough_when(Test test, const double newton_tolerance = 0)
  {
    good_enough_ = std::move(test);
    newton_tolerance_ = newton_tolerance;
  }
  /// The last accepted iterate.
  const Iterate &last() const { return last_; }
  /// Time that earlier runs took (s): iterates count on from there.
  void begin_clock_at(const double seconds) { earlier_seconds_ = seconds; }

  /// Lets `run` go on from where another run stood, whose m is then its start.
  void resume(OptimizerState state) { start_ = std::move(state); }
  /// The state at the last accepted iterate: with m, enough for another run to go on from there. Not before `run` has
  /// begun.
  OptimizerState state() const { return optimizer_->state(); }

  /// From m to the minimiser; it may be called again, and counts go on. Afterwards m is the last accepted iterate, and the objective is evaluated there.
  /// @throws SolverError when the start cannot be evaluated
  Optimizer::Result run(ParameterVector &m, const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                        double solver_tolerance);

  static std::vector<std::string> history_columns();
  static std::vector<double> history_row(const Iterate &iterate);

private:
  Optimizer::Callbacks callbacks(ReducedFunction &function);
  Iterate iterate_at(const OptimizerIterate &info) const;
  void begin_table() const;
  void log_iterate(const Iterate &iterate) const;

  ReducedObjective &objective_;
  const DistributedVector &weights_;
  InversionParameters parameters_;
  Log &log_;
  std::function<void()> on_start_;
  OnIterate on_iterate_;
  std::function<bool()> stop_requested_;
  Test good_enough_;
  double newton_tolerance_ = 0;
  Iterate last_;
  unsigned int earlier_actions_ = 0, earlier_failures_ = 0; ///< of the runs before this one
  dealii::Timer timer_;
  double earlier_seconds_ = 0;
  OptimizerState start_;
  std::unique_ptr<Optimizer> optimizer_;
  bool table_begun_ = false;
  double relative_gradient_ = 1; ///< of the last accepted iterate
};

} // namespace lodestone
