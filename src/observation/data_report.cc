#include <lodestone/base/csv.h>
#include <lodestone/base/number_text.h>
#include <lodestone/observation/data_layout.h>
#include <lodestone/observation/data_report.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace lodestone
{

namespace
{

const char *const component_words[] = {"east", "north", "up", "line of sight"};

std::vector<unsigned int> components_of(const DataSet &set)
{
  std::vector<unsigned int> components;
  for (unsigned int c = 0; c < 4; ++c)
    if (std::count(set.component.begin(), set.component.end(), c) > 0)
      components.push_back(c);
  return components;
}

std::string signed_centimetres(const double value, const bool rate)
{
  return (std::signbit(value) ? "" : "+") + fixed(value, 2) + (rate ? " cm/yr" : " cm");
}

/// Root mean square with weights, safe against underflow: divided by the largest entry first.
double root_mean_square(const std::vector<double> &values, const std::vector<double> &weights)
{
  double largest = 0, sum = 0, sum_of_weights = 0;
  for (const double v : values)
    largest = std::max(largest, std::abs(v));
  if (largest == 0)
    return 0;
  for (unsigned int i = 0; i < values.size(); ++i)
  {
    sum += weights[i] * (values[i] / largest) * (values[i] / largest);
    sum_of_weights += weights[i];
  }
  return largest * std::sqrt(sum / sum_of_weights);
}

constexpr unsigned int all_components = 4;

/// Statistics of the data of one set that belong to `component`.
FitStatistics statistics(const DataSet &set, const DataView residual, const DataView standardized,
                         const unsigned int component)
{
  FitStatistics result;
  result.name = set.name + (component < all_components ? std::string(" ") + component_words[component] : "");
  const double smallest_sigma = *std::min_element(set.sigma.begin(), set.sigma.end());
  std::vector<double> residuals, observed, weights, sizes;
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    if (component < all_components && set.component[i] != component)
      continue;
    const double root = smallest_sigma / set.sigma[i];
    result.chi_squared += standardized[i] * standardized[i];
    sizes.push_back(std::abs(standardized[i]));
    residuals.push_back(residual[i]);
    observed.push_back(set.value[i]);
    weights.push_back(root * root);
  }
  result.n = residuals.size();
  std::nth_element(sizes.begin(), sizes.begin() + sizes.size() / 2, sizes.end());
  constexpr double normal = 1.4826; // standard deviation over median of the absolute value
  result.typical_chi_squared = normal * normal * sizes[sizes.size() / 2] * sizes[sizes.size() / 2];
  const std::vector<double> ones(result.n, 1.);
  result.rms = root_mean_square(residuals, ones);
  result.weighted_rms = root_mean_square(residuals, weights);
  result.rms_observed = root_mean_square(observed, ones);
  return result;
}

} // namespace

std::string describe(const DataSet &set, const unsigned int n_outside, const unsigned int n_points)
{
  const auto [finest, coarsest] = std::minmax_element(set.sigma.begin(), set.sigma.end());
  std::ostringstream text;
  text << std::setprecision(3) << set.name << ": " << set.n_data() << (set.observed ? " data" : " values to predict")
       << " (";
  const std::vector<unsigned int> components = components_of(set);
  for (unsigned int k = 0; k < components.size(); ++k)
    text << (k > 0 ? ", " : "") << component_words[components[k]];
  text << "), ";
  if (set.observed)
  {
    const auto [lowest, highest] = std::minmax_element(set.value.begin(), set.value.end());
    text << *lowest / set.unit << " to " << *highest / set.unit << " " << set.unit_name << ", ";
  }
  text << "sigma " << *finest / set.unit << " to " << *coarsest / set.unit << " " << set.unit_name << ", " << n_outside
       << " of " << n_points << " points (" << (n_points > 0 ? 100. * n_outside / n_points : 0.)
       << " %) outside the mesh";
  if (n_outside > 0 && set.drop_outside)
    text << " and dropped";
  if (set.no_data > 0)
    text << ", " << counted(set.no_data, "value") << " left out as no data";
  if (set.ignored_rows > 0)
    text << ", " << counted(set.ignored_rows, "row") << " without values skipped";
  if (const std::string noise = set.noise.describe(set.unit, set.unit_name); !noise.empty())
    text << "; noise " << noise;
  if (!set.ignored_columns.empty())
    text << ", " << ignored_columns_text(set.ignored_columns);
  if (set.ignored_heights > 0 && !set.nuisance.elevation)
    text << ", " << counted(set.ignored_heights, "height") << " ignored (the model's surface is flat)";
  return text.str();
}

