#include <lodestone/app/adapt.h>
#include <lodestone/app/cell_shares.h>
#include <lodestone/app/discretization_error.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/stop_request.h>

#include <deal.II/distributed/p4est_wrappers.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace lodestone
{

namespace
{
/// Cells that are split together, so that the mesh can be made coarser again: the children of one parent.
struct Group
{
  double share = 0;
  std::vector<std::size_t> cells; ///< numbers among the owned cells
};

template <int dim>
std::vector<Group> group_children(const Mesh<dim> &mesh, const std::vector<double> &shares)
{
  // The octrees of p4est have that many levels.
  constexpr int deepest = dealii::internal::p4est::functions<dim>::max_level - 1;
  std::map<std::pair<int, int>, std::size_t> of_parent;
  std::vector<Group> groups;
  std::size_t c = 0;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      std::size_t g = groups.size();
      if (cell->level() > 0)
        g = of_parent.emplace(std::make_pair(cell->parent()->level(), cell->parent()->index()), g).first->second;
      if (g == groups.size())
        groups.emplace_back();
      groups[g].share += cell->level() < deepest ? shares[c] : 0.;
      groups[g].cells.push_back(c++);
    }
  return groups;
}

/// Marks the groups with the largest shares: as few as bring the sum of all shares down to `goal` of it, and not more
/// than `most_cells`. Collective.
std::vector<bool> mark(const std::vector<Group> &groups, const std::size_t n_cells, const double goal,
                       const double most_cells, const MPI_Comm comm)
{
  constexpr double left_by_halving = 0.25; // of a cell's share when it is split, where the solution is smooth
  double largest = 0, sum = 0;
  for (const Group &group : groups)
  {
    largest = std::max(largest, group.share);
    sum += group.share;
  }
  largest = dealii::Utilities::MPI::max(largest, comm);
  sum = dealii::Utilities::MPI::sum(sum, comm);
  if (!(largest > 0))
    return std::vector<bool>(n_cells, false);
  // Bisection of the logarithm of the threshold: whether everything above it is too little, or already too many cells.
  double lower = std::log(largest) - 40, upper = std::log(largest) + 1;
  for (unsigned int step = 0; step < 50; ++step)
  {
    const double middle = 0.5 * (lower + upper), threshold = std::exp(middle);
    double saved = 0, marked = 0;
    for (const Group &group : groups)
      if (group.share >= threshold)
      {
        saved += (1 - left_by_halving) * group.share;
        marked += group.cells.size();
      }
    saved = dealii::Utilities::MPI::sum(saved, comm);
    marked = dealii::Utilities::MPI::sum(marked, comm);
    (marked > most_cells || sum - saved <= goal * sum ? lower : upper) = middle;
  }
  const double threshold = std::exp(upper);
  std::vector<bool> result(n_cells, false);
  for (const Group &group : groups)
    if (group.share >= threshold)
      for (const std::size_t c : group.cells)
        result[c] = true;
  return result;
}

/// Puts the predicted data of all load cases into `data`, and returns by how much they changed: the largest rms of a data
/// set, in standard deviations of the data; infinity where there were none before. Collective.
template <int dim>
double replace_data(const Problem<dim> &problem, std::vector<DataVector> &data)
{
  DiscretizationError change;
  std::vector<DataVector> now;
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
  {
    now.push_back(problem.predict(s));
    change.at_data.push_back(now.back());
    for (std::size_t i = 0; i < now.back().size() && !data.empty(); ++i)
      change.at_data.back()[i] -= data[s][i];
  }
  const bool had_data = !data.empty();
  data = std::move(now);
  return had_data ? largest_rms(problem, change) : std::numeric_limits<double>::infinity();
}

template <int dim>
void evaluate(Problem<dim> &problem, const ParameterVector &m)
{
  if (const SolveReport report = problem.objective().evaluate(m); !report.converged)
    throw SolverError("the forward problem could not be solved while the mesh was adapted: " + report.reason);
}
/// The owned cells that are split next; all of them where the mesh cannot be made coarser yet, which no shares are known
/// of. Collective. @throws SolverError
template <int dim>
std::vector<bool> cells_to_split(Problem<dim> &problem, const double goal, const double most_cells)
{
  constexpr unsigned int n_samples = 2;
  const Mesh<dim> &mesh = problem.mesh();
  auto coarser_mesh = with_cells_twice_as_large(mesh);
  if (coarser_mesh == nullptr)
    return std::vector<bool>(mesh.triangulation().n_locally_owned_active_cells(), true);
  ComparisonProblem<dim> coarser(problem, std::move(coarser_mesh), problem.parameters().element_degree);
  if (const SolveReport report = coarser.solve(); !report.converged)
    throw SolverError("the coarser problem could not be solved while the mesh was adapted: " + report.reason);
  const std::vector<double> shares = cell_shares(problem, coarser, n_samples);
  return mark(group_children(mesh, shares), shares.size(), goal, most_cells, mesh.communicator());
}

/// The owned cells that hold points of sources and are longer than the source's depth: neither source nor error can be
/// seen in them.
template <int dim>
std::vector<bool> cells_beyond_depth_of_sources(const Problem<dim> &problem)
{
  const Mesh<dim> &mesh = problem.mesh();
  std::vector<bool> marked(mesh.triangulation().n_locally_owned_active_cells(), false);
  for (unsigned int s = 0; s < problem.parameters().load_cases.size(); ++s)
    for (const auto &load : problem.load_list(s))
    {
      double depth = mesh.lower().distance(mesh.upper()) / 1e4;
      for (const auto &p : load->source_points(mesh.smallest_cell_size()))
        depth = std::max(depth, mesh.surface_elevation() - p[dim - 1]);
      const auto points = load->source_points(depth / 2);
      std::size_t c = 0;
      for (const auto &cell : mesh.triangulation().active_cell_iterators())
        if (cell->is_locally_owned())
        {
          const auto box = cell->bounding_box();
          double longest = 0;
          for (unsigned int d = 0; d < dim; ++d)
            longest = std::max(longest, box.side_length(d));
          const bool is_too_long = longest > depth && std::any_of(points.begin(), points.end(), [&](const auto &p) {
                                     return box.point_inside(p, 1e-9);
                                   });
          marked[c] = marked[c] || is_too_long;
          ++c;
        }
    }
  return marked;
}

double count(const std::vector<bool> &marked, const MPI_Comm comm)
{
  return dealii::Utilities::MPI::sum(double(std::count(marked.begin(), marked.end(), true)), comm);
}

/// The problem on a mesh whose marked cells are split.
template <int dim>
std::unique_ptr<Problem<dim>> refined(const Problem<dim> &problem, const std::vector<bool> &marked, Log &log)
{
  Log silent = Log::silent(problem.mesh().communicator());
  auto result = std::make_unique<Problem<dim>>(problem, problem.mesh().make_finer(marked), silent);
  result->report_to(log);
  return result;
}
} // namespace

