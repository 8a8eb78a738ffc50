#include <lodestone/base/error.h>
#include <lodestone/objective/derivative_check.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

namespace lodestone
{

namespace
{
constexpr unsigned int steps_per_decade = 3;

void require(const SolveReport &report)
{
  if (!report.converged)
    throw SolverError("a solve of the derivative check failed: " + report.reason);
}

struct Line
{
  double slope, misfit; ///< misfit: largest distance of a point from the line
};

Line fit_line(const std::vector<std::pair<double, double>> &points, const std::size_t begin, const std::size_t end)
{
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = begin; i < end; ++i)
  {
    const auto &[x, y] = points[i];
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const double n = end - begin;
  Line line{(n * sxy - sx * sy) / (n * sxx - sx * sx), 0};
  for (std::size_t i = begin; i < end; ++i)
    line.misfit = std::max(line.misfit, std::abs(points[i].second - sy / n - line.slope * (points[i].first - sx / n)));
  return line;
}

// At large steps higher orders bend the curve, at small ones rounding does: the longest straight part counts, of
// equally long ones the straightest.
void fit_slope(TaylorRemainders &r, const double noise)
{
  constexpr double straight = 0.1; // a factor of 1.26 in the remainder
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < r.step.size(); ++i)
    if (r.remainder[i] > noise)
      points.emplace_back(std::log10(r.step[i]), std::log10(r.remainder[i]));
    else
      break;
  r.at_rounding = points.size() < 2;
  if (r.at_rounding)
    return;
  const std::size_t shortest = std::min<std::size_t>(points.size(), steps_per_decade + 1);
  Line best{0, std::numeric_limits<double>::max()};
  for (std::size_t length = points.size(); length >= shortest && best.misfit > straight; --length)
    for (std::size_t i = 0; i + length <= points.size(); ++i)
    {
      const Line line = fit_line(points, i, i + length);
      if (line.misfit < best.misfit)
      {
        best = line;
        r.slope = line.slope;
        r.decades = points[i].first - points[i + length - 1].first;
      }
    }
}

/// |<J v, w> - <v, J^T w>| over the size of the pairing, the largest of all load cases; w is made of whitened data.
double dot_product_error(ReducedObjective &objective, const ParameterVector &m, const ParameterVector &v)
{
  double largest = 0;
  std::vector<DataVector> j_v;
  require(objective.apply_tangent(v, j_v));
  for (unsigned int s = 0; s < j_v.size(); ++s)
    if (!j_v[s].empty())
    {
      const Noise &noise = objective.load_cases()[s].misfit->noise();
      DataVector w(j_v[s].size());
      for (std::size_t i = 0; i < w.size(); ++i)
        w[i] = std::cos(1.7 * i + s);
      DataVector whitened = j_v[s];
      noise.whiten(whitened);
      double left = 0, norm_j = 0, norm_w = 0;
      for (std::size_t i = 0; i < w.size(); ++i)
      {
        left += whitened[i] * w[i];
        norm_j += whitened[i] * whitened[i];
        norm_w += w[i] * w[i];
      }
      noise.whiten_transpose(w);
      ParameterVector jt_w(m.shared_layout());
      require(objective.apply_tangent_transpose(s, w, jt_w));
      largest = std::max(largest, std::abs(left - jt_w.values() * v.values()) / std::sqrt(norm_j * norm_w));
    }
  return largest;
}
} // namespace

bool TaylorRemainders::passes(const double expected_slope, const double required_decades) const
{
  return at_rounding || (slope >= expected_slope && decades >= required_decades);
}

ParameterVector random_direction(const ParameterVector &like, const unsigned int seed)
{
  ParameterVector direction(like.shared_layout());
  const auto first = direction.values().get_partitioner()->local_range().first;
  for (unsigned int i = 0; i < direction.values().locally_owned_size(); ++i)
  {
    std::mt19937_64 generator(seed + 1000003ull * (first + i));
    generator.discard(2);
    direction.values().local_element(i) = 2 * (generator() >> 11) * 0x1p-53 - 1;
  }
  direction.values().update_ghost_values();
  return direction;
}