std::string sign_statement(const DataSet &set)
{
  const std::string place =
      set.observed ? "on " + set.file.substr(set.file.find_last_of('/') + 1) : "in what is predicted";
  if (!set.line_of_sight)
  {
    const std::vector<unsigned int> components = components_of(set);
    const bool up = components.back() == 2;
    const char *motions[] = {"motion to the east", "motion to the north", "uplift"};
    const unsigned int c = up ? 2 : components.front();
    return std::string(set.rate ? "1 cm/yr of " : "1 cm of ") + motions[c] + " gives " +
           signed_centimetres(1, set.rate) + " (" + component_words[c] + ") " + place;
  }
  // Directions are of length one and change little over a scene.
  dealii::Tensor<1, 3> mean;
  for (const auto &e : set.direction)
    mean += e / set.n_data();
  const std::string one = set.rate ? "1 cm/yr of " : "1 cm of ";
  return one + "uplift gives " + signed_centimetres(mean[2], set.rate) + " " + place + ", " + one +
         "motion to the east " + signed_centimetres(mean[0], set.rate) + ", to the north " +
         signed_centimetres(mean[1], set.rate) + " (positive toward the satellite)";
}

ErrorStatistics error_statistics(const DataSet &set, const DataView error, const DataView predicted)
{
  ErrorStatistics result;
  result.unit = set.unit;
  result.unit_name = set.unit_name;
  unsigned int at = 0;
  double largest_prediction = 0;
  for (unsigned int i = 0; i < set.n_data(); ++i)
  {
    const double relative = std::abs(error[i]) / set.sigma[i];
    result.rms += relative * relative;
    result.rms_length += error[i] * error[i];
    largest_prediction = std::max(largest_prediction, std::abs(predicted[i]));
    if (relative >= result.largest)
    {
      result.largest = relative;
      at = i;
    }
  }
  if (set.n_data() == 0)
    return result;
  result.rms = std::sqrt(result.rms / set.n_data());
  result.rms_length = std::sqrt(result.rms_length / set.n_data());
  result.share = largest_prediction > 0 ? result.rms_length / largest_prediction : 0;
  const auto &place = set.row_points[set.row[at]];
  result.where = !set.row_name.empty() ? set.row_name[set.row[at]]
                 : set.section         ? "x = " + significant(place[0]) + " m"
                                       : point_text<2>(dealii::Point<2>(place[0], place[1])) + " m";
  return result;
}

std::string describe(const ErrorStatistics &statistics)
{
  return "rms " + significant(statistics.rms, 2) + " sigma, largest " + significant(statistics.largest, 2) +
         " sigma at " + statistics.where + " (rms " + significant(statistics.rms_length / statistics.unit, 2) + " " +
         statistics.unit_name + ", " + significant(100 * statistics.share, 2) + " % of the largest prediction)";
}

