#pragma once

#include <string>
#include <vector>

namespace lodestone
{

/// What the minimisation at one weight of the prior found. All numbers are without unit.
struct WeightPoint
{
  double weight = 1;                ///< w, the factor of the whole prior
  double misfit = 0, prior = 0;     ///< the parts of J; the prior with its weight, w/2 m^T R m where it is Gaussian
  double chi_squared_per_datum = 0; ///< Iterate::typical_chi_squared_per_datum
  double iterations = 0, hessian_actions = 0;
};

/// The path of weights that were tried, in the order of trial.
using WeightPath = std::vector<WeightPoint>;

/// Decides which weight is tried next. Rules know nothing of the problem: they are functions of the path.
class WeightRule
{
public:
  virtual ~WeightRule() = default;

  /// The next trial.
  struct Trial
  {
    double weight = 1;
    bool is_last = false; ///< whether its minimiser, found to the full tolerance, may be the result
    std::string remark;   ///< a sentence for the user; may be empty
  };
  /// @param path not empty
  virtual Trial next(const WeightPath &path) const = 0;
  /// Whether a last trial is the result. @param path ends with it
  virtual bool accepts(const WeightPath &path) const = 0;
  /// Whether the path has come to what the rule looks for. @param path ends with an accepted trial
  virtual bool reached(const WeightPath &path) const = 0;
  /// By which part of itself the misfit of a trial may be off.
  /// @param chi_squared_per_datum of the trial
  virtual double accuracy(double chi_squared_per_datum) const = 0;
  /// The least tolerance of Newton systems on the way.
  virtual double newton_tolerance() const = 0;
};

/// The discrepancy principle: chi^2/N = target. Source: Morozov 1966, Soviet Math. Dokl. 7, 414.
///
/// chi^2/N grows with w. Weights go down or up by what the secant of ln chi^2/N over ln w proposes, by a factor of 2 to
/// 20, until two of them lie on either side of the target; then the secant between those two proposes the last trial.
/// Where two steps by a factor of 4 or more change chi^2/N by less than 2 % each, or the weight has gone 1e10 times up or
/// down, the target cannot be reached: the last
/// trial is the largest weight that comes within 1 % of the nearest chi^2/N that was found.
class DiscrepancyRule : public WeightRule
{
public:
  explicit DiscrepancyRule(double target) : target_(target) {}
  Trial next(const WeightPath &path) const override;
  bool accepts(const WeightPath &path) const override;
  double accuracy(double chi_squared_per_datum) const override;
  double newton_tolerance() const override { return 0.1; }
  /// Whether the last weight comes within 5 % of the target.
  bool reached(const WeightPath &path) const override;

private:
  double excess(const WeightPoint &point) const; ///< ln of chi^2/N over the target
  Trial step_outwards(const WeightPath &path) const;
  /// The path without points that a later one shows to be wrong, since chi^2/N grows with the weight: they were
  /// minimised too roughly, or belong to another minimum.
  WeightPath without_contradictions(const WeightPath &path) const;
  bool has_stalled(const WeightPath &path) const;

  double target_;
};

/// The corner of the L-curve: where y = ln m^T R m over x = ln misfit bends most as w changes. Source: Hansen 1992,
/// SIAM Review 34, 561, doi:10.1137/1034115.
///
/// Of the slope no difference need be taken, since at a minimiser dy/dx = - misfit / prior (the prior with its weight).
/// The curvature is that of the angle atan(dy/dx) over the arc length, both rational interpolants of third order over
/// ln w (Floater and Hormann 2007, doi:10.1007/s00211-007-0093-y). Weights go down by half decades until the curvature
/// has clearly passed its maximum, at six points or more; quarter decades beside the maximum follow. Where there is no
/// maximum, the discrepancy principle takes over.
class LCurveRule : public WeightRule
{
public:
  /// @param target of the discrepancy principle, where there is no corner
  explicit LCurveRule(double target) : fallback_(target) {}
  Trial next(const WeightPath &path) const override;
  bool accepts(const WeightPath &path) const override;
  /// A corner was found, or else the target of the discrepancy principle was met.
  bool reached(const WeightPath &path) const override;
  double accuracy(double /*chi_squared_per_datum*/) const override { return 1e-3; }
  double newton_tolerance() const override { return 0.01; }

  /// The curvature at weight w; 0 from fewer than six points.
  static double curvature(const WeightPath &path, double weight);
  /// The weight of the largest curvature inside the path; 0 where the largest is at an end or not positive.
  static double corner(const WeightPath &path);

private:
  DiscrepancyRule fallback_;
};

} // namespace lodestone
