#pragma once

#include <deal.II/base/partitioner.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace lodestone
{

/// For a loop over steps that add to a vector, tells to which ranges of owned entries a step is the first, or the last,
/// to add. So the vector can be updated before and after the loop's additions while its entries are in cache.
class WorkOrder
{
public:
  using Ranges = std::vector<std::pair<unsigned int, unsigned int>>; ///< pairs [begin, end)

  /// @param layout layout of the vector
  /// @param n_steps number of steps of the loop; one more, the end, comes when other ranks' parts have arrived
  WorkOrder(const dealii::Utilities::MPI::Partitioner &layout, const unsigned int n_steps)
      : n_owned_(layout.locally_owned_size()), first_((n_owned_ + grain - 1) / grain, n_steps), last_(first_.size(), 0),
        begin_(n_steps + 1), end_(n_steps + 1)
  {
    for (const auto &[begin, end] : layout.import_indices())
      for (unsigned int i = begin; i < end; ++i)
        last_[i / grain] = n_steps;
  }

  /// Says that a step adds to entry i, owned or ghost.
  void add(const unsigned int step, const unsigned int i)
  {
    if (i >= n_owned_)
      return;
    first_[i / grain] = std::min(first_[i / grain], step);
    last_[i / grain] = std::max(last_[i / grain], step);
  }

  /// Completes the tables. Call it after the last `add`.
  void close()
  {
    for (unsigned int g = 0; g < first_.size(); ++g)
    {
      append(begin_[first_[g] == begin_.size() - 1 ? 0 : first_[g]], g); // what no step adds to is ready at once
      append(end_[last_[g]], g);
    }
    first_ = last_ = {};
  }

  const Ranges &beginning_at(const unsigned int step) const { return begin_[step]; }
  const Ranges &ending_at(const unsigned int step) const { return end_[step]; }

private:
  static constexpr unsigned int grain = 256; // entries that are treated together

  void append(Ranges &ranges, const unsigned int g) const
  {
    const unsigned int begin = g * grain, end = std::min(begin + grain, n_owned_);
    if (!ranges.empty() && ranges.back().second == begin)
      ranges.back().second = end;
    else
      ranges.push_back({begin, end});
  }

  unsigned int n_owned_;
  std::vector<unsigned int> first_, last_; ///< step by grain
  std::vector<Ranges> begin_, end_;        ///< by step
};

} // namespace lodestone
