#include <lodestone/app/comparison_problem.h>
#include <lodestone/app/discretization_error.h>
#include <lodestone/app/failure.h>
#include <lodestone/base/error.h>
#include <lodestone/base/memory.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

template <int dim>
std::unique_ptr<Mesh<dim>> with_cells_twice_as_large(const Mesh<dim> &mesh)
{
  auto coarser = mesh.make_coarser();
  const auto n_cells = [](const Mesh<dim> &m) { return m.triangulation().n_global_active_cells(); };
  return coarser != nullptr && n_cells(*coarser) <= n_cells(mesh) / 2 ? std::move(coarser) : nullptr;
}

namespace
{
/// The data of all load cases in another discretization. @throws SolverError
template <int dim>
std::vector<DataVector> data_of(ComparisonProblem<dim> &&problem, const unsigned int n_load_cases)
{
  if (const SolveReport report = problem.solve(); !report.converged)
    throw SolverError(report.reason);
  std::vector<DataVector> data;
  for (unsigned int s = 0; s < n_load_cases; ++s)
    data.push_back(problem.predict(s));
  return data;
}

DataVector difference(DataVector a, const DataVector &b)
{
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] -= b[i];
  return a;
}

double whitened_norm(const std::vector<DataSet> &sets, const DataVector &d)
{
  double sum = 0;
  const DataLayout layout(sets);
  for (unsigned int k = 0; k < sets.size(); ++k)
    for (unsigned int i = 0; i < sets[k].n_data(); ++i)
      sum += std::pow(layout.slice(d, k)[i] / sets[k].sigma[i], 2);
  return std::sqrt(sum);
}

/// c = 2^p - 1 for quadratic elements: from the differences of three meshes.
double quadratic_divisor(const double finer_difference, const double coarser_difference)
{
  constexpr double smallest = 2, largest = 15; // of smooth solutions
  constexpr double safety = 1.15;
  if (!(finer_difference > 0))
    return largest / safety;
  return std::clamp(coarser_difference / finer_difference - 1, smallest, largest) / safety;
}
} // namespace

template <int dim>
DiscretizationError estimate_discretization_error(const Problem<dim> &problem)
{
  constexpr double linear_divisor = 2, unknown_divisor = 3;
  const unsigned int degree = problem.parameters().element_degree, n_cases = problem.parameters().load_cases.size();
  auto mesh_2h = with_cells_twice_as_large(problem.mesh());
  if (mesh_2h == nullptr && degree > 1)
    return {{}, "this mesh cannot be made coarser; that needs even numbers of Cells, or Refinements"};
  constexpr unsigned int most_enriched = 50000; // cells: quadratic elements need about 1.5 GB for them
  if (mesh_2h == nullptr && problem.mesh().triangulation().n_global_active_cells() > most_enriched)
    return {
        {},
        "this mesh cannot be made coarser, and has too many cells for quadratic elements; even numbers of Cells, or "
        "Refinements, make it possible"};
  DiscretizationError error;
  const WorkingPart part("the estimate of the discretization error"); // beyond the exceptions that end inside
  try
  {
    const bool enriched = mesh_2h == nullptr;
    auto mesh_4h = degree > 1 ? with_cells_twice_as_large(*mesh_2h) : nullptr;
    const auto other = data_of(ComparisonProblem<dim>(problem, std::move(mesh_2h), enriched ? 2 : degree), n_cases);
    const bool has_third = mesh_4h != nullptr;
    const auto third =
        has_third ? data_of(ComparisonProblem<dim>(problem, std::move(mesh_4h), degree), n_cases) : other;
    for (unsigned int s = 0; s < n_cases; ++s)
    {
      const DataVector d = problem.predict(s);
      if (enriched)
      {
        error.at_data.push_back(difference(d, other[s]));
        continue;
      }
      DataVector one = difference(other[s], d);
      const auto &sets = problem.data_sets(s);
      const double divisor =
          degree == 1 ? linear_divisor
          : has_third ? quadratic_divisor(whitened_norm(sets, one), whitened_norm(sets, difference(third[s], other[s])))
                      : unknown_divisor;
      for (double &value : one)
        value /= divisor;
      error.at_data.push_back(std::move(one));
    }
    error.method = enriched ? "from quadratic elements on the same cells" : "from a mesh with cells twice as large";
  }
  catch (const InputError &e) // a load that a coarse mesh cannot take
  {
    if (!all_ranks_come_here())
      throw;
    return {{}, std::string("the problem on a coarser mesh cannot be set up: ") + e.what()};
  }
  catch (const SolverError &e)
  {
    if (!all_ranks_come_here())
      throw;
    return {{}, std::string("the problem on a coarser mesh could not be solved: ") + e.what()};
  }
  return error;
}

