#pragma once

#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// What the log says about a data set when a run starts: "asc: 795 data (line of sight), -12.3 to 6.3 mm/yr, sigma 1 to
/// 1 mm/yr, 0 of 795 points (0 %) outside the mesh".
/// @param n_outside number of points outside the mesh, among the `n_points` of the file
std::string describe(const DataSet &set, unsigned int n_outside, unsigned int n_points);

/// The sign convention in plain words: "1 cm of uplift gives +0.78 cm on asc.csv".
std::string sign_statement(const DataSet &set);

/// How large errors of a set's predicted data are against the noise of the data.
struct ErrorStatistics
{
  double rms = 0, largest = 0; ///< standard deviations of the data
  double rms_length = 0;       ///< m, or m/yr
  double share = 0;            ///< rms_length over the largest predicted value
  std::string where;           ///< of the largest: the station's name, or where it lies
  double unit = 1;             ///< metres per unit of the set's file
  std::string unit_name;
};

/// @param error,predicted one entry per datum (m)
ErrorStatistics error_statistics(const DataSet &set, DataView error, DataView predicted);

/// "rms 0.11 sigma, largest 0.42 sigma at FC05 (rms 0.23 mm, 0.4 % of the largest prediction)".
std::string describe(const ErrorStatistics &statistics);

/// What is odd about the directions of a line-of-sight set, each with what to do about it: satellites that would fly
/// from west to east, directions that point down, angles that look like radians. Empty for other sets.
std::vector<std::string> doubts_about_directions(const DataSet &set);

/// How well a set of data is fitted. Squares are formed of whitened residuals only.
struct FitStatistics
{
  std::string name; ///< "gnss", or "gnss east" for one component of a set with several
  unsigned int n = 0;
  double chi_squared = 0; ///< of whitened residuals, without the set's weight
  /// The same of typical data: the square of 1.4826 times the median of |whitened residual|, which outliers do not move.
  double typical_chi_squared = 0;
  double rms = 0;          ///< of the residual (m)
  double weighted_rms = 0; ///< weights 1 / sigma^2 (m)
  double rms_observed = 0; ///< of the observed values (m)
  double unit = 1;         ///< metres per unit of the set's file
  std::string unit_name;   ///< of that unit: "mm/yr"

  double chi_squared_per_datum() const { return chi_squared / n; }
};

/// The statistics of one set, all components together. Serial.
/// @param residual, standardized one entry per datum, as in `fit_statistics`
FitStatistics set_statistics(const DataSet &set, DataView residual, DataView standardized);

/// Returns the statistics of every set, each followed by those of its components if it has several. Serial.
/// @param residual data vector of the load case (m)
/// @param standardized the same whitened, without the sets' weights
std::vector<FitStatistics> fit_statistics(const std::vector<DataSet> &sets, const DataVector &residual,
                                          const DataVector &standardized);

/// How the observed values of a set compare with what is predicted: the factor f that minimises |W (d_observed - f d)|
/// and the correlation d . d_observed / (|d| |d_observed|) of whitened data, neither reduced by its mean.
struct DataComparison
{
  double factor = 0, correlation = 0; ///< 0 where nothing is predicted or observed
};

/// Compares the observed values of one set with predicted ones; both are whitened, and have no nuisance terms left in
/// them. Serial.
DataComparison compare_with_data(DataView observed, DataView predicted);

/// "the data are 1.03 times what is predicted (correlation 0.99)".
std::string describe(const DataComparison &comparison);
/// What is probably wrong, as a question: "opposite sign?", "mm taken for m?"; empty if nothing is.
std::string suspicion(const DataComparison &comparison);

} // namespace lodestone
