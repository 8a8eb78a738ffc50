#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/optimizer/tao_run.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

namespace lodestone
{
namespace
{

// Trial steps below the accuracy of J that a search may make before it is given up.
constexpr unsigned int hopeless_trials = 6;
// Trial steps at which J could be computed, each half as long as the one before, after which a gradient that still
// predicts wrongly is not believed.
constexpr unsigned int suspect_trials = 12;
// A run is at rounding level after so many iterations in a row that change J by less than its accuracy and leave |g|
// above a fraction of its lowest value so far. Newton methods reduce |g| by much more, or not at all; with the others
// |g| goes up and down.
struct IdleIterations
{
  unsigned int most;
  double fraction;
};
constexpr IdleIterations idle_newton{3, 0.5}, idle_others{20, 1};
// |g|/|g0| that no tolerance of a solver keeps from falling, only double precision.
constexpr double rounding_gradient = 1e-13;
// Makes a conjugate-gradient step along p negligible when used as curvature: H p = large * p.
constexpr double large_curvature = 1e30;
// Residual of the solves behind the first Hessian action of a step, as a fraction of the tolerance of the inner
// iteration. It may grow as the inner residual falls (Simoncini and Szyld 2003), up to the second number.
constexpr double action_accuracy = 0.03, loosest_action = 0.1;
// Residual of adjoint solves, as a fraction of the relative gradient norm expected at the next iterate.
constexpr double gradient_accuracy = 1e-2;
// The largest part of the slope along an accepted step that may be left at its end. Full steps of truncated conjugate
// gradients leave none where the quadratic model holds. Where more is left, or a step had to be shortened, earlier
// curvature pairs may mislead.
constexpr double largest_slope_left = 0.3;
// Tolerance of the inner iteration where the metric changes: what R is next follows from the step, which must be good.
constexpr double with_changing_metric = 1e-2;
// Factor by which a quasi-Newton step may reduce the gradient at best.
constexpr double quasi_newton_reduction = 0.1;

/// The locally owned entries of a PETSc vector, for reading.
class ReadArray
{
public:
  explicit ReadArray(Vec v) : v_(v) { check_petsc(VecGetArrayRead(v, &data_)); }
  ~ReadArray() { VecRestoreArrayRead(v_, &data_); }
  operator const double *() const { return data_; }

private:
  Vec v_;
  const PetscScalar *data_;
};

/// The locally owned entries of a PETSc vector, for writing.
class WriteArray
{
public:
  explicit WriteArray(Vec v) : v_(v) { check_petsc(VecGetArrayWrite(v, &data_)); }
  ~WriteArray() { VecRestoreArrayWrite(v_, &data_); }
  operator double *() const { return data_; }

private:
  Vec v_;
  PetscScalar *data_;
};

void copy_in(const ScaledObjective::Array &from, Vec to)
{
  const WriteArray array(to);
  std::copy(from.begin(), from.end(), static_cast<double *>(array));
}

} // namespace

TaoRun::TaoRun(ScaledObjective &objective, const TaoOptimizer::Parameters &parameters,
               const TaoOptimizer::Callbacks &callbacks, const Settings &settings, OptimizerState &state,
               CurvaturePairs &pairs, DistributedVector &m)
    : objective_(objective), parameters_(parameters), callbacks_(callbacks), settings_(settings), m_(m),
      comm_(m.get_mpi_communicator()), state_(state), curvature_(pairs)
{
  info_.iteration = static_cast<unsigned int>(state.number("iteration", 0));
}

TaoRun::~TaoRun()
{
  objective_.set_accuracy(0, 0);
  TaoDestroy(&tao_);
  MatDestroy(&hessian_);
  MatDestroy(&metric_);
  for (Vec *v : {&x_, &lower_, &upper_})
    VecDestroy(v);
  if (inner_default_)
    KSPConvergedDefaultDestroy(inner_default_);
}

void TaoRun::create()
{
  const PetscInt n = objective_.n_local();
  check_petsc(VecCreateMPI(comm_, n, PETSC_DETERMINE, &x_));
  copy_in(objective_.accepted().x, x_);
  check_petsc(TaoCreate(comm_, &tao_));
  check_petsc(TaoSetType(tao_, settings_.type.c_str()));
  check_petsc(TaoSetSolution(tao_, x_));
  check_petsc(TaoSetObjectiveAndGradient(tao_, nullptr, &TaoRun::evaluate, this));
  set_bounds();
  create_hessian();
  create_metric();

  check_petsc(TaoSetMaximumIterations(tao_, parameters_.maximum_iterations));
  check_petsc(TaoSetTolerances(tao_, 0, 0, parameters_.gradient_tolerance));
  // Prior energy of the first trust-region step when the Newton step cannot tell: half of J.
  const double radius = state_.number("trust_radius", 0);
  check_petsc(TaoSetInitialTrustRegionRadius(tao_, radius > 0 ? radius * objective_.length_scale() : 1.0));
  check_petsc(TaoSetFromOptions(tao_));
  PetscReal unused_absolute, unused_relative, gradient_tolerance;
  check_petsc(TaoGetMaximumIterations(tao_, &maximum_iterations_));
  check_petsc(TaoGetTolerances(tao_, &unused_absolute, &unused_relative, &gradient_tolerance));
  gradient_tolerance_ = gradient_tolerance;
  check_petsc(TaoSetConvergenceTest(tao_, &TaoRun::test, this));
  if (!pairs_)
    curvature_.clear(); // a run with another method made them, and this one would not renew them
}

void TaoRun::set_bounds()
{
  const bool bounded = !objective_.lower().empty();
  // blmvm reads bounds without asking whether there are any.
  if (dealii::Utilities::MPI::max(int(bounded), comm_) == 0 && settings_.type != TAOBLMVM)
    return;
  check_petsc(VecDuplicate(x_, &lower_));
  check_petsc(VecDuplicate(x_, &upper_));
  check_petsc(VecSet(lower_, PETSC_NINFINITY));
  check_petsc(VecSet(upper_, PETSC_INFINITY));
  if (bounded)
  {
    copy_in(objective_.lower(), lower_);
    copy_in(objective_.upper(), upper_);
  }
  check_petsc(TaoSetVariableBounds(tao_, lower_, upper_));
}

void TaoRun::create_hessian()
{
  const PetscInt n = objective_.n_local();
  check_petsc(MatCreateShell(comm_, n, n, PETSC_DETERMINE, PETSC_DETERMINE, this, &hessian_));
  check_petsc(MatShellSetOperation(hessian_, MATOP_MULT, reinterpret_cast<void (*)()>(&TaoRun::hessian_mult)));
  check_petsc(MatSetOption(hessian_, MAT_SYMMETRIC, PETSC_TRUE));
  check_petsc(TaoSetHessian(tao_, hessian_, hessian_, &TaoRun::hessian, this));
  if (settings_.type.rfind("bq", 0) == 0)
    return; // quasi-Newton: their inner solver is the limited-memory matrix itself
  check_petsc(TaoGetKSP(tao_, &ksp_));
  if (!ksp_)
    return;
  PC pc = nullptr;
  check_petsc(KSPGetPC(ksp_, &pc));
  check_petsc(PCSetType(pc, settings_.full_metric ? PCSHELL : PCNONE));
  if (settings_.full_metric)
  {
    check_petsc(PCShellSetContext(pc, this));
    check_petsc(PCShellSetApply(pc, &TaoRun::precondition));
    // bntr is excluded: it may solve a system twice, and the preconditioner must not change in between.
    if (settings_.type == TAOBNLS)
      pairs_ = &curvature_;
  }
  check_petsc(KSPSetNormType(ksp_, KSP_NORM_NATURAL));
  check_petsc(KSPConvergedDefaultCreate(&inner_default_));
  check_petsc(KSPSetConvergenceTest(ksp_, &TaoRun::inner_test, this, nullptr));
  std::string value;
  inner_rtol_given_ = petsc_option("-tao_bnk_ksp_rtol", value);
  check_petsc(KSPSetTolerances(ksp_, PETSC_DEFAULT, 0., 1e10, parameters_.maximum_inner_iterations));
}

void TaoRun::create_metric()
{
  if (!settings_.full_metric || ksp_)
    return;
  const PetscInt n = objective_.n_local();
  check_petsc(MatCreateShell(comm_, n, n, PETSC_DETERMINE, PETSC_DETERMINE, this, &metric_));
  check_petsc(MatShellSetOperation(metric_, MATOP_SOLVE, reinterpret_cast<void (*)()>(&TaoRun::metric_solve)));
  if (settings_.type == TAOBQNLS)
  {
    Mat lmvm = nullptr;
    check_petsc(TaoGetLMVMMatrix(tao_, &lmvm));
    check_petsc(MatLMVMSetJ0(lmvm, metric_));
  }
  else
    check_petsc(TaoLMVMSetH0(tao_, metric_));
}

TaoOptimizer::Result TaoRun::run()
{
  create();
  // lmvm of PETSc 3.18 has no second try after a failed search (its fall-back step is the wrong vector): begin again
  // with an empty history where the search failed, as the other methods do by themselves.
  for (unsigned int from = info_.iteration;; from = info_.iteration)
  {
    solve_once();
    if (stop_.kind != StopReason::Kind::running)
      break;
    stop_ = explain_failed_search(objective_.trials(), objective_.noise(), solver_limited());
    if (settings_.type != TAOLMVM || info_.iteration == from || stop_.kind == StopReason::Kind::rounding_level)
      break;
    stop_ = {};
    copy_in(objective_.accepted().x, x_);
  }
  info_.n_evaluations = objective_.n_evaluations;
  info_.n_failed_evaluations = objective_.n_failed_evaluations;
  info_.n_hessian_actions = objective_.n_hessian_actions;
  return {stop_, info_};
}

void TaoRun::solve_once()
{
  const PetscErrorCode code = TaoSolve(tao_);
  if (started_)
    objective_.copy_accepted(m_);
  if (exception_)
  {
    try
    {
      std::rethrow_exception(exception_);
    }
    catch (const Stopped &)
    {
      exception_ = nullptr;
      return;
    }
    catch (const Interrupted &)
    {
      exception_ = nullptr;
      stop_ = interrupted();
      return;
    }
  }
  check_petsc(code);
}

bool TaoRun::stop_requested() const
{
  return callbacks_.stop_requested && dealii::Utilities::MPI::max(int(callbacks_.stop_requested()), comm_) == 1;
}

void TaoRun::leave_if_hopeless()
{
  if (stop_requested())
  {
    stop_ = interrupted();
    throw Stopped();
  }
  const bool hopeless = objective_.trials_below_noise() >= hopeless_trials;
  const auto &trials = objective_.trials();
  const unsigned int computed =
      std::count_if(trials.begin(), trials.end(), [](const TrialStep &trial) { return !trial.failed; });
  if (!hopeless && computed < suspect_trials)
    return;
  const StopReason reason = explain_failed_search(objective_.trials(), objective_.noise(), solver_limited());
  if (hopeless || reason.kind == StopReason::Kind::suspect_derivative)
  {
    stop_ = reason;
    throw Stopped();
  }
}

PetscErrorCode TaoRun::evaluate(Tao, Vec x, PetscReal *f, Vec g, void *context)
{
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    const ReadArray point(x);
    if (!run.objective_.known(point))
      run.leave_if_hopeless();
    const std::size_t n_trials = run.objective_.trials().size();
    const ScaledObjective::Evaluation &evaluation = run.objective_.evaluate(point);
    const auto &trials = run.objective_.trials();
    if (evaluation.failed && trials.size() > n_trials && run.callbacks_.log)
      run.callbacks_.log("Optimizer: J could not be computed at a trial step, which is shortened: " +
                         trials.back().why);
    *f = evaluation.f;
    copy_in(evaluation.gradient, g);
  });
}

