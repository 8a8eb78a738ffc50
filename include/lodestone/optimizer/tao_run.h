#pragma once

#include <lodestone/optimizer/curvature_pairs.h>
#include <lodestone/optimizer/quasi_newton_matrix.h>
#include <lodestone/optimizer/scaled_objective.h>
#include <lodestone/optimizer/tao_optimizer.h>

#include <petsctao.h>

#include <exception>
#include <optional>
#include <vector>

namespace lodestone
{

/// One run of TAO on a ScaledObjective: PETSc objects, callbacks and the tests that end the run.
class TaoRun
{
public:
  /// @param state numbers of the run that is continued, if there are any; from then on those of the last accepted
  ///   iterate
  /// @param start all of the state that is continued; it lives as long as this object
  TaoRun(ScaledObjective &objective, const TaoOptimizer::Parameters &parameters,
         const TaoOptimizer::Callbacks &callbacks, const TaoRunSettings &settings, OptimizerState &state,
         CurvaturePairs &pairs, DistributedVector &m, const OptimizerState &start);
  ~TaoRun();
  TaoRun(const TaoRun &) = delete;
  TaoRun &operator=(const TaoRun &) = delete;

  /// Runs to the end; m holds the last accepted iterate whatever happens.
  TaoOptimizer::Result run();

private:
  struct Stopped
  {
  }; ///< thrown inside callbacks to leave TAO at once; stop_ says why

  void create();
  void destroy();
  void begin_record();
  void begin_anew();
  bool search_was_repeated() const;
  void create_metric();
  void create_hessian();
  void set_bounds();
  void solve_once();
  void accept(const double *x);
  /// |g' s| at the accepted iterate over |g' s| where the step s to it began.
  double slope_left(const ScaledObjective::Array &from, const ScaledObjective::Array &gradient) const;
  /// In TAO's variables.
  double trust_radius() const;
  void record_state();
  void test_convergence();
  /// @param inner_residual of the inner iteration, relative to its start
  void choose_accuracy(double inner_residual);
  double inner_tolerance() const;
  /// What keeps J and the gradient from falling further is the accuracy of a solver, not double precision.
  bool solver_limited() const;
  /// Meets the tolerance, also when computed in full.
  bool gradient_is_small();
  void stop(StopReason::Kind kind, bool converged, bool resumable, const std::string &text);
  void leave_if_hopeless();
  bool stop_requested() const;
  void hessian_action(const double *x, double *y);
  /// Finds the unknowns that are not held at their bounds, from what TAO makes of a vector of ones of its Newton system.
  void find_free(PC pc, Vec like);

  static PetscErrorCode evaluate(Tao, Vec x, PetscReal *f, Vec g, void *run);
  static PetscErrorCode test(Tao, void *run);
  static PetscErrorCode hessian(Tao, Vec x, Mat, Mat, void *run);
  static PetscErrorCode hessian_mult(Mat, Vec x, Vec y);
  static PetscErrorCode metric_solve(Mat, Vec x, Vec y);
  static PetscErrorCode precondition(PC, Vec x, Vec y);
  static PetscErrorCode inner_test(KSP, PetscInt it, PetscReal norm, KSPConvergedReason *reason, void *run);

  ScaledObjective &objective_;
  const TaoOptimizer::Parameters &parameters_;
  const TaoOptimizer::Callbacks &callbacks_;
  const TaoRunSettings settings_;
  DistributedVector &m_;
  MPI_Comm comm_;

  Tao tao_ = nullptr;
  Vec x_ = nullptr, lower_ = nullptr, upper_ = nullptr;
  Mat hessian_ = nullptr, metric_ = nullptr;
  std::optional<QuasiNewtonMatrix> quasi_newton_;
  void *inner_default_ = nullptr; ///< context of KSPConvergedDefault
  KSP ksp_ = nullptr;             ///< owned by tao_

  const OptimizerState &start_;
  OptimizerState &state_;
  CurvaturePairs &curvature_;
  CurvaturePairs *pairs_ = nullptr; ///< curvature_; null where pairs are not used

  std::exception_ptr exception_;
  StopReason stop_;
  OptimizerIterate info_;
  PetscInt maximum_iterations_ = 0;
  double gradient_tolerance_ = 0, reference_gradient_ = 0, previous_value_ = 0, inner_start_ = 0, lowest_gradient_ = 0;
  unsigned int n_idle_ = 0; ///< iterations in a row without a gain that can be measured
  bool started_ = false, inexact_ = false, inner_rtol_given_ = false, linearized_ = true, hessian_failed_ = false;
  /// Where the record of evaluations began.
  struct Beginning
  {
    unsigned int iteration = 0, n_idle = 0;
    double lowest_gradient = 0;
  } begin_;
  unsigned int repeated_until_ = 0; ///< the iteration that the record of a state leads to
  bool begins_anew_ = false;        ///< a new TAO begins at the accepted iterate
  ScaledObjective::Array residual_; ///< last vector given to the preconditioner
  std::vector<bool> is_free_;       ///< with bounds: whether an unknown takes part in the present Newton system
  bool is_probed_ = false;          ///< a product with the Hessian only tells which unknowns take part
};

} // namespace lodestone
