#pragma once

#include <deal.II/base/parameter_handler.h>

#include <string>

namespace lodestone
{

/// How errors of two data of one set depend on the distance h of their points in the map.
enum class Correlation
{
  independent,
  exponential, ///< exp(-h/range): 0.05 at 3 ranges
  gaussian,    ///< exp(-(h/range)^2): 0.05 at 1.73 ranges
  spherical,   ///< 1 - 1.5 h/range + 0.5 (h/range)^3, zero from the range on
  matrix       ///< covariances are those of a file (CovarianceFile)
};

/// A variance: that of each datum times a factor, or the same for all data.
struct Variance
{
  bool relative = true;
  double root = 0; ///< of the factor, or in m (m/yr): no square of a small length is formed

  /// Its root for a datum with the standard deviation `sigma` (m).
  double deviation(const double sigma) const { return relative ? root * sigma : root; }
};

/// Covariance of the errors of one data set. With the standard deviation s_i that the file and the deck give datum i,
///
///     C_ij = S_i S_j rho(h_ij) [same component] + N_i N_j c_ij [same row],   c_ii = 1
///
/// S_i^2 is the sill: its number times s_i^2, or a variance in m^2; N_i^2 the nugget in the same way, and c_ij the
/// correlation of two components of one station (columns corr_en, corr_eu, corr_nu; 0 without them). Independent errors
/// have S = 0, N_i = s_i. All that is multiplied with the square of `factor`. Components count as the same when both are east, north, up, or both along the line of sight.
struct NoiseModel
{
  Correlation correlation = Correlation::independent;
  Variance sill, nugget{true, 1};
  double range = 0;      ///< m
  bool estimate = false; ///< sill, range and nugget are values to start from (Variogram)
  double factor = 1;     ///< of all standard deviations beside what deck and file say, such as variance components give

  /// Standard deviation of a datum whose file and deck give it `sigma` (m): the root of C_ii. With a covariance file
  /// sigma is the root already, but for `factor`.
  double deviation(double sigma) const;
  /// Whether covariances depend on the standard deviations of file and deck.
  bool needs_sigma() const;
  /// Whether data of different points are correlated.
  bool correlates_points() const { return correlation != Correlation::independent; }
  /// rho at a distance (m).
  double rho(double distance) const;
  /// "exponential, sill 0.7 sigma^2, range 2000 m, nugget 0.3 sigma^2"; empty for independent errors.
  /// @param unit metres per unit of the file, @param unit_name its name
  std::string describe(double unit, const std::string &unit_name) const;

  /// Entries of the data set's subsection in the deck, as they are written.
  struct Parameters
  {
    Correlation correlation = Correlation::independent;
    std::string sill, range, nugget = "0", covariance_file;
    bool estimate = false;

    void add_parameters(dealii::ParameterHandler &handler);
    /// @param prefix path of the subsection with a slash behind it
    /// @throws InputError naming the entry
    NoiseModel read(const std::string &prefix, bool rate) const;
  };
};

} // namespace lodestone
