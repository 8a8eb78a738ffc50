#include <lodestone/app/commands.h>
#include <lodestone/app/estimates.h>
#include <lodestone/app/noise_estimate.h>
#include <lodestone/app/result_source.h>
#include <lodestone/app/run.h>
#include <lodestone/app/surface_grid.h>
#include <lodestone/base/deck_path.h>
#include <lodestone/base/machine_memory.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/process.h>
#include <lodestone/base/stop_request.h>
#include <lodestone/base/text.h>
#include <lodestone/base/time_text.h>
#include <lodestone/inversion/reduced_function.h>
#include <lodestone/inversion/run_cost.h>
#include <lodestone/io/checkpoint.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <unistd.h>

namespace lodestone
{

namespace
{

/// "20 MB", "4.3 GB"
std::string size_text(const double bytes)
{
  const bool is_large = bytes >= 1e9;
  const double value = bytes / (is_large ? 1e9 : 1e6);
  return (value < 100 ? significant(value, 2) : fixed(10 * std::round(value / 10), 0)) + (is_large ? " GB" : " MB");
}

/// "2.1 s", "3 min 20 s"
std::string duration_text(const double seconds)
{
  return seconds < 10 ? significant(seconds, 2) + " s" : time_text(seconds);
}

/// Bytes on disk.
struct Files
{
  double step = 0;        ///< one VTU file
  double results = 0;     ///< results.h5, the last VTU file, fits
  double checkpoint = 0;  ///< one of them
  double checkpoints = 0; ///< all that are on the disk at a time
};

/// What is measured of a problem, and what follows from its counts.
template <int dim>
class DryRun
{
public:
  DryRun(Run<dim> &run, Log &log);
  /// Evaluates J and its gradient at the start, and an action of the Hessian for a Newton method. @throws SolverError
  void measure(ParameterVector m);
  /// @param place a directory on the disk of the results
  void report(const std::string &place);

private:
  Problem<dim> &problem() const { return run_.problem(); }
  const InversionParameters &inversion() const { return run_.parameters().inversion; }
  void measure_gradient(ReducedFunction &function, const ParameterVector &m);
  void measure_hessian_action(ReducedFunction &function);
  void count();
  /// Memory that the run takes beside what the measurement has left in use (bytes, all ranks).
  double memory_to_come() const;
  Files files() const;
  /// Largest memory of the run (bytes, all ranks).
  double memory() const;
  /// Bytes of all results, with the fewest and the most iterations.
  std::pair<double, double> results() const;
  WorkSettings work_settings() const;
  /// Adds what follows from the measured times.
  void complete_seconds();
  /// ", with the search for the weight of the prior"
  std::string what_is_counted();
  void report_size();
  void report_memory();
  void report_time();
  void report_disk(const std::string &place);
  void report_ranks();

