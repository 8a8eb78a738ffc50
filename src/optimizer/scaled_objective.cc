#include <lodestone/base/error.h>
#include <lodestone/optimizer/scaled_objective.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone
{
namespace
{

// f at a point where J could not be computed; f starts at 1.
constexpr double failed_value = 1e30;
// Sums over many data and cells carry some units of rounding.
constexpr double rounding = 16 * std::numeric_limits<double>::epsilon();

std::string answer_name(const std::size_t k)
{
  return numbered("exact_answer_", k);
}

void copy_owned(const DistributedVector &from, ScaledObjective::Array &to)
{
  to.resize(from.locally_owned_size());
  std::copy(from.begin(), from.begin() + from.locally_owned_size(), to.begin());
}

} // namespace

bool Bounds::active() const
{
  int found = 0;
  for (unsigned int i = 0; i < lower.locally_owned_size(); ++i)
    if (std::isfinite(lower.local_element(i)) || std::isfinite(upper.local_element(i)))
      found = 1;
  return dealii::Utilities::MPI::max(found, lower.get_mpi_communicator()) == 1;
}

ScaledObjective::ScaledObjective(ObjectiveFunction &objective, const DistributedVector &start, const Bounds *bounds,
                                 const bool full_metric, const double value_accuracy, const NamedState &state)
    : objective_(objective), comm_(start.get_mpi_communicator()), bounds_(bounds), full_metric_(full_metric),
      value_accuracy_(value_accuracy)
{
  Assert(!(bounds && full_metric), dealii::ExcMessage("With bounds the metric must be diagonal."));
  m_.reinit(start);
  dual_.reinit(start);
  primal_.reinit(start);
  for (unsigned int i = 0; i < start.locally_owned_size(); ++i)
  {
    m_.local_element(i) = start.local_element(i);
    if (bounds)
      m_.local_element(i) =
          std::min(std::max(m_.local_element(i), bounds->lower.local_element(i)), bounds->upper.local_element(i));
  }
  const bool goes_on = take_from(state);
  if (!goes_on)
    evaluate_start();
  accepted_ = last_;
  if (!repeats())
    (void)linearize(); // the metric may follow the model
  update_metric(nullptr);
  if (goes_on)
    metric_factor_ = state.number("exact_metric_factor", metric_factor_);
}

void ScaledObjective::evaluate_start()
{
  ++n_evaluations;
  double value = 0;
  if (!objective_.value_and_gradient(m_, value, dual_) || !std::isfinite(value))
    throw SolverError(
        "the objective could not be computed at the starting model: " + why_failed() +
        ". Start from another model, or change what section Solver asks for: another Method, more Maximum "
        "iterations, a looser Tolerance");
  choose_scale(value, dual_);
  set_variables();

  Evaluation &e = last_;
  copy_owned(m_, e.m);
  e.x = e.m;
  copy_owned(dual_, e.gradient);
  for (std::size_t i = 0; i < t_.size(); ++i)
  {
    e.x[i] *= t_[i];
    e.gradient[i] *= scale_ / t_[i];
  }
  e.value = value;
  e.f = scale_ * value;
  if (!std::isfinite(dot(e.gradient, e.gradient)))
    throw SolverError("the gradient at the starting model is not finite");
}

bool ScaledObjective::take_from(const NamedState &state)
{
  const auto x = state.vector<double>("exact_x"), gradient = state.vector<double>("exact_gradient");
  const std::size_t n = m_.locally_owned_size();
  const bool has_all = x != nullptr && gradient != nullptr && x->size() == n && gradient->size() == n &&
                       state.number("exact_scale", 0) > 0 && std::isfinite(state.number("exact_value", NAN));
  if (dealii::Utilities::MPI::min(has_all ? 1 : 0, comm_) == 0)
    return false;
  scale_ = state.number("exact_scale", 1);
  set_variables();
  Evaluation &e = last_;
  e.x = *x;
  e.gradient = *gradient;
  e.value = state.number("exact_value", 0);
  e.f = state.number("exact_f", scale_ * e.value);
  e.m.resize(n);
  // The model of a start was given and x follows from it: back from x it would be another one by a rounding.
  constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();
  for (std::size_t i = 0; i < n; ++i)
  {
    const double of_x = unscaled(e.x[i], i), given = m_.local_element(i);
    e.m[i] = std::abs(given - of_x) <= rounding * std::abs(of_x) ? given : of_x;
  }
  for (std::size_t k = 0;; ++k)
  {
    const std::string name = answer_name(k);
    const auto found = state.vector<double>(name + "gradient");
    if (found == nullptr)
      break;
    answers_.push_back({state.number(name + "failed", 0) != 0, state.number(name + "value", 0),
                        state.number(name + "distance", 0), found});
  }
  compare_value(answers_.empty() ? e.value : answers_.back().value);
  return true;
}

void ScaledObjective::compare_value(const double value)
{
  // Solves on other ranks and with another tolerance change J by less; other noise or another mesh by more.
  const double allowed = std::max(1e-6, 100 * value_accuracy_) * std::abs(value);
  double here = 0;
  dual_.zero_out_ghost_values();
  if (!objective_.value_and_gradient(m_, here, dual_) || !(std::abs(here - value) <= allowed))
    throw OtherState("J has changed at the iterate from which the run goes on, as it does with other noise or another "
                     "mesh");
}

void ScaledObjective::add_to(NamedState &state) const
{
  const Evaluation &e = records_ ? begin_ : accepted_;
  state.vectors["exact_x"] = std::make_shared<const Array>(e.x);
  state.vectors["exact_gradient"] = std::make_shared<const Array>(e.gradient);
  state.numbers["exact_scale"] = scale_;
  state.numbers["exact_value"] = e.value;
  state.numbers["exact_f"] = e.f;
  state.numbers["exact_metric_factor"] = records_ ? begin_factor_ : metric_factor_;
  for (std::size_t k = 0; k < record_.size(); ++k)
  {
    const std::string name = answer_name(k);
    state.vectors[name + "gradient"] = record_[k].gradient;
    state.numbers[name + "value"] = record_[k].value;
    state.numbers[name + "failed"] = record_[k].failed;
    state.numbers[name + "distance"] = record_[k].distance;
  }
}

void ScaledObjective::begin_record()
{
  records_ = true;
  record_.clear();
  begin_ = accepted_;
  begin_factor_ = metric_factor_;
}

double ScaledObjective::distance_from_accepted(const Array &x) const
{
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += (x[i] - accepted_.x[i]) * (x[i] - accepted_.x[i]);
  return std::sqrt(dealii::Utilities::MPI::sum(sum, comm_));
}

void ScaledObjective::answer_again(Evaluation &e)
{
  constexpr double largest_difference = 1e-6; // relative, of steps on another number of ranks
  const Answer answer = std::move(answers_.front());
  answers_.pop_front();
  if (std::abs(distance_from_accepted(e.x) - answer.distance) > largest_difference * answer.distance)
    throw OtherState("the steps of the earlier run cannot be repeated here");
  e.failed = answer.failed;
  e.value = answer.value;
  if (!e.failed)
    e.gradient = *answer.gradient;
}

std::string ScaledObjective::why_failed() const
{
  const std::string why = objective_.failure();
  return why.empty() ? "J or its gradient is not a finite number" : why;
}

void ScaledObjective::choose_scale(const double value, const DistributedVector &gradient)
{
  const DistributedVector &weights = objective_.diagonal_weights();
  double decrease = 0;
  for (unsigned int i = 0; i < weights.locally_owned_size(); ++i)
  {
    const double w = weights.local_element(i), g = gradient.local_element(i);
    decrease += w > 0 ? g * g / w : 0;
  }
  decrease = dealii::Utilities::MPI::sum(decrease, comm_);
  const double reference = value != 0 ? std::abs(value) : (decrease > 0 ? decrease : 1.);
  scale_ = 1. / reference;
}

void ScaledObjective::set_variables()
{
  const DistributedVector &weights = objective_.diagonal_weights();
  const std::size_t n = weights.locally_owned_size();
  double smallest = std::numeric_limits<double>::max(), sum = 0;
  for (std::size_t i = 0; i < n; ++i)
  {
    smallest = std::min(smallest, weights.local_element(i));
    sum += weights.local_element(i);
  }
  smallest = dealii::Utilities::MPI::min(smallest, comm_);
  sum = dealii::Utilities::MPI::sum(sum, comm_);
  if (!(smallest > 0) || !std::isfinite(sum))
    throw SolverError("the weights of the optimiser's metric must be positive and finite");
  const double mean = sum / weights.size();
  t_.resize(n);
  for (std::size_t i = 0; i < n; ++i)
    t_[i] = std::sqrt((full_metric_ ? mean : weights.local_element(i)) * scale_);
  if (bounds_)
  {
    copy_owned(bounds_->lower, lower_);
    copy_owned(bounds_->upper, upper_);
    for (std::size_t i = 0; i < n; ++i)
    {
      lower_[i] *= t_[i];
      upper_[i] *= t_[i];
    }
  }
}

double ScaledObjective::dot(const Array &a, const Array &b) const
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return dealii::Utilities::MPI::sum(sum, comm_);
}

