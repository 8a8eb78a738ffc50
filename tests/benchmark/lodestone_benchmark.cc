// What one problem costs: set-up, renewal for a new model, forward solve, gradient, Hessian action, operator
// throughput, messages and memory, as one row of a CSV file.
//
//   mpirun -n 2 lodestone_benchmark DECK [--set "section/entry=value"]... [--csv FILE] [--label TEXT] [--repeat N]
//   [--forward-only]
//
// The deck is one that `lodestone invert` reads; a solver, size or degree to compare is set on the command line. Times
// are medians of N repetitions (3), maxima over ranks. Models are drawn at random around the background: renewals and
// gradients are those of an inversion under way, where each model is near the last one. Solves start cold unless --warm
// leaves warm starts on; then forward_s is that of a solve whose solution is known, and only the gradient's figures
// mean something.
#include <lodestone/app/command_line.h>
#include <lodestone/app/problem.h>
#include <lodestone/base/deck.h>
#include <lodestone/base/error.h>
#include <lodestone/solver/simd_width.h>
#include <lodestone/solver/stiffness_operator.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/utilities.h>

#include "message_counter.h"
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>

using namespace lodestone;

namespace
{

struct Options
{
  std::string deck, csv, label;
  std::vector<std::string> set, petsc;
  unsigned int repeat = 3;
  bool forward_only = false, warm = false;

  static Options parse(const std::vector<std::string> &arguments);
};

Options Options::parse(const std::vector<std::string> &arguments)
{
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i)
  {
    const std::string &a = arguments[i];
    const auto value = [&]() {
      if (i + 1 == arguments.size())
        throw InputError("command line", a + " has nothing after it", "Give it a value.");
      return arguments[++i];
    };
    if (a == "--set")
      options.set.push_back(value());
    else if (a == "--csv")
      options.csv = value();
    else if (a == "--label")
      options.label = value();
    else if (a == "--repeat")
      options.repeat = std::max(1, std::stoi(value()));
    else if (a == "--forward-only")
      options.forward_only = true;
    else if (a == "--warm")
      options.warm = true;
    else if (a == "--")
    {
      options.petsc.assign(arguments.begin() + i + 1, arguments.end());
      break;
    }
    else if (options.deck.empty() && a.rfind("--", 0) != 0)
      options.deck = a;
    else
      throw InputError("command line", "unknown argument '" + a + "'",
                       "Known: DECK --set --csv --label --repeat --forward-only --warm, PETSc's options after a '--'.");
  }
  if (!options.warm)
    options.set.insert(options.set.begin(), "Solver/Warm start vectors=0");
  if (options.deck.empty())
    throw InputError("command line", "no parameter file was given", "Write lodestone_benchmark DECK.");
  return options;
}