PetscErrorCode TaoRun::test(Tao tao, void *context)
{
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    TaoConvergedReason reason;
    PetscReal f, norm, violation, step;
    PetscInt iteration;
    check_petsc(TaoGetSolutionStatus(tao, &iteration, &f, &norm, &violation, &step, &reason));
    if (reason != TAO_CONTINUE_ITERATING)
      return; // the search failed and x is the previous iterate
    Vec x = nullptr;
    check_petsc(TaoGetSolution(tao, &x));
    run.info_.step = run.started_ ? step : 0.;
    run.accept(ReadArray(x));
    if (run.stop_.kind != StopReason::Kind::running)
      check_petsc(TaoSetConvergedReason(tao, TAO_CONVERGED_USER));
  });
}

void TaoRun::accept(const double *x)
{
  const unsigned int actions = info_.n_hessian_actions;
  if (started_)
  {
    if (objective_.known(x) == &objective_.accepted())
      return; // a new start from the same point
    previous_value_ = objective_.accepted().value;
    (void)objective_.evaluate(x); // the last trial is x now, if it was not already; there is none when the step is zero
    const auto &trials = objective_.trials();
    const bool measurable = !trials.empty() && std::abs(trials.back().predicted) > objective_.noise();
    const ScaledObjective::Array from = objective_.accepted().x, gradient = objective_.accepted().gradient;
    const bool metric_changes = pairs_ && objective_.metric_changes();
    const auto metric = [&](const double *in, double *out) { objective_.apply_inverse_metric(in, out); };
    if (metric_changes)
      pairs_->take_out(metric);
    objective_.accept(x);
    if (metric_changes)
      pairs_->put_in(metric);
    else if (pairs_ && slope_left(from, gradient) > largest_slope_left)
      pairs_->clear();
    ++info_.iteration;
    n_idle_ = measurable || objective_.gradient_norm() < (ksp_ ? idle_newton : idle_others).fraction * lowest_gradient_
                  ? 0
                  : n_idle_ + 1;
  }
  lowest_gradient_ = started_ ? std::min(lowest_gradient_, objective_.gradient_norm()) : objective_.gradient_norm();
  info_.value = objective_.accepted().value;
  info_.gradient_norm = objective_.gradient_norm();
  if (!started_)
  {
    const double earlier = state_.number("reference_gradient", 0);
    reference_gradient_ = earlier > 0 ? earlier : info_.gradient_norm;
  }
  info_.relative_gradient = reference_gradient_ > 0 ? info_.gradient_norm / reference_gradient_ : 0.;
  info_.n_evaluations = objective_.n_evaluations;
  info_.n_failed_evaluations = objective_.n_failed_evaluations;
  info_.n_hessian_actions = objective_.n_hessian_actions;
  info_.inner_iterations = objective_.n_hessian_actions - actions;
  objective_.copy_accepted(m_);
  if (pairs_)
    pairs_->adopt(); // its Newton system is solved
  record_state();
  if (callbacks_.monitor)
    callbacks_.monitor(info_, m_);
  test_convergence();
  started_ = true;
  choose_accuracy(1);
  if (stop_.kind == StopReason::Kind::running && callbacks_.begin_iteration)
    callbacks_.begin_iteration(info_.iteration);
}