std::vector<std::string> doubts_about_directions(const DataSet &set)
{
  if (!set.line_of_sight)
    return {};
  constexpr double one_point_six_degrees = 0.028;
  unsigned int along_flight = 0, down = 0, vertical = 0, n = 0;
  for (std::size_t i = 0; i < set.direction.size(); ++i)
    if (set.component[i] == 3)
    {
      const auto &e = set.direction[i];
      const double horizontal = std::hypot(e[0], e[1]);
      ++n;
      // e_east = -+ sin i cos h: the satellite's orbit is less than 30 degrees from north or south.
      along_flight += horizontal > one_point_six_degrees && std::abs(e[0]) < 0.5 * horizontal ? 1 : 0;
      down += e[2] < 0 ? 1 : 0;
      vertical += horizontal < one_point_six_degrees ? 1 : 0;
    }
  const auto count = [n](const unsigned int k) {
    return "of " + counted(n, "direction") + ", " + std::to_string(k) + (k == 1 ? " is" : " are");
  };
  std::vector<std::string> doubts;
  if (down > 0)
    doubts.push_back(count(down) +
                     " downward. They must point from the ground to the satellite: change the sign of e_east, "
                     "e_north and e_up, and that of the data if these are positive away from the satellite.");
  if (along_flight > 0)
    doubts.push_back(count(along_flight) +
                     " of a satellite that flies east or west, and no radar satellite does. The heading is the "
                     "direction of the flight, clockwise from north; from an azimuth that counts counterclockwise from "
                     "east it is 90 degrees less the azimuth, from the azimuth of a look to the right that azimuth "
                     "less 90 degrees.");
  if (n > 0 && vertical == n)
    doubts.push_back("all directions are vertical within 1.6 degrees. Are the angles in radians? Give them in "
                     "degrees.");
  return doubts;
}

DataComparison compare_with_data(const DataView observed, const DataView predicted)
{
  const std::vector<double> d(observed.begin(), observed.end()), p(predicted.begin(), predicted.end());
  const std::vector<double> ones(d.size(), 1.);
  const double d_size = root_mean_square(d, ones), p_size = root_mean_square(p, ones);
  DataComparison result;
  if (d_size == 0 || p_size == 0)
    return result;
  for (std::size_t i = 0; i < d.size(); ++i)
    result.correlation += (d[i] / d_size) * (p[i] / p_size) / d.size();
  result.factor = result.correlation * (d_size / p_size);
  return result;
}

std::string describe(const DataComparison &comparison)
{
  return "the data are " + significant(comparison.factor, 3) + " times what is predicted (correlation " +
         fixed(comparison.correlation, 2) + ")";
}

std::string suspicion(const DataComparison &comparison)
{
  // A prediction of which the data are no multiple says nothing about signs and units. Factors: within 3 of a unit's.
  if (std::abs(comparison.correlation) < 0.5)
    return "";
  std::string text = comparison.correlation < 0 ? "opposite sign?" : "";
  const double size = std::abs(comparison.factor);
  const auto is_near = [&](const double factor) { return size > factor / 3 && size < 3 * factor; };
  const std::string units = is_near(1000)    ? "mm taken for m?"
                            : is_near(100)   ? "cm taken for m?"
                            : is_near(0.001) ? "m taken for mm?"
                            : is_near(0.01)  ? "m taken for cm?"
                            : size > 30      ? "a load that is far too small, or wrong units?"
                            : size < 1. / 30 ? "a load that is far too large, or wrong units?"
                                             : "";
  return text + (text.empty() || units.empty() ? "" : " ") + units;
}

FitStatistics set_statistics(const DataSet &set, const DataView residual, const DataView standardized)
{
  return statistics(set, residual, standardized, all_components);
}

std::vector<FitStatistics> fit_statistics(const std::vector<DataSet> &sets, const DataVector &residual,
                                          const DataVector &standardized)
{
  std::vector<FitStatistics> result;
  const DataLayout layout(sets);
  for (unsigned int k = 0; k < sets.size(); ++k)
  {
    const DataView of_set = layout.slice(residual, k), whitened = layout.slice(standardized, k);
    const std::size_t first = result.size();
    result.push_back(statistics(sets[k], of_set, whitened, all_components));
    const std::vector<unsigned int> components = components_of(sets[k]);
    if (components.size() > 1)
      for (const unsigned int c : components)
        result.push_back(statistics(sets[k], of_set, whitened, c));
    for (std::size_t i = first; i < result.size(); ++i)
    {
      result[i].unit = sets[k].unit;
      result[i].unit_name = sets[k].unit_name;
    }
  }
  return result;
}

} // namespace lodestone
