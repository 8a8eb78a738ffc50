#include <lodestone/base/error.h>
#include <lodestone/base/petsc.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/optimizer/tao_run.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

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
// Part of the gradient tolerance that the inner iteration aims at: a last step that reduces the gradient by much more
// than is asked pays for digits that nobody wants.
constexpr double part_of_target = 0.7;
// Factor by which a quasi-Newton step may reduce the gradient at best.
constexpr double quasi_newton_reduction = 0.1;

// A method whose memory nobody can reach begins anew after so many iterations: what is recorded to repeat its steps stays
// small. A memory of fifty steps has little to lose.
constexpr unsigned int longest_record = 50;

/// Gives an option of PETSc's another value for a while.
class OptionForAWhile
{
public:
  OptionForAWhile(std::string name, const std::string &value) : name_(std::move(name))
  {
    had_one_ = petsc_option(name_, before_);
    check_petsc(PetscOptionsSetValue(nullptr, name_.c_str(), value.c_str()));
  }
  ~OptionForAWhile()
  {
    if (had_one_)
      PetscOptionsSetValue(nullptr, name_.c_str(), before_.c_str());
    else
      PetscOptionsClearValue(nullptr, name_.c_str());
  }
  OptionForAWhile(const OptionForAWhile &) = delete;
  OptionForAWhile &operator=(const OptionForAWhile &) = delete;

private:
  std::string name_, before_;
  bool had_one_;
};

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
               const TaoOptimizer::Callbacks &callbacks, const TaoRunSettings &settings, OptimizerState &state,
               CurvaturePairs &pairs, DistributedVector &m, const OptimizerState &start)
    : objective_(objective), parameters_(parameters), callbacks_(callbacks), settings_(settings), m_(m),
      comm_(m.get_mpi_communicator()), start_(start), state_(state), curvature_(pairs)
{
  repeated_until_ = static_cast<unsigned int>(state.number("iteration", 0));
  info_.iteration = static_cast<unsigned int>(state.number("exact_begin", repeated_until_));
  inexact_ = state.number("exact_inexact", 0) != 0; // then the gradient is improved before the run ends
  n_idle_ = static_cast<unsigned int>(state.number("exact_n_idle", 0));
  lowest_gradient_ = state.number("exact_lowest_gradient", objective_.gradient_norm());
  if (settings_.records)
    begin_record();
}

TaoRun::~TaoRun()
{
  objective_.set_accuracy(0, 0);
  destroy();
}

void TaoRun::begin_record()
{
  objective_.begin_record();
  begin_ = {info_.iteration, n_idle_, lowest_gradient_};
}

void TaoRun::begin_anew()
{
  destroy();
  create();
  begin_record();
  begins_anew_ = true;
}