const ScaledObjective::Evaluation *ScaledObjective::known(const double *x) const
{
  const auto equals = [&](const Array &a) { return int(a.size() == t_.size() && std::equal(a.begin(), a.end(), x)); };
  const int here[] = {equals(last_.x), equals(accepted_.x)};
  int everywhere[2];
  dealii::Utilities::MPI::min(here, comm_, everywhere);
  if (everywhere[0] == 1)
    return &last_;
  return everywhere[1] == 1 ? &accepted_ : nullptr;
}

void ScaledObjective::copy_accepted(DistributedVector &m) const
{
  m.zero_out_ghost_values();
  std::copy(accepted_.m.begin(), accepted_.m.end(), m.begin());
}

void ScaledObjective::set_point(const Array &m)
{
  m_.zero_out_ghost_values();
  std::copy(m.begin(), m.end(), m_.begin());
}

const ScaledObjective::Evaluation &ScaledObjective::evaluate(const double *x)
{
  if (const Evaluation *found = known(x))
    return *found;
  Evaluation &e = last_;
  e.x.assign(x, x + t_.size());
  e.m.resize(t_.size());
  for (std::size_t i = 0; i < t_.size(); ++i)
    e.m[i] = unscaled(x[i], i);
  if (repeats())
    answer_again(e);
  else
    evaluate_at(e);
  if (records_)
    record_.push_back({e.failed, e.value, distance_from_accepted(e.x),
                       std::make_shared<const Array>(e.failed ? accepted_.gradient : e.gradient)});
  measure_trial(e);
  return e;
}

