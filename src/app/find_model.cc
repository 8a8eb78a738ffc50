#include <lodestone/app/adapt.h>
#include <lodestone/app/find_model.h>
#include <lodestone/app/noise_estimate.h>
#include <lodestone/base/stop_request.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace lodestone
{

namespace
{
constexpr unsigned int most_noise_estimates = 3, most_rounds_of_weights = 8;

const char *const noise_estimates_name = "estimates_of_noise";
const char *const looks_for_weight_name = "estimates_weight_search";
const char *const rounds_name = "estimates_of_weights";
const char *const adapted_name = "mesh_adapted_at";

/// What has changed the problem so far.
struct Progress
{
  NamedState::Shared<double> adapted_at; ///< the model at which the mesh became another one; null: nowhere
  unsigned int noise_estimates = 0;
  bool looks_for_weight = false; ///< the noise is known, and the weight of the prior is looked for
  unsigned int rounds_of_weights = 0;

  static Progress in(const OptimizerState &state)
  {
    return {state.vector<double>(adapted_name), static_cast<unsigned int>(state.number(noise_estimates_name, 0)),
            state.number(looks_for_weight_name, 0) != 0, static_cast<unsigned int>(state.number(rounds_name, 0))};
  }
  bool noise_may_change() const { return !looks_for_weight && rounds_of_weights == 0; }
  bool noise_has_changed() const { return noise_estimates > 0 || rounds_of_weights > 0; }
  bool mesh_may_change() const { return !adapted_at && !noise_has_changed() && !looks_for_weight; }
};

/// Calls visit(name, number) for every number of a noise model that an estimate may change.
template <typename Model, typename Visit>
void for_each_number(const std::string &prefix, Model &model, const Visit &visit)
{
  visit(prefix + "sill", model.sill.root);
  visit(prefix + "nugget", model.nugget.root);
  visit(prefix + "range", model.range);
  visit(prefix + "factor", model.factor);
}

/// Calls visit(prefix of names, data set, load case) for every data set.
template <int dim, typename Visit>
void for_each_set(const Problem<dim> &problem, const Visit &visit)
{
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
    for (unsigned int k = 0; k < problem.data_sets(s).size(); ++k)
      visit(numbered("noise_", s) + numbered("", k), problem.data_sets(s)[k], s);
}

/// From here on checkpoints hold what has changed the problem.
template <int dim>
void remember(const Progress &progress, const Problem<dim> &problem, Minimisation<dim> &minimisation)
{
  NamedState state;
  state.numbers = {{noise_estimates_name, progress.noise_estimates},
                   {looks_for_weight_name, progress.looks_for_weight},
                   {rounds_name, progress.rounds_of_weights}};
  if (progress.adapted_at)
    state.vectors[adapted_name] = progress.adapted_at;
  for_each_set(problem, [&](const std::string &prefix, const DataSet &set, unsigned int) {
    for_each_number(prefix, set.noise,
                    [&](const std::string &name, const double number) { state.numbers[name] = number; });
    state.numbers[prefix + "sill_is_relative"] = set.noise.sill.relative;
    state.numbers[prefix + "nugget_is_relative"] = set.noise.nugget.relative;
  });
  minimisation.keep_in_checkpoints(std::move(state));
}

/// Gives the problem the noise that a checkpoint holds.
template <int dim>
void take_noise(const OptimizerState &before, Problem<dim> &problem, Log &log)
{
  std::vector<std::vector<NoiseModel>> noise(problem.parameters().load_cases.size());
  for_each_set(problem, [&](const std::string &prefix, const DataSet &set, const unsigned int s) {
    NoiseModel model = set.noise;
    for_each_number(prefix, model,
                    [&](const std::string &name, double &number) { number = before.number(name, number); });
    model.sill.relative = before.number(prefix + "sill_is_relative", model.sill.relative) != 0;
    model.nugget.relative = before.number(prefix + "nugget_is_relative", model.nugget.relative) != 0;
    noise[s].push_back(model);
    if (model.estimate || model.factor != 1)
      log.line("data set " + set.name + " of load case " + problem.parameters().load_cases[s].name +
               ": noise as estimated before the checkpoint: " + model.describe(set.unit, set.unit_name));
  });
  problem.set_noise(noise);
}

/// Adapts the mesh at the model where the run that goes on has adapted it.
template <int dim>
void adapt_again(const NamedState::Shared<double> &adapted_at, Run<dim> &run, Minimisation<dim> &minimisation, Log &log)
{
  const CostLedger ledger = run.problem().objective().ledger();
  ParameterVector at = run.problem().parametrization().make_vector();
  std::copy(adapted_at->begin(), adapted_at->end(), at.values().begin());
  at.values().update_ghost_values();
  log.line("the mesh is adapted at the model where it was adapted before the checkpoint");
  (void)run.adapt_at(at, FirstMesh::is_checked);
  minimisation.m() = copy_for(run.problem(), minimisation.m());
  run.problem().objective().begin_ledger_with(ledger); // it counts what adapting took already
}

/// The variance components at the minimum. With `Weights = estimate` they change sigma of the data sets, and the
/// minimisation goes on, until they stay.
template <int dim>
std::optional<VarianceComponents> weigh_data_sets(Run<dim> &run, Minimisation<dim> &minimisation, Progress &progress,
                                                  Log &log)
{
  Problem<dim> &problem = run.problem();
  std::optional<VarianceComponents> found;
  while (minimisation.result().stop.converged && !stop_requested_on_any_rank(run.communicator()))
  {
    const bool is_discrepancy = !minimisation.continuation().weight_path().empty() &&
                                run.parameters().prior.weight_choice().choice == WeightChoice::discrepancy;
    found = variance_components(problem, is_discrepancy, log);
    if (!found || run.parameters().data_weights == DataWeights::given)
      break;
    if (progress.rounds_of_weights == most_rounds_of_weights)
    {
      log.warning("Weights = estimate: after " + std::to_string(most_rounds_of_weights) +
                  " rounds the factors of sigma still change. Look whether one of the data sets disagrees with the "
                  "others, and give the sets' sigma by hand.");
      break;
    }
    if (!apply_variance_components(problem, *found, log))
      break;
    ++progress.rounds_of_weights;
    remember(progress, problem, minimisation);
    minimisation.run_again();
  }
  return found;
}
} // namespace

template <int dim>
std::optional<VarianceComponents> find_model(Run<dim> &run, Minimisation<dim> &minimisation, Log &log)
{
  const OptimizerState before = minimisation.goes_on() ? minimisation.state() : OptimizerState();
  Progress progress = Progress::in(before);
  if (progress.adapted_at)
    adapt_again(progress.adapted_at, run, minimisation, log);
  if (progress.noise_has_changed())
    take_noise(before, run.problem(), log);
  remember(progress, run.problem(), minimisation);
  const auto &result = minimisation.result();
  // What chi^2/N says of the weight depends on the noise: until that is estimated, the prior is taken at its word.
  const WeightParameters weight = run.parameters().prior.weight_choice();
  const bool weight_comes_later = weight.choice != WeightChoice::given && wants_noise_estimate(run.problem());
  if (weight_comes_later && progress.noise_may_change())
  {
    minimisation.set_weight(WeightParameters());
    log.line("Estimate noise: the weight of the prior is 1 until the noise is estimated, and looked for after that");
  }
  minimisation.run();
  if (progress.mesh_may_change() && result.stop.converged && run.adapt_at(minimisation.m(), FirstMesh::is_checked))
  {
    const auto &m = minimisation.m().values();
    progress.adapted_at = std::make_shared<const std::vector<double>>(m.begin(), m.begin() + m.locally_owned_size());
    remember(progress, run.problem(), minimisation);
    minimisation.run_again();
  }
  while (progress.noise_may_change() && progress.noise_estimates < most_noise_estimates && result.stop.converged &&
         estimate_noise(run.problem(), run.directory(), log))
  {
    ++progress.noise_estimates;
    remember(progress, run.problem(), minimisation);
    minimisation.run_again();
  }
  if (weight_comes_later && progress.noise_may_change() && result.stop.converged)
  {
    progress.looks_for_weight = true;
    remember(progress, run.problem(), minimisation);
    minimisation.set_weight(weight);
    minimisation.run_again();
  }
  return weigh_data_sets(run, minimisation, progress, log);
}

template std::optional<VarianceComponents> find_model<2>(Run<2> &, Minimisation<2> &, Log &);
template std::optional<VarianceComponents> find_model<3>(Run<3> &, Minimisation<3> &, Log &);

} // namespace lodestone