double TaoRun::trust_radius() const
{
  if (!ksp_)
    return 0; // the method does not renew one that it was given
  if (!started_)
    return state_.number("trust_radius", 0);
  PetscReal radius;
  check_petsc(TaoGetCurrentTrustRegionRadius(tao_, &radius));
  return radius / objective_.length_scale();
}

void TaoRun::record_state()
{
  const double radius = trust_radius();
  state_.numbers = {
      {"iteration", info_.iteration}, {"reference_gradient", reference_gradient_}, {"trust_radius", radius}};
}

double TaoRun::slope_left(const ScaledObjective::Array &from, const ScaledObjective::Array &gradient) const
{
  ScaledObjective::Array step = objective_.accepted().x;
  std::transform(step.begin(), step.end(), from.begin(), step.begin(), std::minus<>());
  const double before = objective_.dot(gradient, step);
  return before == 0 ? 0. : std::abs(objective_.dot(objective_.accepted().gradient, step) / before);
}

bool TaoRun::solver_limited() const
{
  return settings_.value_accuracy > 1e-14 && info_.relative_gradient > rounding_gradient;
}

double TaoRun::inner_tolerance() const
{
  const double largest = objective_.metric_changes() ? with_changing_metric : 0.5;
  return std::min(largest, std::max(parameters_.least_inner_tolerance, std::sqrt(info_.relative_gradient)));
}

