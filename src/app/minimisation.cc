#include <lodestone/app/discretization_error.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/failure.h>
#include <lodestone/app/minimisation.h>
#include <lodestone/app/petsc_options.h>
#include <lodestone/app/poisson_watch.h>
#include <lodestone/app/problem_notes.h>
#include <lodestone/app/result_writer.h>
#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/discretization/parameter_prolongation.h>
#include <lodestone/inversion/run_cost.h>
#include <lodestone/io/history_writer.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace lodestone
{

namespace
{
template <int dim>
Prolongation make_prolongation(const ParameterProlongation<dim> &prolongation)
{
  return {[&](const ParameterVector &coarse, ParameterVector &fine) { prolongation.apply(coarse, fine); },
          [&](const ParameterVector &coarse, ParameterVector &fine) { prolongation.apply_to_dual(coarse, fine); }};
}

/// Sums that the last row of a history holds, from which those of later rows count on.
Iterate counts_of(const NumberTable &history)
{
  Iterate counts;
  const std::vector<std::string> names = Inversion::history_columns();
  const auto last = [&](const char *name) {
    const std::size_t c = std::find(names.begin(), names.end(), name) - names.begin();
    return c < history.columns.size() && history.n_rows() > 0 ? history.columns[c].back() : 0.;
  };
  counts.optimizer.n_hessian_actions = static_cast<unsigned int>(last("Hessian actions"));
  counts.optimizer.n_failed_evaluations = static_cast<unsigned int>(last("failed evaluations"));
  counts.seconds = last("time [s]");
  return counts;
}

/// Whether a row is that of the iterate where the history ends: a minimisation that is begun again there has nothing to
/// add, unless the objective has changed. @param only_iterate do not compare J, which differs by rounding on other ranks
bool is_last_row(const NumberTable &history, const std::vector<double> &row, const bool only_iterate)
{
  return history.n_rows() > 0 && history.columns[0].back() == row[0] &&
         (only_iterate || history.columns[1].back() == row[1]);
}

Iterate counted_on(Iterate iterate, const Iterate &before)
{
  iterate.optimizer.n_hessian_actions += before.optimizer.n_hessian_actions;
  iterate.optimizer.n_failed_evaluations += before.optimizer.n_failed_evaluations;
  return iterate;
}
} // namespace

template <int dim>
Minimisation<dim>::Minimisation(Run<dim> &run, const Deck &deck, const Resumption &resumption, Log &log)
    : run_(run), log_(log), continuation_(run.parameters().inversion.continuation_levels, run.parameters().inversion,
                                          run.parameters().prior.weight_choice()),
      goes_on_(resumption.goes_on), entries_(resumption.entries),
      checkpoint_(run.directory().file("checkpoint/model.h5"), "Optimizer/Resume", run.communicator()),
      clock_(run.parameters().inversion.checkpoint_interval, run.communicator())
{
  const InversionParameters &inversion = run.parameters().inversion;
  require_memory_of_method(inversion.optimizer, run.problem().parametrization().layout()->size(), run.communicator());
  if (goes_on_)
    continuation_.resume(resumption.state);
  if (const unsigned int coarsenings = continuation_.coarsenings(); coarsenings > inversion.continuation_levels)
    throw InputError("Optimizer/Continuation levels",
                     "found " + std::to_string(inversion.continuation_levels) +
                         ", but the run that is resumed was stopped before " + std::to_string(coarsenings) +
                         " finer meshes",
                     "Give at least " + std::to_string(coarsenings) + ", or Resume = no.");
  coarser_ = make_coarser(continuation_.coarsenings());
  if (!inversion.start_model.empty())
    start_model_ = deck.resolve(inversion.start_model);
  m_ = origin(present());
  if (goes_on_)
  {
    content_ = checkpoint_.read(present().parametrization().cells(), resumption.file, m_, resumption.has_vectors);
    if (!resumption.has_vectors)
      content_.state = Optimizer::for_other_objective(std::move(content_.state));
    CostLedger ledger;
    ledger.take_from(content_.state.numbers);
    present().objective().begin_ledger_with(ledger);
  }
  else if (resumption.takes_model)
    read_unknowns(present().parametrization().cells(), resumption.file, "Optimizer/Resume", m_);
}

template <int dim>
ParameterVector Minimisation<dim>::origin(const Problem<dim> &problem) const
{
  ParameterVector m = problem.parametrization().make_vector();
  if (!start_model_.empty())
    read_unknowns(problem.parametrization().cells(), start_model_, "Optimizer/Start model", m);
  return m;
}

template <int dim>
std::unique_ptr<Problem<dim>> Minimisation<dim>::make_coarser(const unsigned int coarsenings) const
{
  if (coarsenings == 0)
    return nullptr;
  std::unique_ptr<Mesh<dim>> mesh = run_.problem().mesh().make_coarser();
  for (unsigned int step = 1; step < coarsenings; ++step)
    mesh = mesh->make_coarser();
  Log silent = Log::silent(run_.communicator());
  try
  {
    auto problem = Problem<dim>::on_coarser_mesh(run_.problem(), std::move(mesh), silent);
    problem->report_to(log_);
    return problem;
  }
  catch (const InputError &error)
  {
    throw InputError("Optimizer/Continuation levels",
                     "on a mesh whose cells are " + std::to_string(1U << coarsenings) +
                         " times as large, the deck is wrong: " + error.what(),
                     "Give fewer levels.");
  }
}

template <int dim>
void Minimisation<dim>::minimise()
{
  const RunParameters<dim> &parameters = run_.parameters();
  Problem<dim> &problem = present();
  const ResultSource<dim> source = result_source(problem);
  ResultWriter<dim> writer(source, parameters.output, run_.directory(), "inversion", run_.resolved_parameters());
  HistoryWriter history(run_.directory().file("history.csv"), Inversion::history_columns(), run_.communicator(),
                        parameters.has_rates() ? std::vector<std::string>{"the data are rates, per year"}
                                               : std::vector<std::string>{});
  const double iteration = content_.state.number("iteration", 0);
  history.add_rows_before(goes_on_ ? iteration + 1 : iteration, content_.history);
  const bool is_resumed = std::exchange(goes_on_, false);
  if (is_resumed && !content_.of_ranks.empty())
    (void)problem.objective().go_on_from(m_, std::exchange(content_.of_ranks, {}));

  continuation_.begin(problem.objective());
  WeightSearch search(problem.objective(), problem.volume_weights(), continuation_.inversion(), continuation_.weight(),
                      log_);
  search.resume(std::move(content_.state));
  Inversion &inversion = search.inversion();
  inversion.stop_when(stop_requested);
  inversion.on_start([&] {
    if (continuation_.levels().empty())
    {
      compare_finite_depth(problem, log_);
      compare_with_data(problem, log_);
      report_estimates(source, log_);
    }
    if (continuation_.is_finest())
      (void)estimate_and_report_error(problem, log_);
  });
  PoissonWatch<dim> poisson(problem, log_);
  const Iterate before = counts_of(content_.history);
  inversion.begin_clock_at(before.seconds);
  std::optional<OptimizerIterate> last;
  TimeLimit &time_limit = run_.time_limit();
  time_limit.begin_iterations();
  bool options_are_used = false, has_row = is_resumed; // the iterate from which a run goes on is in the history
  inversion.on_iterate([&](const Iterate &iterate, const ParameterVector &at) {
    last = iterate.optimizer;
    if (iterate.optimizer.iteration > 0 && !std::exchange(options_are_used, true))
      require_used(" up to the first step, which ends the run");
    const dealii::Timer timer;
    const WorkingPart part("the checkpoint and the results of an iteration");
    poisson.look(iterate.optimizer.iteration, at);
    if (const std::vector<double> row = Inversion::history_row(counted_on(iterate, before));
        !is_last_row(history.table(), row, std::exchange(has_row, false)))
      history.add_row(row);
    unwritten_ = {at,
                  {continuation_.with_path(search.state(), iterate.optimizer.n_hessian_actions), history.table(),
                   problem.objective().rank_state(), entries_, run_.resolved_parameters()}};
    problem.objective().ledger().add_to(unwritten_->content.state.numbers);
    for (const auto &[name, number] : kept_.numbers)
      unwritten_->content.state.numbers[name] = number;
    for (const auto &[name, vector] : kept_.vectors)
      unwritten_->content.state.vectors[name] = vector;
    if (clock_.is_due())
      write_checkpoint();
    const bool writes_fields = iterate.optimizer.iteration % parameters.output.vtu_every == 0;
    if (writes_fields)
    {
      ParameterVector gradient;
      (void)problem.objective().gradient(gradient);
      writer.write_step(iterate.optimizer.iteration, at, &gradient, nullptr);
    }
    time_limit.wrote(timer.wall_time(), writes_fields);
    time_limit.end_iteration();
  });
  const dealii::Timer timer;
  const Optimizer::Result earlier = result_;
  try
  {
    result_ = search.run(m_, problem.parametrization().bounds(), parameters.solver.tolerance);
  }
  catch (const SolverError &)
  {
    if (all_ranks_come_here()) // an error of one rank alone leaves the others in the middle of something
      write_checkpoint();
    throw;
  }
  catch (const Interrupted &) // between two minimisations of a search
  {
    interrupt();
    if (last)
      result_.last = *last;
  }
  if (result_.stop.kind == StopReason::Kind::interrupted && !last)
  {
    result_ = earlier; // nothing came of this one
    throw Interrupted();
  }
  if (result_.stop.kind == StopReason::Kind::interrupted)
    begin_last_steps();
  write_checkpoint();
  content_ = {search.state(), history.table(), {}, {}, {}};
  ContinuationLevel level;
  level.cells = problem.mesh().triangulation().n_global_active_cells();
  level.unknowns = m_.size();
  level.seconds = timer.wall_time();
  continuation_.end(result_, search, level);
}

template <int dim>
void Minimisation<dim>::write_checkpoint()
{
  if (!unwritten_)
    return;
  const dealii::Timer timer;
  checkpoint_.write(present().parametrization().cells(), unwritten_->m, unwritten_->content);
  clock_.wrote(timer.wall_time());
  unwritten_.reset();
}

template <int dim>
void Minimisation<dim>::correct_predictions()
{
  Problem<dim> &coarse = present(), &fine = run_.problem();
  ParameterVector fine_m = fine.parametrization().make_vector();
  const ParameterProlongation<dim> prolongation(coarse.parametrization().cells(), fine.parametrization().cells());
  Continuation::prolong(m_, coarse.objective().prior(), make_prolongation(prolongation), fine_m,
                        fine.objective().prior());
  fine.objective().begin_ledger_with(coarse.objective().ledger());
  if (!fine.objective().evaluate(fine_m).converged || !coarse.objective().evaluate(m_).converged)
    return; // the minimisation says what is wrong
  std::vector<ReducedObjective::Predictions> corrections;
  const auto difference = [](DataVector more, const DataVector &less) {
    std::transform(more.begin(), more.end(), less.begin(), more.begin(), std::minus<>());
    return more;
  };
  for (unsigned int s = 0; s < run_.parameters().load_cases.size(); ++s)
  {
    const auto &of_fine = fine.objective().predictions(s), &of_coarse = coarse.objective().predictions(s);
    if (of_fine.of_known_loads.size() != of_coarse.of_known_loads.size())
      return; // a point lies in one mesh alone, at a curved boundary
    corrections.push_back({difference(of_fine.of_known_loads, of_coarse.of_known_loads), {}});
    for (std::size_t j = 0; j < of_fine.responses.size(); ++j)
      corrections.back().responses.push_back(difference(of_fine.responses[j], of_coarse.responses[j]));
  }
  coarse.objective().begin_ledger_with(fine.objective().ledger());
  coarse.objective().correct_predictions(std::move(corrections));
}

template <int dim>
void Minimisation<dim>::run_on_all_meshes()
{
  const unsigned int n_coarser = continuation_.coarsenings();
  while (true)
  {
    if (n_coarser > 0)
      log_.line("\ncontinuation, mesh " + std::to_string(n_coarser - continuation_.coarsenings() + 1) + " of " +
                std::to_string(n_coarser + 1) + ": " + present().describe_mesh() + ", " +
                counted(m_.size(), "unknown"));
    if (!continuation_.is_finest() && content_.of_ranks.empty())
      correct_predictions();
    minimise();
    if (!continuation_.goes_on_after(result_.stop))
      break;
    if (!result_.stop.converged)
      log_.line("this mesh: " + result_.stop.text + "; the next one goes on from there");
    refine();
  }
}

template <int dim>
void Minimisation<dim>::refine()
{
  std::unique_ptr<Problem<dim>> finer = make_coarser(continuation_.coarsenings() - 1);
  Problem<dim> &coarse = present(), &fine = finer ? *finer : run_.problem();
  const ParameterProlongation<dim> prolongation(coarse.parametrization().cells(), fine.parametrization().cells());
  ParameterVector fine_m = fine.parametrization().make_vector();
  fine.objective().begin_ledger_with(coarse.objective().ledger());
  content_.state = continuation_.refine(std::move(content_.state), m_, coarse.objective().prior(),
                                        make_prolongation(prolongation), fine_m, fine.objective(), origin(fine));
  m_ = fine_m;
  if (!continuation_.has_weight())
  {
    log_.line(
        "on this mesh no weight of the prior fits the data: the next one starts as if there had been none before it");
    content_.state.vectors.clear();
    content_.state.numbers = {{"iteration", content_.state.number("iteration", 0)}};
    m_ = origin(fine);
  }
  coarser_ = std::move(finer);
}

template <int dim>
void Minimisation<dim>::leave_coarser_mesh()
{
  const Problem<dim> &coarse = present();
  Problem<dim> &fine = run_.problem();
  log_.line("the run ends on a coarser mesh: its model is shown on the cells of the deck");
  ParameterVector fine_m = fine.parametrization().make_vector();
  ParameterProlongation<dim>(coarse.parametrization().cells(), fine.parametrization().cells()).apply(m_, fine_m);
  if (Prior *const prior = fine.objective().prior())
    prior->set_factor(coarse.objective().prior()->factor());
  fine.objective().begin_ledger_with(coarse.objective().ledger());
  if (const SolveReport report = fine.objective().evaluate(fine_m); !report.converged)
    throw SolverError("the forward problem could not be solved on the mesh of the deck: " + report.reason);
  m_ = fine_m;
}

template <int dim>
void Minimisation<dim>::interrupt()
{
  result_.stop = interrupted();
}

template <int dim>
void Minimisation<dim>::run()
{
  try
  {
    run_on_all_meshes();
  }
  catch (const Interrupted &) // between two meshes
  {
    if (result_.stop.kind == StopReason::Kind::running)
      throw;
    interrupt();
    begin_last_steps();
  }
  if (coarser_)
    leave_coarser_mesh();
}

template <int dim>
void Minimisation<dim>::run_again()
{
  content_.state = WeightSearch::for_changed_problem(continuation_.choose_weight_again(std::move(content_.state)));
  minimise();
}

template class Minimisation<2>;
template class Minimisation<3>;

} // namespace lodestone
