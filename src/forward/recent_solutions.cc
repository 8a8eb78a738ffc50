#include <lodestone/forward/recent_solutions.h>

#include <algorithm>

namespace lodestone
{

namespace
{
// One for the known loads and one for each load of unknown strength, as a rule.
constexpr std::size_t most_series = 8;
} // namespace

void RecentSolutions::operator_changed()
{
  for (Series &series : series_)
    series.current = false;
}

unsigned int RecentSolutions::guess(const std::vector<double> &loads, const DistributedVector &b, DistributedVector &x,
                                    const Operator &apply, Workspace &workspace) const
{
  x = 0;
  const auto series = std::find_if(series_.begin(), series_.end(), [&](const Series &s) { return s.loads == loads; });
  if (series == series_.end())
    return 0;
  if (series->current)
  {
    const DistributedVector &last = series->solutions.front();
    const double energy = last * series->b;
    if (energy > 0)
      x.equ((last * b) / energy, last);
    return 0;
  }
  workspace.basis.clear();
  for (const DistributedVector &solution : series->solutions)
  {
    apply(solution, workspace.product);
    workspace.basis.add(solution, workspace.product);
  }
  workspace.basis.add_projection(b, x);
  return series->solutions.size();
}

void RecentSolutions::remember(const std::vector<double> &loads, const DistributedVector &b, const DistributedVector &x)
{
  if (capacity_ == 0)
    return;
  auto series = std::find_if(series_.begin(), series_.end(), [&](const Series &s) { return s.loads == loads; });
  if (series == series_.end())
  {
    if (series_.size() == most_series)
      series_.erase(series_.begin());
    series_.push_back({loads, {}, b, false});
    series = series_.end() - 1;
  }
  auto &solutions = series->solutions;
  // Of several at one operator the last stands for all.
  if (!series->current)
  {
    if (solutions.size() < capacity_)
      solutions.push_back(x);
    for (std::size_t k = solutions.size() - 1; k > 0; --k)
      solutions[k].swap(solutions[k - 1]);
  }
  solutions.front().copy_locally_owned_data_from(x);
  series->b.copy_locally_owned_data_from(b);
  series->current = true;
}

} // namespace lodestone
