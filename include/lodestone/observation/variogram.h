#pragma once

#include <lodestone/observation/data_set.h>

#include <optional>
#include <vector>

namespace lodestone
{

/// Empirical semivariogram of the residuals of a data set: half the mean square of the differences of pairs of data of one
/// component, by distance in the map. Distances reach up to half of the largest one.
///
/// A model that was fitted to the data has followed a part of their errors, and its residuals have less variance than
/// those, at long distances above all. `set_kept` says how much less; then `fit` is one step of the estimate from the
/// likelihood of residuals (REML: Patterson & Thompson 1971, Biometrika 58, 545, doi:10.1093/biomet/58.3.545), by
/// simulation.
///
/// Numbers are in units of `scale`, a standard deviation of the set, so that no square of a small length is formed.
/// Source: Matheron 1963, Economic Geology 58, 1246, doi:10.2113/gsecongeo.58.8.1246.
struct Variogram
{
  /// The pairs of data within a range of distances.
  struct Bin
  {
    double distance = 0;     ///< mean of the pairs (m)
    double semivariance = 0; ///< in units of scale^2
    double n_pairs = 0;
    double square = 0, product = 0; ///< means of (s_i^2 + s_j^2)/2 and s_i s_j, s being sigma without sill and nugget
    double kept = 1;                ///< share of the errors' semivariance that a model leaves in its residuals
  };
  double scale = 1; ///< m
  std::vector<Bin> bins;

  /// Serial. @param residual one per datum (m)
  Variogram(const DataSet &set, DataView residual);

  /// Takes the shares that residuals keep from draws of the errors and the residuals that a model leaves of them, which
  /// both have the set's points: sums over the draws. Serial.
  void set_kept(const std::vector<Variogram> &of_errors, const std::vector<Variogram> &of_residuals);

  /// Expected semivariance of a bin, of errors that no model has followed, in units of scale^2.
  double expected(const Bin &bin, const NoiseModel &noise) const;
  /// Sill, range and nugget by weighted least squares, of the kind of correlation that `start` has; sill and nugget stay
  /// multiples of sigma^2 or variances as they are in `start`. For every range the two others are those of least squares
  /// with the weights n_b / (kept_b expected_b)^2, sill and nugget not negative, reweighted until they agree; of the ranges between
  /// the smallest and the largest distance the one is taken for which
  ///
  ///     sum_b n_b (semivariance_b / (kept_b expected_b) - 1)^2
  ///
  /// is smallest. Source: Cressie 1985, Math. Geol. 17, 563, doi:10.1007/BF01032109. Empty: fewer than four bins, no correlated part, or a range at an end of what
  /// the distances can tell.
  std::optional<NoiseModel> fit(const NoiseModel &start) const;
};

} // namespace lodestone
