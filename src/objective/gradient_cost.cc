#include <lodestone/base/error.h>
#include <lodestone/objective/gradient_cost.h>

#include <deal.II/base/timer.h>

#include <algorithm>
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

ParameterVector group_direction(const ParameterVector &m, const unsigned int group, const unsigned int n_groups)
{
  ParameterVector direction(m.shared_layout());
  const auto first = direction.values().get_partitioner()->local_range().first;
  const double size = direction.values().size();
  for (unsigned int i = 0; i < direction.values().locally_owned_size(); ++i)
    direction.values().local_element(i) = std::floor((first + i) * n_groups / size) == group ? 1. : 0.;
  direction.values().update_ghost_values();
  return direction;
}

/// What one way of making a gradient costs.
struct Cost
{
  unsigned int solves = 0;
  double seconds = 0;
};

/// Measures the three ways for one number of groups.
class GroupCost
{
public:
  GroupCost(ReducedObjective &objective, const ParameterVector &m, const unsigned int n)
      : objective_(objective), m_(m), n_(n), n_run_(std::min(n, measured)),
        timer_(m.values().get_mpi_communicator(), true)
  {
    measure_adjoint();
    measure_tangent();
    measure_differences();
  }

  std::string row() const
  {
    char text[240];
    const char *mark = n_ > n_run_ ? "*" : " ";
    std::snprintf(text, sizeof(text), "  %6u  %15u %8.3f   %14u%s %8.3f   %18u%s %8.3f   %.1e\n", n_, adjoint_.solves,
                  adjoint_.seconds, tangent_.solves, mark, tangent_.seconds, differences_.solves, mark,
                  differences_.seconds, largest_ > 0 ? disagreement_ / largest_ : 0.);
    return text;
  }

private:
  double lap()
  {
    timer_.stop();
    const double seconds = timer_.wall_time();
    timer_.restart();
    return seconds;
  }
  unsigned int solves() const { return objective_.ledger().total().solves; }
  ParameterVector direction(const unsigned int group) const { return group_direction(m_, group, n_); }

  /// The forward solve, too, which every way pays for.
  void measure_adjoint()
  {
    ParameterVector other = m_;
    other.values() *= 0.999;
    unsigned int before = solves();
    require(objective_.evaluate(other));
    forward_.solves = solves() - before;
    before = solves();
    lap();
    require(objective_.evaluate(m_));
    forward_.seconds = lap();
    value_ = objective_.value();
    require(objective_.gradient(gradient_));
    adjoint_ = {solves() - before, forward_.seconds + lap()};
  }

  void measure_tangent()
  {
    derivatives_.resize(n_run_);
    const unsigned int before = solves();
    lap();
    for (unsigned int z = 0; z < n_run_; ++z)
      require(objective_.directional_derivative(direction(z), derivatives_[z]));
    tangent_ = {forward_.solves + (solves() - before) / n_run_ * n_, forward_.seconds + lap() * n_ / n_run_};
    for (unsigned int z = 0; z < n_run_; ++z)
    {
      const double adjoint = gradient_.values() * direction(z).values();
      disagreement_ = std::max(disagreement_, std::abs(adjoint - derivatives_[z]));
      largest_ = std::max(largest_, std::abs(adjoint));
    }
  }

  void measure_differences()
  {
    constexpr double h = 1e-5;
    lap();
    for (unsigned int z = 0; z < n_run_; ++z)
    {
      ParameterVector moved = m_;
      moved.values().add(h, direction(z).values());
      require(objective_.evaluate(moved));
      // One-sided differences are good to about h; they are here for their cost.
      const double error = std::abs((objective_.value() - value_) / h - derivatives_[z]);
      if (error > 0.05 * largest_)
        disagreement_ = std::max(disagreement_, error);
    }
    differences_ = {forward_.solves * (n_ + 1), forward_.seconds + lap() * n_ / n_run_};
    require(objective_.evaluate(m_));
  }

  static constexpr unsigned int measured = 10;
  ReducedObjective &objective_;
  const ParameterVector &m_;
  const unsigned int n_, n_run_;
  dealii::Timer timer_;
  double value_ = 0, disagreement_ = 0, largest_ = 0;
  ParameterVector gradient_;
  std::vector<double> derivatives_; ///< by tangent mode
  Cost forward_, adjoint_, tangent_, differences_;
};
} // namespace

std::string gradient_cost_table(ReducedObjective &objective, const ParameterVector &m,
                                const std::vector<unsigned int> &group_counts)
{
  std::vector<unsigned int> counts;
  std::copy_if(group_counts.begin(), group_counts.end(), std::back_inserter(counts),
               [&](const unsigned int n) { return n <= m.size(); });
  if (counts.empty() && m.size() > 0)
    counts.push_back(m.size());
  std::string text = "  groups  adjoint: solves  seconds   tangent: solves  seconds   differences: solves  seconds   "
                     "largest disagreement\n";
  for (const unsigned int n : counts)
    text += GroupCost(objective, m, n).row();
  return text;
}

} // namespace lodestone
