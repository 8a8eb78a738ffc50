#include <lodestone/base/error.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/nuisance.h>

#include <algorithm>
#include <cmath>
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
    if (!set.nuisance.any())
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
    if (!(set.nuisance == first.nuisance))
      throw InputError(set.where + "/Shared nuisance", found + "Nuisance = " + first.nuisance.text(),
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

/// The products of x and y that a surface is made of, by the powers of x and y; in 2-D of x alone.
struct Term
{
  unsigned int of_x, of_y;
  const char *name, *unit, *unit_of_rate;
};
std::vector<Term> terms_of(const Nuisance::Surface surface, const bool has_y)
{
  constexpr Term all[] = {{0, 0, "offset", "m", "m/yr"},
                          {1, 0, "slope to the east", "m/m", "m/yr per m"},
                          {0, 1, "slope to the north", "m/m", "m/yr per m"},
                          {2, 0, "curvature to the east", "m/m^2", "m/yr per m^2"},
                          {1, 1, "twist", "m/m^2", "m/yr per m^2"},
                          {0, 2, "curvature to the north", "m/m^2", "m/yr per m^2"}};
  std::vector<Term> terms;
  for (const Term &term : all)
    if (term.of_x + term.of_y < static_cast<unsigned int>(surface) && (has_y || term.of_y == 0))
      terms.push_back(term);
  return terms;
}

/// One entry per datum of the load case: `value(set, i)` for the data of a group, zero for others.
template <typename Value>
std::vector<double> column_of(const std::vector<DataSet> &sets, const DataLayout &layout, const Group &group,
                              const Value &value)
{
  std::vector<double> column(layout.n_data(), 0.);
  for (const unsigned int k : group.sets)
  {
    const MutableDataView of_set = layout.slice(column, k);
    for (unsigned int i = 0; i < sets[k].n_data(); ++i)
      of_set[i] = value(sets[k], i);
  }
  return column;
}

/// The middle of the range of heights of a group. @throws InputError where there are none
double middle_height(const std::vector<DataSet> &sets, const Group &group)
{
  const double infinity = std::numeric_limits<double>::infinity();
  double lowest = infinity, highest = -infinity;
  for (const unsigned int k : group.sets)
  {
    const DataSet &set = sets[k];
    if (!set.line_of_sight)
      throw InputError(set.where + "/Nuisance", "elevation is asked for, but the data set has components",
                       "The delay of the atmosphere is along a line of sight: leave elevation out here.");
    if (set.row_height.empty())
      throw InputError(set.where + "/Nuisance", "elevation is asked for, but " + set.file + " has no column height",
                       "Give heights in metres, or leave elevation out.");
    for (unsigned int r = 0; r < set.n_rows(); ++r)
    {
      if (!std::isfinite(set.row_height[r]))
        throw InputError(set.location(r), "the height is no finite number, and Nuisance has elevation",
                         "Every row needs a height in metres.");
      lowest = std::min(lowest, set.row_height[r]);
      highest = std::max(highest, set.row_height[r]);
    }
  }
  return lowest + (highest - lowest) / 2;
}

} // namespace

NuisanceTerms::NuisanceTerms(const std::vector<DataSet> &sets)
{
  const DataLayout layout(sets);
  const char *const component_names[] = {"east", "north", "up", "line-of-sight"};
  for (const Group &group : group_sets(sets))
  {
    const auto [origin, has_y] = centre(sets, group);
    const dealii::Point<2> middle = origin;
    const Nuisance &nuisance = sets[group.sets[0]].nuisance;
    const bool rate = sets[group.sets[0]].rate;
    const auto add = [&, &layout = layout](const std::string &name, const auto &value) {
      names.push_back(group.name + ": " + name);
      columns.push_back(column_of(sets, layout, group, value));
    };
    std::vector<unsigned int> components = measured_components(sets, group);
    const bool horizontal = components.size() > 1 && components[1] == 1;
    if (components.empty())
      components = {3};
    for (const unsigned int c : components)
      for (const Term &term : terms_of(nuisance.surface, has_y))
        add(std::string(component_names[c]) + " " + term.name + " (" + (rate ? term.unit_of_rate : term.unit) + ")",
            [&](const DataSet &set, const unsigned int i) {
              double product = c == 3 ? 1. : set.direction[i][c];
              for (unsigned int d = 0; d < 2; ++d)
                for (unsigned int power = 0; power < (d == 0 ? term.of_x : term.of_y); ++power)
                  product *= set.row_points[set.row[i]][d] - middle[d];
              return product;
            });
    if (nuisance.rotation)
    {
      if (!horizontal)
        throw InputError(sets[group.sets[0]].where + "/Nuisance",
                         "rotation is asked for, but east and north are not both measured", "Leave rotation out.");
      add(rate ? "rotation (rad/yr)" : "rotation (rad)", [&](const DataSet &set, const unsigned int i) {
        const auto &p = set.row_points[set.row[i]];
        return -(p[1] - middle[1]) * set.direction[i][0] + (p[0] - middle[0]) * set.direction[i][1];
      });
    }
    if (nuisance.elevation)
      add(rate ? "delay with elevation (m/yr per m)" : "delay with elevation (m/m)",
          [&, h0 = middle_height(sets, group)](const DataSet &set, const unsigned int i) {
            return set.row_height[set.row[i]] - h0;
          });
  }
}

} // namespace lodestone