  Run<dim> &run_;
  Log &log_;
  unsigned int n_ranks_, n_cases_;
  double n_cells_ = 0, n_vertices_ = 0, n_dofs_ = 0, n_unknowns_ = 0, n_data_ = 0;
  double n_series_ = 0;        ///< loads whose solutions are kept, adjoints too
  double rank_state_ = 0;      ///< bytes that a checkpoint has of the states, after one gradient
  double adjoint_seconds_ = 0; ///< of the adjoint solves of one gradient
  double error_seconds_ = 0;   ///< of one estimate of the discretization error
  WorkSeconds seconds_;
  DistributedVector gradient_;
  std::vector<MachineMemory> machines_;
  double in_use_after_set_up_ = 0;
};

/// Seconds of the fastest call of as many as go into a second, two at least (the first one sets up what is kept) and five
/// at most. Collective.
template <typename Work>
double seconds_of(const Work &work, const MPI_Comm comm)
{
  constexpr unsigned int least = 2, most = 5;
  constexpr double long_enough = 1;
  double fastest = std::numeric_limits<double>::max(), all = 0;
  for (unsigned int n = 0; n < least || (n < most && all < long_enough); ++n)
  {
    const dealii::Timer timer;
    work();
    const double seconds = dealii::Utilities::MPI::max(timer.wall_time(), comm);
    fastest = std::min(fastest, seconds);
    all += seconds;
  }
  return fastest;
}

void require(const bool succeeded, const ReducedFunction &function)
{
  if (!succeeded)
    throw SolverError("the measurement failed at the start model: " + function.failure());
}

template <int dim>
DryRun<dim>::DryRun(Run<dim> &run, Log &log)
    : run_(run), log_(log), n_ranks_(dealii::Utilities::MPI::n_mpi_processes(run.communicator())),
      n_cases_(run.parameters().load_cases.size())
{
  const double since_start = std::max(run.seconds(), age_of(getpid()).value_or(0));
  seconds_.set_up = dealii::Utilities::MPI::max(since_start, run.communicator());
  in_use_after_set_up_ = total(memory_of_machines(run.communicator())).in_use;
  count();
}

template <int dim>
void DryRun<dim>::count()
{
  const auto &triangulation = problem().mesh().triangulation();
  n_cells_ = triangulation.n_global_active_cells();
  n_dofs_ = problem().space().n_dofs();
  n_vertices_ = n_dofs_ / dim / (run_.parameters().element_degree > 1 ? std::pow(2, dim) : 1);
  n_unknowns_ = problem().parametrization().layout()->size();
  for (const auto &load_case : problem().objective().load_cases())
  {
    n_data_ += load_case.misfit->n_data();
    n_series_ += 2 + load_case.estimated_loads.size();
  }
}

template <int dim>
void DryRun<dim>::measure(ParameterVector m)
{
  const WorkingPart part("the measurement of a dry run");
  ReducedObjective &objective = problem().objective();
  ReducedFunction function(objective, problem().volume_weights(), m.shared_layout());
  SafePoints points(run_.communicator());
  measure_gradient(function, m);
  points.pass();
  if (inversion().optimizer.is_newton() && n_unknowns_ > 0)
    measure_hessian_action(function);
  points.pass();
  // A run keeps its last iterate, and what a checkpoint holds of it.
  objective.keep();
  const RankState state = objective.rank_state();
  for (const auto &[name, values] : state)
    rank_state_ += sizeof(double) * values.size();
  rank_state_ = dealii::Utilities::MPI::sum(rank_state_, run_.communicator());
  const dealii::Timer timer;
  (void)estimate_and_report_error(problem(), log_);
  error_seconds_ = dealii::Utilities::MPI::max(timer.wall_time(), run_.communicator());
  machines_ = memory_of_machines(run_.communicator());
}

template <int dim>
void DryRun<dim>::measure_gradient(ReducedFunction &function, const ParameterVector &m)
{
  constexpr double short_enough = 120; // s: then another one is measured, at another model
  constexpr double step = 0.1;         // the largest change of m
  const MPI_Comm comm = run_.communicator();
  double value = 0, seconds = 0;
  gradient_ = m.values();
  const auto evaluate = [&](const DistributedVector &at) {
    const dealii::Timer timer;
    if (!function.value_and_gradient(at, value, gradient_) || !function.linearize_at(at))
      return false;
    adjoint_seconds_ = 0.5 * dealii::Utilities::MPI::max(timer.wall_time(), comm); // forward and adjoint solves
    if (n_unknowns_ > 0)
    {
      DistributedVector step_direction = gradient_;
      function.apply_metric(gradient_, step_direction);
      gradient_ = step_direction;
    }
    seconds = dealii::Utilities::MPI::max(timer.wall_time(), comm);
    return true;
  };
  require(evaluate(m.values()), function);
  const double largest = n_unknowns_ > 0 ? gradient_.linfty_norm() : 0;
  seconds_.gradient = seconds;
  if (largest == 0 || seconds > short_enough)
    return;
  DistributedVector moved = m.values();
  moved.add(-step / largest, gradient_);
  if (evaluate(moved))
    seconds_.gradient = seconds;
  else // a line search would have shortened the step
    require(evaluate(m.values()), function);
}

template <int dim>
void DryRun<dim>::measure_hessian_action(ReducedFunction &function)
{
  constexpr double inexact = 1e-2; // residual of the solves behind most actions
  if (inversion().optimizer.inexact_solves)
    function.set_accuracy(inexact, inexact);
  function.set_gauss_newton(true);
  DistributedVector direction = gradient_, product = gradient_;
  seconds_.hessian_action = seconds_of(
      [&] {
        require(function.apply_hessian(direction, product), function);
        function.precondition(product, direction);
      },
      run_.communicator());
  function.set_accuracy(0, 0);
}

template <int dim>
Files DryRun<dim>::files() const
{
  // Measured on the decks under inputs/, VTU files compressed.
  constexpr double step_per_cell = 84, step_per_number = 10, stress_per_cell = dim == 3 ? 140 : 86;
  constexpr double results_per_cell = 110, per_datum = 250;
  Files files;
  files.step = step_per_cell * n_cells_ + step_per_number * n_cases_ * dim * n_vertices_;
  files.results = files.step + stress_per_cell * n_cases_ * n_cells_ + per_datum * n_data_ +
                  results_per_cell * n_cells_ + sizeof(double) * n_cases_ * dim * n_vertices_;
  constexpr double centre_and_model = dim + 3; // numbers per cell
  const unsigned int more_solutions = std::max(run_.parameters().solver.warm_start_vectors, 1U) - 1;
  const bool has_solutions = rank_state_ > 2.5 * sizeof(double) * n_cases_ * n_dofs_; // more than u and p
  const double of_method = checkpoint_of_method(inversion().optimizer, n_unknowns_);
  files.checkpoint =
      rank_state_ + of_method +
      sizeof(double) * (centre_and_model * n_cells_ + (has_solutions ? more_solutions * n_series_ * n_dofs_ : 0));
  // Files of vectors stay as long as one of their vectors is needed: they hold up to as many again.
  files.checkpoints = 3 * files.checkpoint + of_method;
  return files;
}

template <int dim>
double DryRun<dim>::memory_to_come() const
{
  const Files f = files();
  constexpr double stress = dim == 3 ? 12 : 6;
  const double at_the_end = sizeof(double) * 2 * stress * n_cases_ * n_cells_ + f.results;
  const double solutions = f.checkpoint - rank_state_; // in the solver, and in the state of the last iterate
  return memory_of_method(inversion().optimizer, n_unknowns_) + solutions + at_the_end;
}

template <int dim>
WorkSettings DryRun<dim>::work_settings() const
{
  const RunParameters<dim> &parameters = run_.parameters();
  const Prior *const prior = problem().objective().prior();
  return {parameters.inversion, parameters.prior.weight_choice().choice, prior == nullptr || prior->is_quadratic(),
          parameters.data_weights == DataWeights::estimate || wants_noise_estimate(problem()), n_unknowns_};
}

template <int dim>
void DryRun<dim>::report_size()
{
  log_.line("\ndry run: what this inversion would take; nothing is written");
  log_.line("  cells        " + grouped(n_cells_));
  log_.line("  unknowns     " + grouped(n_dofs_) + " of the displacement, " + grouped(n_unknowns_) +
            " of the inversion");
  log_.line("  load cases   " + std::to_string(n_cases_) + ", with " + grouped(n_data_) + " data");
  log_.line("  ranks        " + std::to_string(n_ranks_) + " on " + counted(machines_.size(), "machine") + ", " +
            grouped(n_dofs_ / n_ranks_) + " displacement unknowns each");
}

template <int dim>
double DryRun<dim>::memory() const
{
  const MachineMemory now = total(machines_);
  return std::max(now.peak, now.in_use + memory_to_come());
}

template <int dim>
void DryRun<dim>::report_memory()
{
  const MachineMemory now = total(machines_);
  const double needed = memory();
  log_.line("  memory       " + size_text(needed) + " in all, " + size_text(needed / n_ranks_) + " per rank");
  log_.line("               of it " + size_text(in_use_after_set_up_) + " after the set-up, " + size_text(now.in_use) +
            " after a gradient (at most " + size_text(now.peak) + "), " + size_text(memory_to_come()) + " more for " +
            inversion().optimizer.method + ", checkpoints and results");
  for (const MachineMemory &machine : machines_)
  {
    const double here = needed * machine.n_ranks / n_ranks_;
    if (here > machine.room)
      log_.warning("the run does not fit into the memory: on " + machine.name + " its " +
                   counted(machine.n_ranks, "rank") + " would take " + size_text(here) + ", and may take " +
                   size_text(machine.room) +
                   " (free memory, or the limit of the job, the container or ulimit). Use more machines with fewer "
                   "ranks on each, or a coarser mesh");
  }
}

template <int dim>
void DryRun<dim>::complete_seconds()
{
  constexpr double bytes_per_second = 25e6; // per rank, of compressed files
  const OutputParameters &output = run_.parameters().output;
  const Files f = files();
  seconds_.iteration = f.step / bytes_per_second / n_ranks_ / output.vtu_every;
  seconds_.end = 2 * error_seconds_ + f.results / bytes_per_second / n_ranks_ + seconds_.gradient +
                 (n_unknowns_ > 0 ? output.sensitivity_samples * adjoint_seconds_ : 0);
  if (n_unknowns_ > 0 && wants_standard_errors(problem()))
    seconds_.end += n_unknowns_ * adjoint_seconds_;
  double meshes = 1, of_mesh = 1; // the coarser ones in units of the finest
  for (unsigned int level = 0; level < inversion().continuation_levels; ++level)
    meshes += of_mesh /= std::pow(2, dim);
  seconds_.gradient *= meshes;
  seconds_.hessian_action *= meshes;
}

template <int dim>
std::string DryRun<dim>::what_is_counted()
{
  const RunParameters<dim> &parameters = run_.parameters();
  std::vector<std::string> with, without;
  if (parameters.prior.weight_choice().choice != WeightChoice::given)
    with.emplace_back("the search for the weight of the prior");
  if (inversion().continuation_levels > 0)
    with.emplace_back("the coarser meshes");
  if (work_settings().repeats)
    with.emplace_back("up to six minimisations, as weights or noise of the data are estimated");
  if (parameters.mesh.adapt)
    without.emplace_back("the cells that Mesh/Adapt splits at the first result");
  if (inversion().resume != ResumeChoice::no)
    without.emplace_back("what a checkpoint may save");
  return (with.empty() ? "" : ", with " + join(with, " and ")) +
         (without.empty() ? "" : "; without " + join(without, " and "));
}

template <int dim>
void DryRun<dim>::report_time()
{
  const bool is_newton = seconds_.hessian_action > 0;
  const auto of_counts = [is_newton](const WorkCounts &c) {
    return counted(std::lround(c.gradients), "gradient") +
           (is_newton ? " and " + counted(std::lround(c.hessian_actions), "Hessian action") : "");
  };
  const ExpectedWork work(work_settings());
  log_.line("  measured     set-up " + duration_text(seconds_.set_up) + ", gradient " +
            duration_text(seconds_.gradient) +
            (is_newton ? ", Hessian action " + duration_text(seconds_.hessian_action) : ""));
  log_.line("  time         " + duration_text(seconds_.of(work.least)) + " to " +
            duration_text(seconds_.of(work.most)) + what_is_counted());
  log_.line("               from " + of_counts(work.least) + " to " + of_counts(work.most) +
            ", which decks like this one were seen to need (doc/reference.md)");
  log_.line("               at most " + duration_text(seconds_.of(work.limit)) +
            ", with Maximum iterations = " + std::to_string(inversion().optimizer.maximum_iterations));
}

template <int dim>
std::pair<double, double> DryRun<dim>::results() const
{
  const ExpectedWork work(work_settings());
  const Files f = files();
  const auto with = [&](const WorkCounts &counts) {
    return f.results + f.step * std::ceil(counts.gradients / run_.parameters().output.vtu_every);
  };
  return {with(work.least), with(work.most)};
}

template <int dim>
void DryRun<dim>::report_disk(const std::string &place)
{
  const auto [least, most] = results();
  log_.line("  disk         " + size_text(least) + " to " + size_text(most) + " for results (" +
            size_text(files().step) + " for a VTU file, one every " +
            counted(run_.parameters().output.vtu_every, "iteration") + "), " + size_text(files().checkpoints) +
            " for checkpoints (two, and the next while it is written)");
  std::error_code error;
  const std::filesystem::space_info disk = std::filesystem::space(place, error);
  if (!error && double(disk.available) < most + files().checkpoints)
    log_.warning("the results may not fit on the disk of " + place + ", where " + size_text(double(disk.available)) +
                 " are free. Name another Output directory, or give Output/VTU every a larger number");
}

template <int dim>
void DryRun<dim>::report_ranks()
{
  constexpr double enough = 1e5; // displacement unknowns per rank
  if (n_ranks_ > 1 && n_dofs_ / n_ranks_ < enough)
    log_.warning("more ranks would not help: each has " + grouped(n_dofs_ / n_ranks_) +
                 " displacement unknowns, and a rank pays from about 100,000 on. Take " +
                 counted(std::max(1., std::floor(n_dofs_ / enough)), "rank"));
}

template <int dim>
void DryRun<dim>::report(const std::string &place)
{
  complete_seconds();
  report_size();
  report_memory();
  report_time();
  report_disk(place);
  report_ranks();
  const ExpectedWork work(work_settings());
  const auto [least, most] = results();
  nlohmann::ordered_json numbers;
  numbers["cells"] = static_cast<unsigned long long>(n_cells_);
  numbers["displacement unknowns"] = static_cast<unsigned long long>(n_dofs_);
  numbers["unknowns"] = static_cast<unsigned long long>(n_unknowns_);
  numbers["load cases"] = n_cases_;
  numbers["data"] = static_cast<unsigned long long>(n_data_);
  numbers["ranks"] = n_ranks_;
  numbers["memory"] = std::round(memory());
  numbers["gradient"] = seconds_.gradient;
  numbers["seconds"] = {seconds_.of(work.least), seconds_.of(work.most)};
  numbers["results"] = {std::round(least), std::round(most)};
  numbers["checkpoints"] = std::round(files().checkpoints);
  log_.line("the same in bytes and seconds:\n" + numbers.dump());
}

/// The problems of a continuation on coarser meshes. @throws InputError where one cannot be made
template <int dim>
std::vector<std::unique_ptr<Problem<dim>>> make_coarser(const Problem<dim> &problem, const unsigned int levels)
{
  std::vector<std::unique_ptr<Problem<dim>>> coarser;
  Log silent = Log::silent(problem.mesh().communicator());
  for (unsigned int level = 1; level <= levels; ++level)
    try
    {
      const Mesh<dim> &finer = level == 1 ? problem.mesh() : coarser.back()->mesh();
      coarser.push_back(Problem<dim>::on_coarser_mesh(problem, finer.make_coarser(), silent));
    }
    catch (const InputError &error)
    {
      throw InputError("Optimizer/Continuation levels",
                       "on a mesh whose cells are " + std::to_string(1U << level) +
                           " times as large, the deck is wrong: " + error.what(),
                       "Give fewer levels.");
    }
  return coarser;
}

/// Where the output directory will be: itself, or the nearest one above it that exists.
/// @throws InputError, as a run does, where it cannot be made or written; makes nothing
std::string place_of_output(const std::string &path)
{
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path nearest = fs::absolute(path);
  while (!fs::exists(nearest, error) && nearest.has_relative_path())
    nearest = nearest.parent_path();
  const char *const wrong = !fs::is_directory(nearest, error)             ? "' is a file"
                            : ::access(nearest.c_str(), W_OK | X_OK) != 0 ? "' is not writable"
                                                                          : nullptr;
  if (wrong != nullptr)
    throw InputError("Output directory", "'" + nearest.string() + wrong, "Name another directory.");
  return nearest.string();
}

/// Refuses, as a run does, to go on where there is no checkpoint, or none that is sound.
void check_resume(const ResumeChoice choice, const std::string &directory, const MPI_Comm comm)
{
  if (choice == ResumeChoice::no)
    return;
  const std::string where = "Optimizer/Resume", folder = directory + "/checkpoint";
  if (sound_checkpoint(folder + "/model.h5", where, comm).file.empty() && choice != ResumeChoice::automatic)
    throw InputError(where, "there is no checkpoint in '" + folder + "'",
                     "Name the output directory of the run that is to go on, or set Resume = auto, which starts anew "
                     "where there is none.");
}

} // namespace

template <int dim>
ExitCode dry_run_command(const Deck &deck, MPI_Comm comm, Log &log)
{
  typename Run<dim>::Needs needs{false, true, 1};
  std::string place;
  needs.look = [&](const Run<dim> &begun) { // before long set-up
    const std::string directory = path_from_deck(begun.parameters().output_directory, deck.directory());
    place = place_of_output(directory);
    check_resume(begun.parameters().inversion.resume, directory, comm);
  };
  Run<dim> run(deck, comm, log, needs);
  const RunParameters<dim> &parameters = run.parameters();
  Problem<dim> &problem = run.problem();
  (void)wants_standard_errors(problem); // as a run, these refuse what cannot be done later
  const ResultSource<dim> source = result_source(problem);
  const SurfaceGridWriter<dim> surface_grid(source, parameters.output);
  ParameterVector m = problem.parametrization().make_vector();
  if (!parameters.inversion.start_model.empty())
    read_unknowns(problem.parametrization().cells(), deck.resolve(parameters.inversion.start_model),
                  "Optimizer/Start model", m);
  const auto coarser = make_coarser(problem, parameters.inversion.continuation_levels);
  DryRun<dim> dry_run(run, log);
  dry_run.measure(m);
  dry_run.report(place);
  return ExitCode::done;
}

template ExitCode dry_run_command<2>(const Deck &, MPI_Comm, Log &);
template ExitCode dry_run_command<3>(const Deck &, MPI_Comm, Log &);

} // namespace lodestone