void TaoRun::choose_accuracy(const double inner_residual)
{
  if (!parameters_.inexact_solves)
    return;
  inexact_ = true;
  double inner = inner_tolerance();
  if (inner_rtol_given_)
  {
    PetscReal given;
    check_petsc(KSPGetTolerances(ksp_, &given, nullptr, nullptr, nullptr));
    inner = given;
  }
  const double reduction = ksp_ ? inner : quasi_newton_reduction;
  objective_.set_accuracy(gradient_accuracy * std::min(1., info_.relative_gradient) * reduction,
                          std::min(loosest_action, action_accuracy * inner / inner_residual));
}

bool TaoRun::gradient_is_small()
{
  if (info_.relative_gradient > gradient_tolerance_)
    return false;
  if (!inexact_)
    return true;
  objective_.set_accuracy(0, 0);
  objective_.improve_gradient();
  info_.gradient_norm = objective_.gradient_norm();
  info_.relative_gradient = info_.gradient_norm / reference_gradient_;
  return info_.relative_gradient <= gradient_tolerance_;
}

void TaoRun::stop(const StopReason::Kind kind, const bool converged, const bool resumable, const std::string &text)
{
  stop_ = {kind, converged, resumable, text};
}

void TaoRun::test_convergence()
{
  using Kind = StopReason::Kind;
  const auto number = [](const double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.3g", value);
    return std::string(text);
  };
  if (info_.gradient_norm == 0)
    stop(Kind::gradient_tolerance, true, false, "converged: the gradient is zero");
  else if (gradient_is_small())
    stop(Kind::gradient_tolerance, true, false,
         "converged: |g|/|g0| = " + number(info_.relative_gradient) + " <= Gradient tolerance " +
             number(gradient_tolerance_));
  else if (callbacks_.target_reached && callbacks_.target_reached(info_))
    stop(Kind::target_reached, true, false, "converged: the target of the misfit is reached");
  else if (started_ && parameters_.function_tolerance > 0 &&
           previous_value_ - info_.value <= parameters_.function_tolerance * std::abs(info_.value))
    stop(Kind::function_tolerance, true, false,
         "converged: the last iteration reduced J by less than Function tolerance " +
             number(parameters_.function_tolerance) + "; lower it to go on");
  else if (n_idle_ >= (ksp_ ? idle_newton : idle_others).most)
    stop_ = at_rounding_level(solver_limited());
  else if (static_cast<PetscInt>(info_.iteration) >= maximum_iterations_)
    stop(Kind::maximum_iterations, false, true,
         "stopped: Maximum iterations are used up, with |g|/|g0| = " + number(info_.relative_gradient) +
             "; raise them and continue from this result");
  else if (stop_requested())
    stop_ = interrupted();
}