/// A row of results: names, values as text.
class Row
{
public:
  void add(const std::string &name, const std::string &value) { fields_.emplace_back(name, value); }
  void add(const std::string &name, const double value)
  {
    char text[40];
    std::snprintf(text, sizeof(text), "%.5g", value);
    add(name, std::string(text));
  }
  void print() const
  {
    for (const auto &[name, value] : fields_)
      std::printf("%-28s %s\n", name.c_str(), value.c_str());
  }
  /// Appends to the file, with a header when it is new.
  void append_to(const std::string &file) const
  {
    const bool is_new = !std::ifstream(file).good();
    std::ofstream out(file, std::ios::app);
    std::string header, line;
    for (const auto &[name, value] : fields_)
    {
      header += (header.empty() ? "" : ",") + name;
      line += (&name == &fields_.front().first ? "" : ",") + value;
    }
    if (is_new)
      out << header << "\n";
    out << line << "\n";
  }

private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

double median(std::vector<double> values)
{
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

/// Wall seconds of a collective action, the slowest rank's.
double seconds(MPI_Comm comm, const std::function<void()> &action)
{
  MPI_Barrier(comm);
  const double start = MPI_Wtime();
  action();
  return dealii::Utilities::MPI::max(MPI_Wtime() - start, comm);
}

double median_seconds(MPI_Comm comm, const unsigned int repeat, const std::function<void()> &action)
{
  std::vector<double> times;
  for (unsigned int i = 0; i < repeat; ++i)
    times.push_back(seconds(comm, action));
  return median(times);
}

/// Seconds of one call of something short: as many as take a quarter of a second.
double seconds_of_short(MPI_Comm comm, const std::function<void()> &action)
{
  action();
  const double once = std::max(1e-6, seconds(comm, action));
  const unsigned int n = std::clamp(0.25 / once, 3., 1000.);
  return median_seconds(comm, 3,
                        [&]() {
                          for (unsigned int i = 0; i < n; ++i)
                            action();
                        }) /
         n;
}

/// Bytes that a line of /proc/self/status counts, all ranks together: VmHWM, memory at most so far; RssAnon, memory now
/// without files; RssFile, pages of program and libraries, which ranks on one machine share.
double memory(MPI_Comm comm, const std::string &name)
{
  std::ifstream status("/proc/self/status");
  double kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == name + ":")
      status >> kilobytes;
  return dealii::Utilities::MPI::sum(1024. * kilobytes, comm);
}

/// Bytes a second of a = b + s c on arrays that no cache holds, all ranks together: 24 bytes an entry, as STREAM
/// counts.
double triad_bandwidth(MPI_Comm comm)
{
  const std::size_t n = 8000000;
  std::vector<double> a(n, 0), b(n, 1), c(n, 2);
  double s = 0.5;
  const double time = median_seconds(comm, 5, [&]() {
    for (std::size_t i = 0; i < n; ++i)
      a[i] = b[i] + s * c[i];
    s += a[n / 2] * 1e-9;
  });
  return 24. * n * dealii::Utilities::MPI::n_mpi_processes(comm) / time;
}

/// The model so far and a random change of it, the same on every distribution of one rank count.
void perturb(ParameterVector &m, const double amplitude, const unsigned int seed)
{
  std::mt19937 random(seed + 1000 * dealii::Utilities::MPI::this_mpi_process(m.values().get_mpi_communicator()));
  std::uniform_real_distribution<double> uniform(-amplitude, amplitude);
  for (unsigned int i = 0; i < m.values().locally_owned_size(); ++i)
    m.values().local_element(i) += uniform(random);
  m.values().update_ghost_values();
}

/// Throws when a solve that is being timed did not converge: its time would mean nothing.
const SolveReport &require_converged(const SolveReport &report)
{
  if (!report.converged)
    throw SolverError(report.reason);
  return report;
}

template <int dim>
class Benchmark
{
public:
  Benchmark(const Options &options, const Deck &deck, MPI_Comm comm)
      : options_(options), comm_(comm), deck_(deck), log_(comm, true)
  {
  }
  void run();

private:
  void set_up();
  SolveReport solve();
  double renew_seconds(const ParameterVector &m);
  void forward_solves();
  /// Of a forward solve now.
  double forward_seconds_now();
  void inversion_parts();
  template <typename Number>
  void operator_throughput(const std::string &name);

