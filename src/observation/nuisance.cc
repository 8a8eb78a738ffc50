#include <lodestone/base/error.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/nuisance.h>

#include <algorithm>
#include <limits>

namespace lodestone
{

namespace
{

struct Group
{
  std::string name;
  std::vector<unsigned int> sets;
};

std::vector<Group> group_sets(const std::vector<DataSet> &sets)
{
  std::vector<Group> groups;
  for (unsigned int k = 0; k < sets.size(); ++k)
  {
    const DataSet &set = sets[k];
    if (set.nuisance == Nuisance::none)
      continue;
    const auto same = [&](const Group &g) {
      return !set.shared_nuisance.empty() && sets[g.sets[0]].shared_nuisance == set.shared_nuisance;
    };
    const auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end())
    {
      groups.push_back({set.shared_nuisance.empty() ? set.name : set.shared_nuisance, {k}});
      continue;
    }
    const DataSet &first = sets[group->sets[0]];
    const std::string found = "\"" + set.shared_nuisance + "\" is shared with " + first.where + ", which has ";
    if (set.nuisance != first.nuisance)
      throw InputError(set.where + "/Shared nuisance",
                       found + "Nuisance = " + (first.nuisance == Nuisance::ramp ? "ramp" : "offset"),
                       "Give both the same Nuisance.");
    if (set.rate != first.rate)
      throw InputError(set.where + "/Shared nuisance", found + "Units = " + first.unit_name,
                       "Rates and displacements cannot share terms.");
    group->sets.push_back(k);
  }
  return groups;
}

/// Centre of the bounding box of a group's points, and whether any of its sets has a y.
std::pair<dealii::Point<2>, bool> centre(const std::vector<DataSet> &sets, const Group &group)
{
  const double infinity = std::numeric_limits<double>::infinity();
  dealii::Point<2> lower(infinity, infinity), upper(-infinity, -infinity);
  bool has_y = false;
  for (const unsigned int k : group.sets)
  {
    has_y = has_y || !sets[k].section;
    for (const auto &p : sets[k].row_points)
      for (unsigned int d = 0; d < 2; ++d)
      {
        lower[d] = std::min(lower[d], p[d]);
        upper[d] = std::max(upper[d], p[d]);
      }
  }
  return {dealii::Point<2>(lower[0] + (upper[0] - lower[0]) / 2, lower[1] + (upper[1] - lower[1]) / 2), has_y};
}

/// Components that a component set of the group measures; empty for a group of line-of-sight sets.
std::vector<unsigned int> measured_components(const std::vector<DataSet> &sets, const Group &group)
{
  std::vector<unsigned int> components;
  for (unsigned int c = 0; c < 3; ++c)
    for (const unsigned int k : group.sets)
      if (std::count(sets[k].component.begin(), sets[k].component.end(), c) > 0)
      {
        components.push_back(c);
        break;
      }
  return components;
}

} // namespace

NuisanceTerms::NuisanceTerms(const std::vector<DataSet> &sets)
{
  const DataLayout layout(sets);
  const char *const component_names[] = {"east", "north", "up", "line-of-sight"};
  for (const Group &group : group_sets(sets))
  {
    const auto [origin, has_y] = centre(sets, group);
    const bool ramp = sets[group.sets[0]].nuisance == Nuisance::ramp, rate = sets[group.sets[0]].rate;
    std::vector<unsigned int> components = measured_components(sets, group);
    if (components.empty())
      components = {3};
    for (const unsigned int c : components)
      for (unsigned int slope = 0; slope < (ramp ? (has_y ? 3u : 2u) : 1u); ++slope)
      {
        std::vector<double> column(layout.n_data(), 0.);
        for (const unsigned int k : group.sets)
        {
          const MutableDataView of_set = layout.slice(column, k);
          for (unsigned int i = 0; i < sets[k].n_data(); ++i)
          {
            const double distance = slope == 0 ? 1. : sets[k].row_points[sets[k].row[i]][slope - 1] - origin[slope - 1];
            of_set[i] = (c == 3 ? 1. : sets[k].direction[i][c]) * distance;
          }
        }
        columns.push_back(std::move(column));
        const std::string kind = slope == 0 ? (rate ? " offset (m/yr)" : " offset (m)")
                                            : std::string(" slope to the ") + (slope == 1 ? "east" : "north") +
                                                  (rate ? " (m/yr per m)" : " (m/m)");
        names.push_back(group.name + ": " + component_names[c] + kind);
      }
  }
}

} // namespace lodestone