void ScaledObjective::evaluate_at(Evaluation &e)
{
  set_point(e.m);
  dual_.zero_out_ghost_values();
  ++n_evaluations;
  e.failed = !objective_.value_and_gradient(m_, e.value, dual_) || !std::isfinite(e.value);
  if (!e.failed)
  {
    copy_owned(dual_, e.gradient);
    for (std::size_t i = 0; i < t_.size(); ++i)
      e.gradient[i] *= scale_ / t_[i];
    e.failed = !std::isfinite(dot(e.gradient, e.gradient));
  }
  n_failed_evaluations += e.failed ? 1 : 0;
}

double ScaledObjective::unscaled(const double x, const unsigned int i) const
{
  const double m = x / t_[i];
  return bounds_ ? std::min(std::max(m, bounds_->lower.local_element(i)), bounds_->upper.local_element(i)) : m;
}

double ScaledObjective::noise() const
{
  return std::max(value_accuracy_, rounding) * std::abs(scale_ * accepted_.value);
}

void ScaledObjective::measure_trial(Evaluation &trial)
{
  if (trial.failed)
  {
    trial.f = failed_value;
    trial.gradient = accepted_.gradient;
    trials_.push_back({true, 0, 0, why_failed()});
    return;
  }
  double sums[2] = {0, 0};
  for (std::size_t i = 0; i < t_.size(); ++i)
  {
    const double step = trial.x[i] - accepted_.x[i];
    sums[0] += accepted_.gradient[i] * step;
    sums[1] += 0.5 * (accepted_.gradient[i] + trial.gradient[i]) * step;
  }
  dealii::Utilities::MPI::sum(dealii::ArrayView<const double>(sums, 2), comm_, dealii::ArrayView<double>(sums, 2));
  const double change = scale_ * (trial.value - accepted_.value);
  const bool below_noise = std::abs(sums[0]) <= 10 * noise() && std::abs(change) <= 10 * noise();
  trial.f = accepted_.f + (below_noise ? sums[1] : change);
  trials_.push_back({false, sums[0], change});
}

unsigned int ScaledObjective::trials_below_noise() const
{
  const double limit = noise();
  return std::count_if(trials_.begin(), trials_.end(),
                       [limit](const TrialStep &trial) { return !trial.failed && std::abs(trial.predicted) <= limit; });
}

void ScaledObjective::accept(const double *x)
{
  const Evaluation evaluation = evaluate(x);
  const Evaluation previous = std::move(accepted_);
  accepted_ = evaluation;
  trials_.clear();
  if (!repeats())
    (void)linearize();
  update_metric(&previous);
}

