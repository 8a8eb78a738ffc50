#include <lodestone/base/error.h>
#include <lodestone/objective/gradient_cost.h>

#include <deal.II/base/timer.h>

#include <cmath>
#include <cstdio>

namespace lodestone
{

namespace
{
void require(const SolveReport &report)
{
  if (!report.converged)
    throw SolverError("a solve of the cost table failed: " + report.reason);
}

ParameterVector zone_direction(const ParameterVector &m, const unsigned int zone, const unsigned int n_zones)
{
  ParameterVector direction(m.shared_layout());
  const auto first = direction.values().get_partitioner()->local_range().first;
  const double size = direction.values().size();
  for (unsigned int i = 0; i < direction.values().locally_owned_size(); ++i)
    direction.values().local_element(i) = std::floor((first + i) * n_zones / size) == zone ? 1. : 0.;
  direction.values().update_ghost_values();
  return direction;
}
} // namespace

std::string gradient_cost_table(ReducedObjective &objective, const ParameterVector &m,
                                const std::vector<unsigned int> &zone_counts)
{
  constexpr unsigned int measured = 10;
  const MPI_Comm comm = m.values().get_mpi_communicator();
  std::string text = "  zones   adjoint: solves  seconds   tangent: solves  seconds   differences: solves  seconds   "
                     "largest disagreement\n";
  for (const unsigned int n : zone_counts)
  {
    if (n > m.size())
      continue;
    dealii::Timer timer(comm, true);
    const auto lap = [&] {
      timer.stop();
      const double seconds = timer.wall_time();
      timer.restart();
      return seconds;
    };
    // Each way pays for its own forward solve.
    const unsigned int before = objective.ledger().total().solves;
    ParameterVector other = m, g;
    other.values() *= 0.999;
    require(objective.evaluate(other));
    const unsigned int per_forward = objective.ledger().total().solves - before;
    lap();
    require(objective.evaluate(m));
    const double forward_seconds = lap();
    const double value = objective.value();
    require(objective.gradient(g));
    const double adjoint_seconds = forward_seconds + lap();
    const unsigned int adjoint_solves = objective.ledger().total().solves - before - per_forward;

    const unsigned int n_run = std::min(n, measured);
    std::vector<double> tangent(n_run);
    const unsigned int before_tangent = objective.ledger().total().solves;
    lap();
    for (unsigned int z = 0; z < n_run; ++z)
      require(objective.directional_derivative(zone_direction(m, z, n), tangent[z]));
    const double tangent_seconds = forward_seconds + lap() * n / n_run;
    const unsigned int tangent_solves = per_forward + (objective.ledger().total().solves - before_tangent) / n_run * n;

    double disagreement = 0, largest = 0;
    for (unsigned int z = 0; z < n_run; ++z)
    {
      const double adjoint = g.values() * zone_direction(m, z, n).values();
      disagreement = std::max(disagreement, std::abs(adjoint - tangent[z]));
      largest = std::max(largest, std::abs(adjoint));
    }
    lap();
    for (unsigned int z = 0; z < n_run; ++z)
    {
      const double h = 1e-5;
      ParameterVector moved = m;
      moved.values().add(h, zone_direction(m, z, n).values());
      require(objective.evaluate(moved));
      const double difference = (objective.value() - value) / h;
      // One-sided differences are good to about h; they are here for their cost.
      if (std::abs(difference - tangent[z]) > 0.05 * largest)
        disagreement = std::max(disagreement, std::abs(difference - tangent[z]));
    }
    const double difference_seconds = forward_seconds + lap() * n / n_run;
    require(objective.evaluate(m));

    char row[240];
    const char *mark = n > n_run ? "*" : " ";
    std::snprintf(row, sizeof(row), "  %5u   %15u %8.3f   %14u%s %8.3f   %18u%s %8.3f   %.1e\n", n, adjoint_solves,
                  adjoint_seconds, tangent_solves, mark, tangent_seconds, per_forward * (n + 1), mark,
                  difference_seconds, largest > 0 ? disagreement / largest : 0.);
    text += row;
  }
  return text;
}

} // namespace lodestone