DerivativeCheck check_derivatives(ReducedObjective &objective, const ParameterVector &m, const ParameterVector &a,
                                  const ParameterVector &b)
{
  DerivativeCheck check;
  ParameterVector g, h_a, h_b;
  require(objective.evaluate(m));
  const double value = objective.value();
  require(objective.gradient(g));
  require(objective.apply_hessian(a, h_a, false));
  require(objective.apply_hessian(b, h_b, false));
  const double slope = g.values() * a.values(), curvature = h_a.values() * a.values();
  const double ab = h_a.values() * b.values(), ba = h_b.values() * a.values();
  check.hessian_symmetry = std::abs(ab - ba) / std::sqrt(std::abs(curvature * (h_b.values() * b.values())));

  double tangent = 0;
  require(objective.directional_derivative(a, tangent));
  // Relative to the size of the pairing: the sum itself may cancel.
  check.tangent_difference =
      std::abs(tangent - slope) / std::max(std::abs(slope), 1e-3 * g.values().l2_norm() * a.values().l2_norm());

  check.dot_product = dot_product_error(objective, m, a);

  const unsigned int n_steps = 4 * steps_per_decade + 1;
  for (unsigned int k = 0; k < n_steps; ++k)
  {
    const double h = 0.5 * std::pow(10., -double(k) / steps_per_decade);
    ParameterVector moved = m, g_moved;
    moved.values().add(h, a.values());
    require(objective.evaluate(moved));
    const double change = objective.value() - value;
    require(objective.gradient(g_moved));
    g_moved.values() -= g.values();
    g_moved.values().add(-h, h_a.values());
    check.gradient.step.push_back(h);
    check.gradient.remainder.push_back(std::abs(change - h * slope));
    check.hessian.step.push_back(h);
    check.hessian.remainder.push_back(std::abs(change - h * slope - 0.5 * h * h * curvature));
    check.hessian_action.step.push_back(h);
    check.hessian_action.remainder.push_back(g_moved.values().l2_norm());
  }
  require(objective.evaluate(m));
  const double epsilon = std::numeric_limits<double>::epsilon();
  fit_slope(check.gradient, 4 * epsilon * std::abs(value));
  fit_slope(check.hessian, 4 * epsilon * std::abs(value));
  fit_slope(check.hessian_action, 1e3 * epsilon * g.values().l2_norm());
  return check;
}

bool DerivativeCheck::passes(const double solver_tolerance) const
{
  const double identity = 10 * std::max(solver_tolerance, 1e-12);
  return tangent_difference < 100 * identity && dot_product < identity && hessian_symmetry < 100 * identity &&
         gradient.passes(1.95, 1) && hessian.passes(2.9, 0.5) && hessian_action.passes(1.95, 1);
}

std::string DerivativeCheck::table(const double solver_tolerance) const
{
  const double identity = 10 * std::max(solver_tolerance, 1e-12);
  std::string text = "       step    |J - J0 - h g.d|    ... - h^2/2 d.Hd|    |g - g0 - h H d|\n";
  char row[200];
  for (std::size_t k = 0; k < gradient.step.size(); ++k)
  {
    std::snprintf(row, sizeof(row), "  %9.2e    %16.6e    %17.6e    %16.6e\n", gradient.step[k], gradient.remainder[k],
                  hessian.remainder[k], hessian_action.remainder[k]);
    text += row;
  }
  const auto add = [&](const char *name, const double value, const double bound, const bool at_least) {
    const bool ok = at_least ? value >= bound : value <= bound;
    std::snprintf(row, sizeof(row), "  %-46s %12.4g  (%s %.3g)  %s\n", name, value, at_least ? "at least" : "at most",
                  bound, ok ? "ok" : "FAIL");
    text += row;
  };
  const auto add_slope = [&](const char *name, const TaylorRemainders &r, const double bound) {
    if (r.at_rounding)
      text += std::string("  ") + name + ": remainder at rounding level throughout  ok\n";
    else
      add(name, r.slope, bound, true);
  };
  add_slope("slope, gradient", gradient, 1.95);
  add_slope("slope, Hessian in J", hessian, 2.9);
  add_slope("slope, Hessian action in g", hessian_action, 1.95);
  add("gradient by adjoint against tangent mode", tangent_difference, 100 * identity, false);
  add("dot product <J v, w> = <v, J' w>", dot_product, identity, false);
  add("symmetry of the Hessian", hessian_symmetry, 100 * identity, false);
  return text;
}

} // namespace lodestone