template <int dim>
ParameterVector copy_for(const Problem<dim> &problem, const ParameterVector &m)
{
  ParameterVector copy = problem.parametrization().make_vector();
  copy.values().copy_locally_owned_data_from(m.values());
  copy.values().update_ghost_values();
  return copy;
}

namespace
{
/// Replaces the problem by those on finer and finer meshes (adapt_mesh).
template <int dim>
void adapt(std::unique_ptr<Problem<dim>> &problem, const ParameterVector &m, const FirstMesh first, Log &log)
{
  constexpr unsigned int children = 1U << dim;
  constexpr double safety = 0.7;        // part of the target that a mesh is made for
  constexpr double smallest_goal = 0.4; // shares are known for cells of one size, not for much smaller ones
  constexpr double largest_part = 0.3;  // of the cells that are split at once: their number grows at most threefold
  constexpr double largest_change = 3;  // of the data between the last two meshes, over the target
  constexpr double slowest_fall = 0.8, negligible = 1e-3;
  constexpr double largest_share_of_data = 0.2; // a mesh that does not see a load predicts little, with little error
  constexpr unsigned int most_stalls = 8;
  const auto parameters = problem->parameters().mesh; // a copy: the problem is replaced
  log.line("adapting the mesh to a discretization error of " + significant(parameters.target) + " sigma:");
  const MPI_Comm comm = problem->mesh().communicator();
  const double n_first = problem->mesh().triangulation().n_global_active_cells();
  if (with_cells_twice_as_large(problem->mesh()) == nullptr && children * n_first <= parameters.maximum_cells)
    problem =
        refined(*problem, std::vector<bool>(problem->mesh().triangulation().n_locally_owned_active_cells(), true), log);
  for (auto marked = cells_beyond_depth_of_sources(*problem); count(marked, comm) > 0;
       marked = cells_beyond_depth_of_sources(*problem))
    problem = refined(*problem, marked, log);
  std::vector<DataVector> data;
  double last = std::numeric_limits<double>::infinity();
  unsigned int stalls = 0;
  while (true)
  {
    evaluate(*problem, copy_for(*problem, m));
    const DiscretizationError error = estimate_discretization_error(*problem);
    if (error.at_data.empty())
    {
      log.warning("Mesh/Adapt: the mesh stays as it is, since its error cannot be estimated: " + error.method + ".");
      return;
    }
    const double n_cells = problem->mesh().triangulation().n_global_active_cells();
    const double rms = largest_rms(*problem, error);
    const double change = replace_data(*problem, data);
    log.line("  " + problem->describe_mesh() + ": rms " + significant(rms, 2) + " sigma");
    // Meshes all of which are too coarse for a load agree with each other: only finer ones tell, whose error falls.
    const bool falls = rms <= slowest_fall * last || rms <= negligible * parameters.target;
    const bool is_checked = std::isfinite(change) ? falls && change <= largest_change * parameters.target &&
                                                        largest_share(*problem, error) <= largest_share_of_data
                                                  : first == FirstMesh::is_checked;
    if (rms <= parameters.target && is_checked)
      return;
    if (stop_requested_on_any_rank(comm))
      throw Interrupted();
    stalls = rms > slowest_fall * last ? stalls + 1 : 0;
    last = rms;
    if (stalls == most_stalls)
    {
      log.warning("Mesh/Adapt: the target is not reached: smaller cells hardly change the estimated error any more. "
                  "Look for points of data on the edges of loads, or ask for a larger Mesh/Target.");
      return;
    }
    const double room = (parameters.maximum_cells - n_cells) / (children - 1);
    const double goal =
        rms > parameters.target ? std::max(safety * parameters.target / rms, smallest_goal) : smallest_goal;
    const double most_cells = std::min(std::max(largest_part * n_cells, double(children)), room);
    const std::vector<bool> marked = cells_to_split(*problem, goal, most_cells);
    const double n_marked = count(marked, comm);
    if (n_marked == 0 || n_marked > room)
    {
      if (rms > parameters.target)
        log.warning("Mesh/Adapt: the target is not reached: " +
                    (room < largest_part * n_cells
                         ? "the mesh cannot be refined further with the cells that Mesh/Maximum cells = " +
                               std::to_string(parameters.maximum_cells) + " allows."
                         : "no cells can be found whose refinement makes the error smaller."));
      return;
    }
    problem = refined(*problem, marked, log);
  }
}
} // namespace

template <int dim>
std::unique_ptr<Problem<dim>> adapt_mesh(std::unique_ptr<Problem<dim>> problem, const ParameterVector &m,
                                         const FirstMesh first, Log &log)
{
  try
  {
    adapt(problem, m, first, log);
  }
  catch (const Interrupted &)
  {
    if (first == FirstMesh::is_unknown)
      throw; // nothing is known yet that could be kept
    log.warning("Mesh/Adapt: interrupted: the mesh stays as it is.");
  }
  return problem;
}

template ParameterVector copy_for<2>(const Problem<2> &, const ParameterVector &);
template ParameterVector copy_for<3>(const Problem<3> &, const ParameterVector &);
template std::unique_ptr<Problem<2>> adapt_mesh<2>(std::unique_ptr<Problem<2>>, const ParameterVector &, FirstMesh,
                                                   Log &);
template std::unique_ptr<Problem<3>> adapt_mesh<3>(std::unique_ptr<Problem<3>>, const ParameterVector &, FirstMesh,
                                                   Log &);

} // namespace lodestone
