#include <lodestone/base/number_text.h>
#include <lodestone/inversion/weight_search.h>
#include <lodestone/optimizer/curvature_pairs.h>
#include <lodestone/optimizer/scaled_objective.h>

#include <cmath>

namespace lodestone
{

namespace
{
const char *const weight_name = "prior_weight";
const char *const last_name = "prior_weight_is_last";
const char *const begin_name = "weight_search_begin"; // iterations before the path began
const std::string path_name = "weight_path_";

/// Names of a point's numbers in a state.
std::string name_in_path(const std::size_t k, const std::string &what)
{
  return numbered(path_name, k) + what;
}

template <typename Point, typename Visit>
void for_each_number(Point &point, const Visit &visit)
{
  visit("weight", point.weight);
  visit("misfit", point.misfit);
  visit("prior", point.prior);
  visit("chi_squared_per_datum", point.chi_squared_per_datum);
  visit("iterations", point.iterations);
  visit("hessian_actions", point.hessian_actions);
}

std::unique_ptr<WeightRule> make_rule(const WeightParameters &parameters)
{
  switch (parameters.choice)
  {
  case WeightChoice::given:
    return nullptr;
  case WeightChoice::discrepancy:
    return std::make_unique<DiscrepancyRule>(parameters.target);
  case WeightChoice::l_curve:
    return std::make_unique<LCurveRule>(parameters.target);
  }
  return nullptr;
}

/// What the user is told of the search, at its begin.
std::string begin_of_search(const WeightParameters &parameters)
{
  const std::string target = significant(parameters.target);
  return parameters.choice == WeightChoice::discrepancy
             ? "Prior/Weight = discrepancy, which is the default: the weight is looked for at which chi^2/N is " +
                   target +
                   ", so that the data are fitted to their sigma and no better. A number in its place is taken as it "
                   "is."
             : "Prior/Weight = l-curve: the weight is looked for at which the curve of ln prior over ln misfit bends "
               "most.";
}

/// Changes the Hessian actions y of the pairs from the weight w to w + change: y becomes y + change R s. In the
/// variables of pairs, which make s . y = 1, R is in units of the mean of the unknowns' weights, which is 1.
void change_weight(OptimizerState &state, const double change, ReducedObjective &objective)
{
  Prior &prior = *objective.prior();
  const double factor = prior.factor();
  prior.set_factor(1);
  const ParameterVector &m = objective.parameters();
  ParameterVector s(m.shared_layout());
  CurvaturePairs::change(
      state,
      [&](const std::vector<float> &direction, std::vector<float> &action) {
        for (unsigned int i = 0; i < direction.size(); ++i)
          s.values().local_element(i) = direction[i];
        s.values().update_ghost_values();
        ParameterVector r(m.shared_layout());
        prior.add_precision(s, r);
        for (unsigned int i = 0; i < direction.size(); ++i)
          action[i] += change * r.values().local_element(i);
        s.values().zero_out_ghost_values();
      },
      m.values().get_mpi_communicator());
  prior.set_factor(factor);
}
} // namespace

WeightSearch::WeightSearch(ReducedObjective &objective, const DistributedVector &weights,
                           const InversionParameters &inversion, const WeightParameters &parameters, Log &log)
    : objective_(objective), parameters_(parameters), log_(log), inversion_(objective, weights, inversion, log),
      is_newton_(inversion.optimizer.is_newton()),
      rule_(objective.prior() != nullptr && weights.size() > 0 ? make_rule(parameters) : nullptr)
{
}

void WeightSearch::resume(OptimizerState state)
{
  path_ = rule_ ? path_in(state) : WeightPath();
  begin_ = state.number(begin_name, 0);
  start_ = std::move(state);
}

WeightPath WeightSearch::path_in(const OptimizerState &state)
{
  WeightPath path;
  while (state.numbers.count(name_in_path(path.size(), "weight")) > 0)
  {
    WeightPoint point;
    for_each_number(point, [&](const std::string &what, double &value) {
      value = state.number(name_in_path(path.size(), what), 0);
    });
    path.push_back(point);
  }
  return path;
}

void WeightSearch::add_path(const WeightPath &path, OptimizerState &state)
{
  for (std::size_t k = 0; k < path.size(); ++k)
    for_each_number(path[k],
                    [&](const std::string &what, const double value) { state.numbers[name_in_path(k, what)] = value; });
}

OptimizerState WeightSearch::state() const
{
  OptimizerState state = inversion_.state();
  if (!rule_)
    return state;
  state.numbers[weight_name] = trial_.weight;
  state.numbers[last_name] = trial_.is_last;
  state.numbers[begin_name] = begin_;
  add_path(path_, state);
  return state;
}

OptimizerState WeightSearch::for_changed_problem(OptimizerState state)
{
  state = Optimizer::for_other_objective(std::move(state));
  for (auto number = state.numbers.begin(); number != state.numbers.end();)
    number = number->first.rfind(path_name, 0) == 0 ? state.numbers.erase(number) : std::next(number);
  state.numbers[begin_name] = state.number("iteration", 0);
  return state;
}

void WeightSearch::use_weight(const double weight)
{
  objective_.prior()->set_factor(weight);
}

double WeightSearch::first_weight(const ParameterVector &m)
{
  constexpr std::uint64_t seed = 1;
  constexpr unsigned int n_steps = 4;
  constexpr double share = 0.1;
  Prior &prior = *objective_.prior();
  use_weight(1);
  ParameterVector v(m.shared_layout()), w(m.shared_layout());
  double eigenvalue = 0;
  if (!objective_.evaluate(m).converged || !prior.sample(seed, v).converged)
    return 1; // what is wrong is said by the minimisation
  for (unsigned int step = 0; step < n_steps; ++step)
  {
    ParameterVector of_prior(m.shared_layout());
    prior.add_precision(v, of_prior);
    if (!objective_.apply_hessian(v, w, true).converged)
      return 1;
    w.values() -= of_prior.values();
    eigenvalue = (v.values() * w.values()) / (v.values() * of_prior.values());
    if (!(eigenvalue > 0 && std::isfinite(eigenvalue)) || !prior.apply_inverse(w, v).converged)
      return 1;
    v.values() /= v.values().linfty_norm();
  }
  return share * eigenvalue;
}

WeightPoint WeightSearch::point_at(const Optimizer::Result &result) const
{
  const Iterate iterate = inversion_.last();
  WeightPoint point;
  point.weight = trial_.weight;
  point.misfit = iterate.misfit;
  point.prior = iterate.prior;
  point.chi_squared_per_datum = iterate.typical_chi_squared_per_datum;
  point.iterations = result.last.iteration - begin_;
  for (const WeightPoint &before : path_)
    point.iterations -= before.iterations;
  point.hessian_actions = result.last.n_hessian_actions - earlier_actions_;
  return point;
}

Optimizer::Result WeightSearch::run(ParameterVector &m,
                                    const std::optional<std::pair<ParameterVector, ParameterVector>> &bounds,
                                    const double solver_tolerance)
{
  constexpr double steps_over_rest = 4; // what a truncated Newton step changes, over what is left after it
  if (!rule_)
  {
    inversion_.resume(std::move(start_));
    return inversion_.run(m, bounds, solver_tolerance);
  }
  bool has_metric = true;
  if (bounds)
    has_metric = !Bounds{bounds->first.values(), bounds->second.values()}.active();
  trial_ = {start_.number(weight_name, 0), start_.number(last_name, 0) != 0, ""};
  const Inversion::Test is_good_enough = [&](const Iterate &iterate) {
    constexpr double small_gradient = 3e-3, full_step = 0.5;
    const double g = iterate.optimizer.gradient_norm,
                 allowed = rule_->accuracy(iterate.typical_chi_squared_per_datum) * iterate.misfit;
    if (!has_metric)
      return iterate.optimizer.relative_gradient <= small_gradient;
    return (std::sqrt(2 * iterate.prior) + g) * g <= allowed ||
           (is_newton_ && iterate.optimizer.step > full_step &&
            std::abs(iterate.misfit_change) <= steps_over_rest * allowed);
  };
  if (!(trial_.weight > 0))
    trial_ = {first_weight(m), false, ""};
  log_.line("\n" + begin_of_search(parameters_));
  while (true)
  {
    use_weight(trial_.weight);
    log_.line("prior weight " + significant(trial_.weight, 4) + ":");
    const bool is_last = trial_.is_last;
    inversion_.good_enough_when(is_last ? Inversion::Test() : is_good_enough, rule_->newton_tolerance());
    inversion_.resume(std::move(start_));
    Optimizer::Result result = inversion_.run(m, bounds, solver_tolerance);
    const bool is_known = !path_.empty() && path_.back().weight == trial_.weight;
    if (is_last && result.stop.converged && !is_known && !is_good_enough(inversion_.last()))
    {
      // The gradient at the start was so large that the tolerance says little.
      inversion_.good_enough_when(is_good_enough, rule_->newton_tolerance());
      inversion_.resume(inversion_.state());
      const StopReason stop = result.stop;
      result = inversion_.run(m, bounds, solver_tolerance);
      if (result.stop.converged)
        result.stop = stop;
    }
    if (!result.stop.converged)
    {
      succeeded_ = trial_.is_last;
      return result;
    }
    path_.push_back(point_at(result));
    earlier_actions_ = result.last.n_hessian_actions;
    if (trial_.is_last && rule_->accepts(path_))
    {
      succeeded_ = rule_->reached(path_);
      return result;
    }
    start_ = Optimizer::for_other_objective(inversion_.state());
    const WeightRule::Trial next = rule_->next(path_);
    if (!next.remark.empty())
      log_.line(next.remark);
    change_weight(start_, next.weight - trial_.weight, objective_);
    if (has_metric) // |g_0| in the metric of the prior's inverse, at a start that the prior is about
      start_.numbers["reference_gradient"] *= std::sqrt(trial_.weight / next.weight);
    trial_ = next;
  }
}

} // namespace lodestone