namespace
{
template <int dim>
std::vector<ErrorStatistics> statistics_of(const Problem<dim> &problem, const DiscretizationError &error,
                                           const unsigned int s)
{
  const auto &sets = problem.data_sets(s);
  const DataLayout layout(sets);
  const DataVector predicted = problem.predict(s);
  std::vector<ErrorStatistics> result;
  for (unsigned int k = 0; k < sets.size(); ++k)
    result.push_back(error_statistics(sets[k], layout.slice(error.at_data[s], k), layout.slice(predicted, k)));
  return result;
}

/// "Mesh/Adapt = yes or Solver/Element degree = 2 (about 0.3 sigma) or Mesh/Refinements = 1 (about 0.5 sigma)"; on an
/// adapted mesh "Mesh/Target = 0.5 or ...".
template <int dim>
std::string remedies(const RunParameters<dim> &parameters, const ErrorStatistics &error)
{
  constexpr double by_halving = 2.5, by_quadratic = 5; // what errors were divided by when it was measured, or more
  constexpr double aim = 0.5;
  const auto about = [&](const double rms) { return " (about " + significant(rms, 1) + " sigma)"; };
  std::vector<std::string> all = {parameters.mesh.adapt
                                      ? "Mesh/Target = " + significant(std::min(aim, parameters.mesh.target / 2), 2)
                                      : "Mesh/Adapt = yes"};
  if (parameters.element_degree == 1)
    all.push_back("Solver/Element degree = 2" + about(error.rms / by_quadratic));
  if (parameters.mesh.adapt)
    return join(all, " or ");
  const int halvings = std::clamp(int(std::ceil(std::log(error.rms / aim) / std::log(by_halving))), 1, 2);
  all.push_back("Mesh/Refinements = " + std::to_string(parameters.mesh.refinements + halvings) +
                about(error.rms / std::pow(by_halving, halvings)));
  return join(all, " or ");
}

template <int dim>
void report(const Problem<dim> &problem, const DiscretizationError &error, Log &log)
{
  if (error.at_data.empty())
  {
    log.line("discretization error at the data: it was not estimated: " + error.method);
    return;
  }
  constexpr double large = 0.5, large_share = 0.02;
  const auto &load_cases = problem.parameters().load_cases;
  log.line("discretization error at the data, estimated " + error.method + ":");
  for (unsigned int s = 0; s < load_cases.size(); ++s)
  {
    const auto all = statistics_of(problem, error, s);
    for (unsigned int k = 0; k < all.size(); ++k)
    {
      const DataSet &set = problem.data_sets(s)[k];
      log.line("  " + (load_cases.size() > 1 ? load_cases[s].name + ", " : "") + set.name + ": " + describe(all[k]));
      if (set.observed ? all[k].rms > large : all[k].share > large_share)
        log.warning("data set " + set.name + " of load case " + load_cases[s].name +
                    ": the cells are so large that its predictions are off by " +
                    (set.observed
                         ? significant(all[k].rms, 2) + " sigma (rms), which an inversion would fit with false "
                                                        "stiffness"
                         : significant(100 * all[k].share, 2) + " % of the largest one (rms)") +
                    ". Remedies: " + remedies(problem.parameters(), all[k]) + ".");
    }
  }
}
} // namespace

namespace
{
/// The largest of all data sets. @param member of their statistics
template <int dim>
double largest(const Problem<dim> &problem, const DiscretizationError &error, double ErrorStatistics::*const member)
{
  double value = 0;
  for (unsigned int s = 0; s < error.at_data.size(); ++s)
    for (const ErrorStatistics &of_set : statistics_of(problem, error, s))
      value = std::max(value, of_set.*member);
  return value;
}
} // namespace

template <int dim>
double largest_rms(const Problem<dim> &problem, const DiscretizationError &error)
{
  return largest(problem, error, &ErrorStatistics::rms);
}

template <int dim>
double largest_share(const Problem<dim> &problem, const DiscretizationError &error)
{
  return largest(problem, error, &ErrorStatistics::share);
}

template <int dim>
DiscretizationError estimate_and_report_error(const Problem<dim> &problem, Log &log)
{
  if (!problem.parameters().mesh.estimate_error)
    return {};
  DiscretizationError error = estimate_discretization_error(problem);
  report(problem, error, log);
  return error;
}

template std::unique_ptr<Mesh<2>> with_cells_twice_as_large<2>(const Mesh<2> &);
template std::unique_ptr<Mesh<3>> with_cells_twice_as_large<3>(const Mesh<3> &);
template DiscretizationError estimate_discretization_error<2>(const Problem<2> &);
template DiscretizationError estimate_discretization_error<3>(const Problem<3> &);
template double largest_rms<2>(const Problem<2> &, const DiscretizationError &);
template double largest_rms<3>(const Problem<3> &, const DiscretizationError &);
template double largest_share<2>(const Problem<2> &, const DiscretizationError &);
template double largest_share<3>(const Problem<3> &, const DiscretizationError &);
template DiscretizationError estimate_and_report_error<2>(const Problem<2> &, Log &);
template DiscretizationError estimate_and_report_error<3>(const Problem<3> &, Log &);

} // namespace lodestone