PetscErrorCode TaoRun::hessian(Tao, Vec, Mat matrix, Mat, void *context)
{
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    run.linearized_ = run.objective_.linearize();
    // Forgets shifts of the identity that TAO added for the previous iterate.
    check_petsc(MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY));
    check_petsc(MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY));
    if (!run.ksp_ || run.inner_rtol_given_)
      return;
    check_petsc(KSPSetTolerances(run.ksp_, run.inner_tolerance(), PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  });
}

PetscErrorCode TaoRun::hessian_mult(Mat matrix, Vec x, Vec y)
{
  void *context = nullptr;
  if (const PetscErrorCode code = MatShellGetContext(matrix, &context))
    return code;
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    run.leave_if_hopeless();
    const ReadArray in(x);
    const WriteArray out(y);
    run.hessian_action(in, out);
  });
}

void TaoRun::hessian_action(const double *x, double *y)
{
  const std::size_t n = objective_.n_local();
  PetscInt inner_iteration = 0;
  if (ksp_)
    check_petsc(KSPGetIterationNumber(ksp_, &inner_iteration));
  if (inner_iteration == 0)
    hessian_failed_ = false;
  if (linearized_ && !hessian_failed_ && objective_.apply_hessian(x, y))
  {
    if (pairs_)
      pairs_->add(x, y);
    return;
  }
  // The solve ends after this action (inner_test). At its start, p = R^-1 r and H p := r give the step p; later, a huge
  // curvature leaves the direction as it is.
  hessian_failed_ = true;
  if (callbacks_.log)
    callbacks_.log("Optimizer: a Hessian action failed; the Newton step is truncated after " +
                   std::to_string(inner_iteration) + " inner iterations");
  if (inner_iteration == 0)
  {
    const double *residual = settings_.full_metric ? residual_.data() : x;
    std::copy(residual, residual + n, y);
  }
  else
    std::transform(x, x + n, y, [](const double value) { return large_curvature * value; });
}

PetscErrorCode TaoRun::inner_test(KSP ksp, PetscInt it, PetscReal norm, KSPConvergedReason *reason, void *context)
{
  TaoRun &run = *static_cast<TaoRun *>(context);
  if (const PetscErrorCode code = KSPConvergedDefault(ksp, it, norm, reason, run.inner_default_))
    return code;
  return guard_exceptions(run.exception_, [&] {
    if (it == 0)
      run.inner_start_ = norm;
    else if (run.inner_start_ > 0 && norm > 0)
      run.choose_accuracy(std::min(1., norm / run.inner_start_));
    if (it > 0 && run.hessian_failed_)
      *reason = KSP_CONVERGED_ITS;
  });
}

PetscErrorCode TaoRun::metric_solve(Mat matrix, Vec x, Vec y)
{
  void *context = nullptr;
  if (const PetscErrorCode code = MatShellGetContext(matrix, &context))
    return code;
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    const ReadArray in(x);
    const WriteArray out(y);
    run.objective_.apply_metric(in, out);
    const double factor = run.objective_.metric_factor();
    for (std::size_t i = 0; i < run.objective_.n_local(); ++i)
      static_cast<double *>(out)[i] *= factor;
  });
}

PetscErrorCode TaoRun::precondition(PC pc, Vec x, Vec y)
{
  void *context = nullptr;
  if (const PetscErrorCode code = PCShellGetContext(pc, &context))
    return code;
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    const ReadArray in(x);
    const WriteArray out(y);
    run.residual_.assign(static_cast<const double *>(in), in + run.objective_.n_local());
    const auto base = [&run](const double *dual, double *primal) { run.objective_.precondition(dual, primal); };
    if (run.pairs_)
      run.pairs_->apply(base, in, out);
    else
      base(in, out);
  });
}

} // namespace lodestone
