#include <lodestone/base/number_text.h>
#include <lodestone/inversion/weight_rule.h>

#include <algorithm>
#include <boost/math/interpolators/barycentric_rational.hpp>
#include <cmath>

namespace lodestone
{

namespace
{
constexpr std::size_t fewest_points = 6;    // that an L-curve's corner is looked for between
constexpr double smallest_curvature = 0.05; // of a corner: a tenth to a half is usual
/// The points with the largest weight first, one for each weight.
WeightPath sorted(WeightPath path)
{
  std::sort(path.begin(), path.end(), [](const WeightPoint &a, const WeightPoint &b) { return a.weight > b.weight; });
  constexpr double equal = 1e-6;
  path.erase(std::unique(path.begin(), path.end(),
                         [](const WeightPoint &a, const WeightPoint &b) { return a.weight < (1 + equal) * b.weight; }),
             path.end());
  return path;
}
// Of ln(chi^2/N / target): what counts as reached.
constexpr double near = 0.01;
} // namespace

double DiscrepancyRule::excess(const WeightPoint &point) const
{
  return std::log(point.chi_squared_per_datum / target_);
}

bool DiscrepancyRule::has_stalled(const WeightPath &path) const
{
  constexpr double large_step = 4, small_change = 0.02, farthest = 1e10;
  if (path.size() < 3)
    return false;
  if (std::abs(std::log(path.back().weight / path.front().weight)) > std::log(farthest))
    return true;
  for (std::size_t i = path.size() - 2; i < path.size(); ++i)
    if (std::abs(std::log(path[i].weight / path[i - 1].weight)) < std::log(large_step) ||
        std::abs(excess(path[i]) - excess(path[i - 1])) >= small_change)
      return false;
  return true;
}

WeightRule::Trial DiscrepancyRule::step_outwards(const WeightPath &path) const
{
  constexpr double first_factor = 10, largest_factor = 20, overshoot = 1.2;
  // Near the target a small step reaches it, and what it finds may be the last.
  constexpr double nearly = 0.1, least_factor_far = 2, least_factor_near = 1.02;
  const WeightPoint &last = path.back();
  const double e = excess(last);
  if (has_stalled(path))
  {
    const auto nearest = std::min_element(path.begin(), path.end(), [&](const WeightPoint &a, const WeightPoint &b) {
      return std::abs(excess(a)) < std::abs(excess(b));
    });
    double weight = nearest->weight;
    for (const WeightPoint &point : path)
      if (std::abs(excess(point) - excess(*nearest)) <= near)
        weight = std::max(weight, point.weight);
    return {weight, true,
            "no weight of the prior reaches chi^2/N = " + significant(target_) + ": it stays " +
                (e > 0 ? "above" : "below") + " " + significant(nearest->chi_squared_per_datum, 3)};
  }
  const bool is_nearly_there = path.size() > 1 && std::abs(e) <= nearly;
  const double least_factor = is_nearly_there ? least_factor_near : least_factor_far;
  double step = std::log(first_factor);
  if (path.size() > 1)
  {
    const WeightPoint &before = path[path.size() - 2];
    const double slope = (e - excess(before)) / std::log(last.weight / before.weight);
    step = std::clamp(slope > 0 ? overshoot * std::abs(e) / slope : std::log(largest_factor), std::log(least_factor),
                      std::log(largest_factor));
  }
  return {last.weight * std::exp(e > 0 ? -step : step), is_nearly_there, ""};
}

WeightPath DiscrepancyRule::without_contradictions(const WeightPath &path) const
{
  constexpr double tolerance = 0.01;
  WeightPath result;
  for (const WeightPoint &point : path)
  {
    const auto contradicts = [&](const WeightPoint &older) {
      const double rise = excess(point) - excess(older);
      return point.weight > older.weight ? rise < -tolerance : rise > tolerance;
    };
    result.erase(std::remove_if(result.begin(), result.end(), contradicts), result.end());
    result.push_back(point);
  }
  return result;
}

WeightRule::Trial DiscrepancyRule::next(const WeightPath &path) const
{
  constexpr double short_bracket = 5, margin = 0.05, narrow = 1.1, smallest_jump = 0.02, jump = 0.1;
  if (std::abs(excess(path.back())) <= near)
    return {path.back().weight, true, ""};
  WeightPath trusted = without_contradictions(path);
  const WeightPoint *above = nullptr, *below = nullptr; // the nearest weights with chi^2/N above and below the target
  while (true)
  {
    above = below = nullptr;
    for (const WeightPoint &point : trusted)
    {
      if (excess(point) > 0 && (above == nullptr || point.weight < above->weight))
        above = &point;
      if (excess(point) <= 0 && (below == nullptr || point.weight > below->weight))
        below = &point;
    }
    if (above == nullptr || below == nullptr || below->weight >= above->weight)
      return step_outwards(path);
    // ln chi^2/N grows by less than 2 where ln w grows by 1; what grows faster within a narrow bracket is a jump.
    const double step = std::log(above->weight / below->weight);
    if (above->weight > narrow * below->weight ||
        excess(*above) - excess(*below) < std::clamp(2 * step, smallest_jump, jump))
      break;
    // Nearly the same weight with another chi^2/N: the older point was minimised too roughly, or is another minimum.
    trusted.erase(trusted.begin() + (std::min(above, below) - trusted.data()));
  }
  const double width = std::log(above->weight / below->weight);
  // The secant creeps where one end stays: two trials in a row on one side call for the middle.
  const std::size_t n = path.size();
  const bool creeps = n > 2 && (excess(path[n - 1]) > 0) == (excess(path[n - 2]) > 0);
  const double rise = excess(*above) - excess(*below);
  const double part = creeps || rise < 1e-6 ? 0.5 : std::clamp(-excess(*below) / rise, margin, 1 - margin);
  return {below->weight * std::exp(width * part), width <= std::log(short_bracket), ""};
}

bool DiscrepancyRule::accepts(const WeightPath &path) const
{
  // The typical residual of robust misfits jumps as the weight changes.
  constexpr std::size_t many_points = 20, most_points = 40;
  const double allowed = path.size() < many_points ? near : 0.05;
  return std::abs(excess(path.back())) <= allowed || has_stalled({path.begin(), path.end() - 1}) ||
         path.size() >= most_points;
}

double DiscrepancyRule::accuracy(const double chi_squared_per_datum) const
{
  constexpr double finest = 0.005, coarsest = 0.05, part_of_excess = 0.1;
  return std::clamp(part_of_excess * std::abs(std::log(chi_squared_per_datum / target_)), finest, coarsest);
}

bool DiscrepancyRule::reached(const WeightPath &path) const
{
  constexpr double near = 0.05;
  return std::abs(excess(path.back())) <= near;
}

double LCurveRule::curvature(const WeightPath &path, const double weight)
{
  constexpr unsigned int order = 3;
  const WeightPath points = sorted(path);
  if (points.size() < fewest_points)
    return 0;
  std::vector<double> t, x, angle;
  for (const WeightPoint &point : points)
  {
    t.insert(t.begin(), std::log(point.weight));
    x.insert(x.begin(), std::log(point.misfit));
    angle.insert(angle.begin(), std::atan(-point.misfit / point.prior));
  }
  const boost::math::barycentric_rational<double> misfit(t.data(), x.data(), t.size(), order);
  const boost::math::barycentric_rational<double> slope(t.data(), angle.data(), t.size(), order);
  // At a point itself the derivative has another formula than beside it, where it loses digits.
  double at = std::log(weight);
  for (const double node : t)
    if (std::abs(at - node) < 1e-4)
      at = node;
  return slope.prime(at) * std::cos(slope(at)) / std::abs(misfit.prime(at)); // 1/cos = ds/dx
}

double LCurveRule::corner(const WeightPath &path)
{
  // Beyond the points next to the ends an interpolant's derivative is that of an extrapolation.
  constexpr unsigned int n_steps = 500;
  const WeightPath points = sorted(path);
  if (points.size() < fewest_points)
    return 0;
  const double upper = points[1].weight, lower = points[points.size() - 2].weight;
  double largest = smallest_curvature, at = 0;
  for (unsigned int k = 0; k <= n_steps; ++k)
  {
    const double w = upper * std::pow(lower / upper, double(k) / n_steps);
    if (const double c = curvature(points, w); c > largest)
    {
      largest = c;
      at = w;
    }
  }
  return at > lower * 1.01 && at < upper * 0.99 ? at : 0;
}

WeightRule::Trial LCurveRule::next(const WeightPath &path) const
{
  constexpr std::size_t most_points = 12;
  constexpr double passed = 0.7; // curvature at the smallest weight but one, over the largest
  const double half_decade = std::sqrt(10.), quarter_decade = std::sqrt(half_decade);
  const WeightPath points = sorted(path);
  const double found = corner(points);
  if (found > 0 && curvature(points, points[points.size() - 2].weight) < passed * curvature(points, found))
  {
    // Points within less than a quarter decade on both sides, where the largest curvature is.
    const auto lower = std::find_if(points.begin(), points.end(), [&](const auto &p) { return p.weight < found; });
    const double upper_weight = (lower - 1)->weight, ratio = upper_weight / lower->weight;
    if (ratio > 1.5 * quarter_decade)
      return {lower->weight * std::sqrt(ratio), false, ""};
    return {found, true, "the L-curve bends most at the weight " + significant(found, 4)};
  }
  if (points.size() < most_points)
  {
    const bool falls_downwards = points.size() >= fewest_points && found == 0 &&
                                 curvature(points, points[1].weight) > curvature(points, points[2].weight);
    return {falls_downwards ? points.front().weight * half_decade : points.back().weight / half_decade, false, ""};
  }
  Trial trial = fallback_.next(path);
  if (path.size() == most_points)
    trial.remark = "the L-curve has no corner between the weights " + significant(points.back().weight, 3) + " and " +
                   significant(points.front().weight, 3) + ": the discrepancy principle chooses the weight";
  return trial;
}

bool LCurveRule::accepts(const WeightPath &path) const
{
  return corner({path.begin(), path.end() - 1}) > 0 || fallback_.accepts(path);
}

bool LCurveRule::reached(const WeightPath &path) const
{
  return corner({path.begin(), path.end() - 1}) > 0 || fallback_.reached(path);
}

} // namespace lodestone
