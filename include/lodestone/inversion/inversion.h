#pragma once

#include <lodestone/base/log.h>
#include <lodestone/io/history_writer.h>
#include <lodestone/objective/reduced_objective.h>
#include <lodestone/optimizer/tao_optimizer.h>

#include <deal.II/base/timer.h>

#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace lodestone
{

/// Entries of subsection `Optimizer`.
struct InversionParameters
{
  TaoOptimizer::Parameters optimizer;
  std::string hessian = "switch"; ///< Gauss-Newton | full | switch: Gauss-Newton first, full near the minimiser
  unsigned int gauss_newton_iterations = 5;
  std::string start_model; ///< results.h5 or checkpoint to start from; empty: the background
  bool resume = false;     ///< go on from the checkpoint of the output directory
  double target = 0;       ///< misfit per datum (chi^2/N) at which to stop; 0: none

  void add_parameters(dealii::ParameterHandler &handler);
  void validate() const;
};

/// What is known of an accepted iterate.
struct Iterate
{
  OptimizerIterate optimizer;
  double misfit = 0, prior = 0;
  double chi_squared_per_datum = 0; ///< |r / sigma|^2 / N without set weights
  unsigned int forward_solves = 0, adjoint_solves = 0, incremental_solves = 0, solver_iterations = 0;
  double operator_applications = 0; ///< on the finest level; 0: the solver does not count them
  double seconds = 0, memory = 0;   ///< wall time; largest resident memory summed over ranks (bytes)
};

/// The outer loop: hands the reduced objective to the optimiser, tells the user about every iterate, stops when asked.
///
/// The first |g_0| is that of the start; J, misfit and prior are dimensionless. Collective.
class Inversion
{
public:
  using OnIterate = std::function<void(const Iterate &, const ParameterVector &)>;

  /// @param weights one positive number an unknown, of order one: its parameter cell's volume over the mean
  Inversion(ReducedObjective &objective, const DistributedVector &weights, const InversionParameters &parameters,
            Log &log);

  /// Each accepted iterate, 0 included, after the log line.
  void on_iterate(OnIterate callback) { on_iterate_ = std::move(callback); }
  void stop_when(std::function<bool()> stop_requested) { stop_requested_ = std::move(stop_requested); }

  /// Where a run stands: enough, with m, for another one to go on from there.
  struct Progress
  {
    unsigned int iteration = 0;
    double reference_gradient = 0; ///< |g_0| that tolerances refer to; 0: that of the start
    double trust_radius = 0;       ///< OptimizerIterate::trust_radius
    std::deque<CurvaturePairs::Pair> curvature;
  };
  void continue_from(Progress progress);
  /// Hessian actions known at the last accepted iterate, in the optimiser's scaled variables (bnls without bounds).
  const std::deque<CurvaturePairs::Pair> &curvature() const { return curvature_.in_use(); }

  /// From m to the minimiser; m is the last accepted iterate afterwards, and the objective is evaluated there.
  /// @throws SolverError when the start cannot be evaluated
  TaoOptimizer::Result run(ParameterVector &m, const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                           double solver_tolerance);

  static std::vector<std::string> history_columns();
  static std::vector<double> history_row(const Iterate &iterate);

private:
  class Function;
  Iterate describe(const OptimizerIterate &info) const;
  void log_iterate(const Iterate &iterate) const;

  ReducedObjective &objective_;
  const DistributedVector &weights_;
  InversionParameters parameters_;
  Log &log_;
  OnIterate on_iterate_;
  std::function<bool()> stop_requested_;
  dealii::Timer timer_;
  CurvaturePairs curvature_;
  unsigned int first_iteration_ = 0;
  double reference_gradient_ = 0, trust_radius_ = 0;
};

} // namespace lodestone