void ScaledObjective::measure_gradient()
{
  const Array &gradient = accepted_.gradient;
  Array effective = gradient;
  if (bounds_)
    for (std::size_t i = 0; i < effective.size(); ++i)
      if ((accepted_.x[i] <= lower_[i] && gradient[i] > 0) || (accepted_.x[i] >= upper_[i] && gradient[i] < 0))
        effective[i] = 0;
  metric_gradient_.resize(effective.size());
  apply_metric(effective.data(), metric_gradient_.data());
  const double squared_norm = dot(effective, metric_gradient_);
  if (!(squared_norm >= 0))
    throw SolverError("the optimiser's metric is not positive definite: g' R^-1 g = " + std::to_string(squared_norm));
  gradient_norm_ = std::sqrt(squared_norm) / std::sqrt(scale_);
}

void ScaledObjective::update_metric(const Evaluation *previous)
{
  const Array &gradient = accepted_.gradient;
  const Array previous_metric_gradient = std::move(metric_gradient_);
  measure_gradient();
  if (!previous)
  {
    const double squared_norm = gradient_norm_ * gradient_norm_ * scale_;
    // The step is as long as R^-1 g, but at most so long that a straight line would bring J to -J.
    metric_factor_ = squared_norm > 0 ? std::min(1., 2. * std::abs(accepted_.f) / squared_norm) : 1.;
    if (accepted_.f == 0)
      metric_factor_ = 1;
    return;
  }
  double curvature = 0, length = 0; // s' y and y' R^-1 y
  for (std::size_t i = 0; i < gradient.size(); ++i)
  {
    const double y = gradient[i] - previous->gradient[i];
    curvature += (accepted_.x[i] - previous->x[i]) * y;
    length += y * (metric_gradient_[i] - previous_metric_gradient[i]);
  }
  curvature = dealii::Utilities::MPI::sum(curvature, comm_);
  length = dealii::Utilities::MPI::sum(length, comm_);
  if (curvature > 0 && length > 0)
    metric_factor_ = curvature / length;
}

void ScaledObjective::improve_gradient()
{
  set_point(accepted_.m);
  dual_.zero_out_ghost_values();
  double value = 0;
  if (!objective_.value_and_gradient(m_, value, dual_))
    throw SolverError("the gradient at the last accepted model could not be computed to full accuracy: " +
                      why_failed());
  for (std::size_t i = 0; i < t_.size(); ++i)
    accepted_.gradient[i] = dual_.local_element(i) * scale_ / t_[i];
  if (known(accepted_.x.data()) == &last_)
    last_.gradient = accepted_.gradient;
  measure_gradient();
}

bool ScaledObjective::linearize()
{
  set_point(accepted_.m);
  return objective_.linearize_at(m_);
}

bool ScaledObjective::apply_hessian(const double *x, double *out)
{
  primal_.zero_out_ghost_values();
  dual_.zero_out_ghost_values();
  for (std::size_t i = 0; i < t_.size(); ++i)
    primal_.local_element(i) = x[i] / t_[i];
  ++n_hessian_actions;
  if (!objective_.apply_hessian(primal_, dual_))
    return false;
  double sum = 0;
  for (std::size_t i = 0; i < t_.size(); ++i)
  {
    out[i] = dual_.local_element(i) * scale_ / t_[i];
    sum += out[i];
  }
  return std::isfinite(dealii::Utilities::MPI::sum(sum, comm_));
}

void ScaledObjective::apply_inverse_metric(const double *x, double *out)
{
  primal_.zero_out_ghost_values();
  dual_.zero_out_ghost_values();
  for (std::size_t i = 0; i < t_.size(); ++i)
    primal_.local_element(i) = x[i] / t_[i];
  objective_.apply_inverse_metric(primal_, dual_);
  for (std::size_t i = 0; i < t_.size(); ++i)
    out[i] = dual_.local_element(i) * scale_ / t_[i];
}

void ScaledObjective::apply_metric(const double *dual, double *out)
{
  if (full_metric_)
    apply(&ObjectiveFunction::apply_metric, dual, out);
  else
    std::copy(dual, dual + t_.size(), out);
}

void ScaledObjective::precondition(const double *dual, double *out)
{
  apply(&ObjectiveFunction::precondition, dual, out);
}

void ScaledObjective::apply(void (ObjectiveFunction::*map)(const DistributedVector &, DistributedVector &),
                            const double *dual, double *out)
{
  primal_.zero_out_ghost_values();
  dual_.zero_out_ghost_values();
  for (std::size_t i = 0; i < t_.size(); ++i)
    dual_.local_element(i) = dual[i] * t_[i];
  (objective_.*map)(dual_, primal_);
  for (std::size_t i = 0; i < t_.size(); ++i)
    out[i] = primal_.local_element(i) * (t_[i] / scale_);
}

} // namespace lodestone