void TaoRun::destroy()
{
  TaoDestroy(&tao_);
  ksp_ = nullptr;
  quasi_newton_.reset();
  MatDestroy(&hessian_);
  MatDestroy(&metric_);
  for (Vec *v : {&x_, &lower_, &upper_})
    VecDestroy(v);
  if (inner_default_)
    KSPConvergedDefaultDestroy(inner_default_);
  inner_default_ = nullptr;
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
  std::optional<OptionForAWhile> no_memory;
  if (quasi_newton_)
    no_memory.emplace("-tao_" + settings_.type + "_mat_lmvm_hist_size", "0");

  check_petsc(TaoSetMaximumIterations(tao_, parameters_.maximum_iterations));
  check_petsc(TaoSetTolerances(tao_, 0, 0, parameters_.gradient_tolerance));
  // Prior energy of the first trust-region step when the Newton step cannot tell: half of J.
  const double radius =
      state_.number("exact_trust_radius", state_.number("trust_radius", 0) * objective_.length_scale());
  check_petsc(TaoSetInitialTrustRegionRadius(tao_, radius > 0 ? radius : 1.0));
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
  check_petsc(PCSetType(pc, PCSHELL));
  check_petsc(PCShellSetContext(pc, this));
  check_petsc(PCShellSetApply(pc, &TaoRun::precondition));
  // With bounds the next system has other unknowns. bntr may solve a system twice, and the preconditioner must not
  // change in between.
  if (settings_.full_metric && settings_.type == TAOBNLS)
    pairs_ = &curvature_;
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
  quasi_newton_.emplace(metric_, "tao_" + settings_.type + "_");
  const bool goes_on = quasi_newton_->take_from(start_, x_);
  if (settings_.type == TAOBQNLS)
  {
    Mat lmvm = nullptr;
    check_petsc(TaoGetLMVMMatrix(tao_, &lmvm));
    check_petsc(MatLMVMSetJ0(lmvm, quasi_newton_->matrix()));
    check_petsc(TaoSetRecycleHistory(tao_, goes_on ? PETSC_TRUE : PETSC_FALSE));
  }
  else
  {
    check_petsc(TaoLMVMSetH0(tao_, quasi_newton_->matrix()));
    check_petsc(TaoLMVMRecycle(tao_, goes_on ? PETSC_TRUE : PETSC_FALSE));
  }
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
    if (std::exchange(begins_anew_, false))
    {
      begin_anew();
      continue;
    }
    stop_ = explain_failed_search(objective_.trials(), objective_.noise(), solver_limited());
    if (settings_.type != TAOLMVM || info_.iteration == from || stop_.kind == StopReason::Kind::rounding_level)
      break;
    stop_ = {};
    copy_in(objective_.accepted().x, x_);
    check_petsc(TaoLMVMRecycle(tao_, PETSC_FALSE));
    if (quasi_newton_)
      quasi_newton_->begin_again();
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
    const bool was_told = run.objective_.repeats(); // by the run that this one goes on with
    const ScaledObjective::Evaluation &evaluation = run.objective_.evaluate(point);
    const auto &trials = run.objective_.trials();
    if (evaluation.failed && trials.size() > n_trials && !was_told && run.callbacks_.log)
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
    if (run.stop_.kind != StopReason::Kind::running || run.begins_anew_)
      check_petsc(TaoSetConvergedReason(tao, TAO_CONVERGED_USER));
  });
}

