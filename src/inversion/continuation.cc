#include <lodestone/inversion/continuation.h>
#include <lodestone/optimizer/curvature_pairs.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace lodestone
{

namespace
{
// Of |g|/|g_0| on coarser meshes: what is left is small against the change of the minimiser from mesh to mesh.
constexpr double coarse_gradient_tolerance = 1e-2;

const char *const coarsenings_name = "continuation_coarsenings";
const char *const begin_name = "continuation_begin";
const char *const actions_name = "continuation_hessian_actions";
const char *const weight_name = "continuation_weight";

std::string name_of(const std::size_t level, const std::string &what)
{
  return numbered("continuation_", level) + what;
}

template <typename Level, typename Visit>
void for_each_number(Level &level, const Visit &visit)
{
  visit("coarsenings", level.coarsenings);
  visit("cells", level.cells);
  visit("unknowns", level.unknowns);
  visit("iterations", level.iterations);
  visit("hessian_actions", level.hessian_actions);
  visit("seconds", level.seconds);
  visit("value", level.value);
  visit("misfit", level.misfit);
  visit("chi_squared_per_datum", level.chi_squared_per_datum);
  visit("prior_weight", level.prior_weight);
}

/// sqrt(g^T R^-1 g) at m to about a percent; 0 where it cannot be computed.
double gradient_norm(ReducedObjective &objective, const ParameterVector &m)
{
  constexpr double accuracy = 1e-2;
  ParameterVector gradient(m.shared_layout()), primal(gradient);
  objective.set_accuracy({accuracy, accuracy});
  const bool done = objective.evaluate(m).converged && objective.gradient(gradient).converged &&
                    objective.prior()->apply_inverse(gradient, primal).converged;
  objective.set_accuracy({});
  return done ? std::sqrt(std::max(0., gradient.values() * primal.values())) : 0.;
}

void prolong_pairs(OptimizerState &state, const ParameterVector &m, const Prior &coarse,
                   const Prolongation &prolongation, const ParameterVector &fine_m, const Prior &fine)
{
  ParameterVector s(m.shared_layout()), y(s), of_prior(s), fine_s(fine_m.shared_layout()), fine_y(fine_s),
      fine_of_prior(fine_s);
  CurvaturePairs::change(
      state,
      [&](std::vector<float> &direction, std::vector<float> &action) {
        std::copy(direction.begin(), direction.end(), s.values().begin());
        std::copy(action.begin(), action.end(), y.values().begin());
        of_prior.values() = 0;
        coarse.add_precision(s, of_prior);
        y.values() -= of_prior.values();
        prolongation.dual(of_prior, fine_of_prior);
        fine.precondition(fine_of_prior, fine_s);
        prolongation.dual(y, fine_y);
        fine.add_precision(fine_s, fine_y);
        const std::size_t n = fine_s.values().locally_owned_size();
        direction.assign(fine_s.values().begin(), fine_s.values().begin() + n);
        action.assign(fine_y.values().begin(), fine_y.values().begin() + n);
      },
      m.values().get_mpi_communicator());
}
} // namespace

Continuation::Continuation(const unsigned int n_coarser, const InversionParameters &inversion,
                           const WeightParameters &weight)
    : coarsenings_(n_coarser), inversion_(inversion), weight_(weight)
{
}

void Continuation::resume(const OptimizerState &state)
{
  coarsenings_ = static_cast<unsigned int>(state.number(coarsenings_name, 0));
  begin_ = state.number(begin_name, 0);
  earlier_actions_ = state.number(actions_name, 0);
  chosen_weight_ = state.number(weight_name, 0);
  weight_path_ = chosen_weight_ > 0 ? WeightSearch::path_in(state) : WeightPath();
  levels_.clear();
  while (state.numbers.count(name_of(levels_.size(), "coarsenings")) > 0)
  {
    ContinuationLevel level;
    for_each_number(
        level, [&](const std::string &what, double &value) { value = state.number(name_of(levels_.size(), what), 0); });
    levels_.push_back(level);
  }
}

OptimizerState Continuation::with_path(OptimizerState state, const unsigned int hessian_actions) const
{
  state.numbers[coarsenings_name] = coarsenings_;
  state.numbers[begin_name] = begin_;
  state.numbers[actions_name] = earlier_actions_ + hessian_actions;
  state.numbers[weight_name] = chosen_weight_;
  if (chosen_weight_ > 0)
    WeightSearch::add_path(weight_path_, state);
  for (std::size_t k = 0; k < levels_.size(); ++k)
    for_each_number(levels_[k],
                    [&](const std::string &what, const double value) { state.numbers[name_of(k, what)] = value; });
  return state;
}

InversionParameters Continuation::inversion() const
{
  InversionParameters parameters = inversion_;
  if (!is_finest())
    parameters.optimizer.gradient_tolerance =
        std::max(parameters.optimizer.gradient_tolerance, coarse_gradient_tolerance);
  return parameters;
}

WeightParameters Continuation::weight() const
{
  WeightParameters parameters = weight_;
  if (chosen_weight_ > 0)
    parameters.choice = WeightChoice::given;
  return parameters;
}

void Continuation::begin(ReducedObjective &objective) const
{
  if (chosen_weight_ > 0)
    objective.prior()->set_factor(chosen_weight_);
}

void Continuation::end(const Optimizer::Result &result, const WeightSearch &search, ContinuationLevel level)
{
  const Iterate &last = search.last();
  level.coarsenings = coarsenings_;
  level.iterations = result.last.iteration - begin_;
  level.hessian_actions = earlier_actions_ + result.last.n_hessian_actions;
  level.value = last.optimizer.value;
  level.misfit = last.misfit;
  level.chi_squared_per_datum = last.typical_chi_squared_per_datum;
  level.prior_weight = last.prior_weight;
  levels_.push_back(level);
  begin_ = result.last.iteration;
  earlier_actions_ = 0;
  if (search.path().empty())
    return;
  weight_path_ = search.path();
  weight_is_found_ = search.succeeded();
  if (weight_is_found_ && result.stop.converged)
    chosen_weight_ = weight_path_.back().weight;
}

OptimizerState Continuation::choose_weight_again(OptimizerState state)
{
  if (chosen_weight_ > 0)
    state.numbers["prior_weight"] = chosen_weight_;
  chosen_weight_ = 0;
  begin_ = state.number("iteration", 0);
  earlier_actions_ = 0;
  return state;
}

void Continuation::prolong(const ParameterVector &m, const Prior *const coarse, const Prolongation &prolongation,
                           ParameterVector &fine_m, Prior *const fine)
{
  if (coarse == nullptr || !coarse->is_quadratic())
    return prolongation.primal(m, fine_m);
  ParameterVector dual(m.shared_layout()), fine_dual(fine_m.shared_layout());
  fine->set_factor(coarse->factor());
  coarse->add_precision(m, dual);
  prolongation.dual(dual, fine_dual);
  if (!fine->apply_inverse(fine_dual, fine_m).converged)
    prolongation.primal(m, fine_m);
  fine_m.values().update_ghost_values();
}

OptimizerState Continuation::refine(OptimizerState state, const ParameterVector &m, Prior *const coarse,
                                    const Prolongation &prolongation, ParameterVector &fine_m, ReducedObjective &fine,
                                    const ParameterVector &origin)
{
  Assert(!is_finest(), dealii::ExcMessage("There is no finer mesh."));
  --coarsenings_;
  state = Optimizer::for_other_objective(std::move(state));
  if (!(chosen_weight_ > 0))
    state = WeightSearch::for_changed_problem(std::move(state));
  Prior *const prior = fine.prior();
  if (prior == nullptr)
  {
    prolongation.primal(m, fine_m);
    state.vectors.clear();
    state.numbers.erase("reference_gradient");
    return state;
  }
  prior->set_factor(coarse->factor());
  state.numbers["reference_gradient"] = gradient_norm(fine, origin);
  prolong(m, coarse, prolongation, fine_m, prior);
  prior->linearize_at(fine_m);
  prolong_pairs(state, m, *coarse, prolongation, fine_m, *prior);
  return state;
}

} // namespace lodestone