  const Options &options_;
  MPI_Comm comm_;
  const Deck &deck_;
  Log log_;
  std::unique_ptr<Problem<dim>> model_;
  double before_ = 0, forward_seconds_ = 0; ///< memory of a process that has only started (byte); time of a solve
  bool matrix_free_ = false;
  ParameterVector m_;
  Row row_;
};

template <int dim>
void Benchmark<dim>::run()
{
  before_ = memory(comm_, "RssAnon");
  set_up();
  forward_solves();
  if (!options_.forward_only)
    inversion_parts();
  else
    for (const char *name : {"gradient_s", "gradient_per_forward", "gradient_mv", "hessian_s", "hessian_per_forward",
                             "hessian_mv", "kernel_s", "kernel_per_forward"})
      row_.add(name, "");
  const double peak = memory(comm_, "VmHWM"), libraries = before_ + memory(comm_, "RssFile");
  row_.add("memory_mb", peak / 1e6);
  row_.add("libraries_mb", libraries / 1e6);
  row_.add("memory_kb_per_unknown", (peak - libraries) / 1e3 / model_->space().n_dofs());
  operator_throughput<double>("double");
  operator_throughput<float>("float");
  row_.add("triad_gb_s", triad_bandwidth(comm_) / 1e9);
  if (dealii::Utilities::MPI::this_mpi_process(comm_) != 0)
    return;
  row_.print();
  if (!options_.csv.empty())
    row_.append_to(options_.csv);
}

template <int dim>
SolveReport Benchmark<dim>::solve()
{
  State u = model_->forward().make_state(0);
  for (unsigned int l = 0; l < u.load_factors.size(); ++l)
    u.load_factors[l] = model_->loads(0)[l].strength;
  u.affine = 1;
  return require_converged(model_->forward().solve(0, u));
}

template <int dim>
double Benchmark<dim>::renew_seconds(const ParameterVector &m)
{
  const double renewal = seconds(comm_, [&]() { model_->forward().linearize_at(m); });
  if (matrix_free_)
    return renewal;
  // Factorisations and algebraic multigrid are made when the first solve asks for them.
  SolveReport report;
  const double first = seconds(comm_, [&]() { report = solve(); });
  const double second = seconds(comm_, [&]() { report = solve(); });
  return renewal + std::max(0., first - second);
}

template <int dim>
void Benchmark<dim>::set_up()
{
  std::string resolved;
  const auto parameters = RunParameters<dim>::read(deck_, resolved);
  const double model =
      seconds(comm_, [&]() { model_ = std::make_unique<Problem<dim>>(parameters, deck_.directory(), comm_, log_); });
  const std::string solver = model_->forward().describe();
  matrix_free_ = solver.find("matrix-free") != std::string::npos;
  m_ = model_->parametrization().make_vector();
  perturb(m_, 0.01, 1);
  const double first = renew_seconds(m_);
  std::vector<double> near, far;
  for (unsigned int i = 0; i < options_.repeat; ++i)
  {
    perturb(m_, 0.05, 2 + i);
    near.push_back(renew_seconds(m_));
  }
  for (unsigned int i = 0; i < options_.repeat; ++i)
  {
    ParameterVector elsewhere = m_;
    perturb(elsewhere, 1, 10 + i);
    far.push_back(renew_seconds(elsewhere));
  }
  model_->forward().linearize_at(m_);
  row_.add("label", options_.label);
  row_.add("ranks", dealii::Utilities::MPI::n_mpi_processes(comm_));
  row_.add("dim", dim);
  row_.add("degree", parameters.element_degree);
  row_.add("cells", model_->mesh().triangulation().n_global_active_cells());
  row_.add("unknowns", std::to_string(model_->space().n_dofs()));
  row_.add("simd_bits", LODESTONE_SIMD_BITS);
  row_.add("solver", "\"" + solver + "\"");
  row_.add("tolerance", parameters.solver.tolerance);
  row_.add("setup_s", model);
  row_.add("first_renew_s", first);
  row_.add("renew_s", median(near));
  row_.add("renew_far_s", median(far));
}

template <int dim>
void Benchmark<dim>::forward_solves()
{
  SolveReport report;
  benchmark::MessageCount sent;
  report = solve(); // a first one makes what is kept between solves
  forward_seconds_ = median_seconds(comm_, options_.repeat, [&]() {
    const benchmark::MessageCount before = benchmark::messages_so_far();
    report = solve();
    sent = benchmark::messages_so_far() - before;
  });
  row_.add("forward_s", forward_seconds_);
  row_.add("iterations", report.iterations);
  row_.add("forward_mv", report.operator_applications);
  const double ranks = dealii::Utilities::MPI::n_mpi_processes(comm_);
  row_.add("messages", dealii::Utilities::MPI::sum(double(sent.messages), comm_) / ranks);
  row_.add("message_kb", dealii::Utilities::MPI::sum(double(sent.bytes), comm_) / ranks / 1e3);
  row_.add("collectives", double(sent.collectives));
}

template <int dim>
double Benchmark<dim>::forward_seconds_now()
{
  // At the present model a warm start would be the solution.
  return options_.warm ? forward_seconds_ : seconds(comm_, [&]() { (void)solve(); });
}

template <int dim>
void Benchmark<dim>::inversion_parts()
{
  ReducedObjective &objective = model_->objective();
  ParameterVector g, out, direction = model_->parametrization().make_vector();
  SolveReport report;
  // A first evaluation pays for what is kept afterwards.
  report = require_converged(objective.evaluate(m_));
  report += require_converged(objective.gradient(g));
  std::vector<double> gradients, per_forward;
  // Forward solves just before and just after are what a part is compared with: a machine's speed drifts.
  double before = forward_seconds_now();
  const auto beside = [&]() {
    const double after = forward_seconds_now(), mean = (before + after) / 2;
    before = after;
    return mean;
  };
  for (unsigned int i = 0; i < options_.repeat; ++i)
  {
    perturb(m_, 0.02, 20 + i);
    (void)renew_seconds(m_);
    const double renewal =
        renew_seconds(m_); // of a model that is known, as `evaluate` does it once more; it is counted by itself
    gradients.push_back(seconds(comm_,
                                [&]() {
                                  report = require_converged(objective.evaluate(m_));
                                  report += require_converged(objective.gradient(g));
                                }) -
                        renewal);
    per_forward.push_back(gradients.back() / beside());
  }
  row_.add("gradient_s", median(gradients));
  row_.add("gradient_per_forward", median(per_forward));
  row_.add("gradient_mv", report.operator_applications);
  std::vector<double> actions, kernels, kernel_per_forward;
  per_forward.clear();
  const State &u = objective.state(0);
  for (unsigned int i = 0; i < options_.repeat; ++i)
  {
    perturb(direction, 1, 40 + i);
    actions.push_back(
        seconds(comm_, [&]() { report = require_converged(objective.apply_hessian(direction, out, true)); }));
    kernels.push_back(seconds(comm_, [&]() { model_->forward().add_parameter_jacobian_transpose(0, u, u, g); }));
    const double forward = beside();
    per_forward.push_back(actions.back() / forward);
    kernel_per_forward.push_back(kernels.back() / forward);
  }
  row_.add("hessian_s", median(actions));
  row_.add("hessian_per_forward", median(per_forward));
  row_.add("hessian_mv", report.operator_applications);
  row_.add("kernel_s", median(kernels));
  row_.add("kernel_per_forward", median(kernel_per_forward));
}

template <int dim>
template <typename Number>
void Benchmark<dim>::operator_throughput(const std::string &name)
{
  const auto stiffness = make_stiffness_operator<dim, Number>(model_->space(), model_->boundary_conditions());
  stiffness->renew(model_->forward().moduli(), 1e-9);
  typename StiffnessOperator<dim, Number>::Vector u, out;
  stiffness->initialize_vector(u);
  stiffness->initialize_vector(out);
  for (unsigned int i = 0; i < u.locally_owned_size(); ++i)
    u.local_element(i) = (i % 17) - 8;
  row_.add("operator_mdof_s_" + name,
           model_->space().n_dofs() / 1e6 / seconds_of_short(comm_, [&]() { stiffness->vmult(out, u); }));
}

} // namespace

int main(int argc, char **argv)
{
  Options options;
  try
  {
    options = Options::parse({argv + 1, argv + argc});
  }
  catch (const InputError &error)
  {
    std::cerr << "lodestone_benchmark: " << error.what() << std::endl;
    return 1;
  }
  std::vector<char *> petsc_arguments = {argv[0]};
  for (auto &option : options.petsc)
    petsc_arguments.push_back(option.data());
  int petsc_argc = petsc_arguments.size();
  petsc_arguments.push_back(nullptr);
  char **petsc_argv = petsc_arguments.data();
  dealii::Utilities::MPI::MPI_InitFinalize mpi(petsc_argc, petsc_argv, 1);
  try
  {
    const Deck deck(options.deck, options.set, MPI_COMM_WORLD);
    if (read_dimension(deck) == 2)
      Benchmark<2>(options, deck, MPI_COMM_WORLD).run();
    else
      Benchmark<3>(options, deck, MPI_COMM_WORLD).run();
  }
  catch (const std::exception &error)
  {
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::cerr << "lodestone_benchmark: " << error.what() << std::endl;
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  return 0;
}