void TaoRun::accept(const double *x)
{
  const unsigned int actions = info_.n_hessian_actions;
  if (std::exchange(begins_anew_, false))
    return; // at an iterate that is known
  const bool is_emptied = started_ && quasi_newton_ && search_was_repeated();
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
  lowest_gradient_ = std::min(lowest_gradient_, objective_.gradient_norm());
  if (quasi_newton_)
    quasi_newton_->accept(objective_.accepted().x, objective_.accepted().gradient, is_emptied);
  info_.value = objective_.accepted().value;
  info_.gradient_norm = objective_.gradient_norm();
  if (!started_)
  {
    const double earlier = state_.number("reference_gradient", 0);
    reference_gradient_ = earlier > 0 ? earlier : info_.gradient_norm;
  }
  if (info_.iteration < repeated_until_)
  {
    started_ = true; // the run before has done what follows
    return;
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
  begins_anew_ = settings_.records && stop_.kind == StopReason::Kind::running &&
                 info_.iteration >= begin_.iteration + longest_record;
}

bool TaoRun::search_was_repeated() const
{
  TaoLineSearch search = nullptr;
  check_petsc(TaoGetLineSearch(tao_, &search));
  if (search == nullptr)
    return false;
  PetscInt values = 0, gradients = 0, both = 0;
  check_petsc(TaoLineSearchGetNumberFunctionEvaluations(search, &values, &gradients, &both));
  return objective_.trials().size() > static_cast<std::size_t>(values + both);
}

double TaoRun::trust_radius() const
{
  if (!ksp_)
    return 0; // the method does not renew one that it was given
  if (!started_)
    return state_.number("exact_trust_radius", state_.number("trust_radius", 0) * objective_.length_scale());
  PetscReal radius;
  check_petsc(TaoGetCurrentTrustRegionRadius(tao_, &radius));
  return radius;
}

void TaoRun::record_state()
{
  const double radius = trust_radius();
  state_.numbers = {{"iteration", info_.iteration},
                    {"reference_gradient", reference_gradient_},
                    {"trust_radius", radius / objective_.length_scale()},
                    {"exact_trust_radius", radius},
                    {"exact_inexact", inexact_ ? 1. : 0.},
                    {"exact_n_idle", settings_.records ? begin_.n_idle : n_idle_},
                    {"exact_lowest_gradient", settings_.records ? begin_.lowest_gradient : lowest_gradient_}};
  if (settings_.records)
    state_.numbers["exact_begin"] = begin_.iteration;
  state_.vectors.clear();
  objective_.add_to(state_);
  if (quasi_newton_)
    quasi_newton_->add_to(state_);
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
  const double gradient = info_.relative_gradient;
  const double needed = gradient > 0 ? part_of_target * gradient_tolerance_ / gradient : 0.;
  return std::min(largest, std::max({parameters_.least_inner_tolerance, std::sqrt(gradient), needed}));
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
    const ReadArray in(x);
    if (run.is_probed_)
    {
      const double *const ones = in;
      run.is_free_.resize(run.objective_.n_local());
      std::transform(ones, ones + run.is_free_.size(), run.is_free_.begin(), [](const double one) { return one != 0; });
      return;
    }
    run.leave_if_hopeless();
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
    std::copy(residual_.begin(), residual_.end(), y);
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

void TaoRun::find_free(PC pc, Vec like)
{
  Mat matrix = nullptr;
  check_petsc(PCGetOperators(pc, &matrix, nullptr));
  Vec ones = nullptr, unused = nullptr;
  check_petsc(VecDuplicate(like, &ones));
  check_petsc(VecDuplicate(like, &unused));
  check_petsc(VecSet(ones, 1.));
  is_probed_ = true;
  const PetscErrorCode code = MatMult(matrix, ones, unused);
  is_probed_ = false;
  check_petsc(VecDestroy(&ones));
  check_petsc(VecDestroy(&unused));
  check_petsc(code);
}

PetscErrorCode TaoRun::precondition(PC pc, Vec x, Vec y)
{
  void *context = nullptr;
  if (const PetscErrorCode code = PCShellGetContext(pc, &context))
    return code;
  TaoRun &run = *static_cast<TaoRun *>(context);
  return guard_exceptions(run.exception_, [&] {
    const auto base = [&run](const double *dual, double *primal) { run.objective_.precondition(dual, primal); };
    const std::size_t n = run.objective_.n_local();
    const ReadArray in(x);
    if (!run.upper_)
    {
      const WriteArray out(y);
      run.residual_.assign(static_cast<const double *>(in), in + n);
      if (run.pairs_)
        run.pairs_->apply(base, in, out);
      else
        base(in, out);
      return;
    }
    PetscInt inner_iteration = 0;
    check_petsc(KSPGetIterationNumber(run.ksp_, &inner_iteration));
    if (inner_iteration == 0)
      run.find_free(pc, x);
    PetscInt n_of_system = 0;
    check_petsc(VecGetLocalSize(x, &n_of_system));
    const bool is_masked = static_cast<std::size_t>(n_of_system) == n; // otherwise only the free unknowns are there
    run.residual_.assign(n, 0.);
    for (std::size_t i = 0, k = 0; i < n; ++i)
      if (run.is_free_[i])
        run.residual_[i] = in[is_masked ? i : k++];
    ScaledObjective::Array primal(n);
    base(run.residual_.data(), primal.data());
    const WriteArray written(y);
    double *const out = written;
    std::fill(out, out + n_of_system, 0.);
    for (std::size_t i = 0, k = 0; i < n; ++i)
      if (run.is_free_[i])
        out[is_masked ? i : k++] = primal[i];
  });
}

} // namespace lodestone
