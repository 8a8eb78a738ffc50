#include <lodestone/base/csv.h>
#include <lodestone/base/error.h>
#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/base/units.h>
#include <lodestone/observation/noise_model.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

const Choice<Correlation> correlations = {{Correlation::independent, "independent"},
                                          {Correlation::exponential, "exponential"},
                                          {Correlation::gaussian, "gaussian"},
                                          {Correlation::spherical, "spherical"},
                                          {Correlation::matrix, "matrix"}};

/// "0.7": times sigma^2; "9 mm^2", in a set of rates "9 mm^2/yr^2": the same for all data. @throws InputError
Variance read_variance(const std::string &text, const bool rate, const std::string &where)
{
  const std::string remedy =
      std::string("Give a number of at least 0, by which sigma^2 of the data is multiplied, or a ") +
      "variance with its unit, such as 9 mm^2" + (rate ? "/yr^2." : ".");
  Variance result;
  double value = 0;
  if (!read_number(text, value))
  {
    result.relative = false;
    std::string area = trimmed(text);
    const std::string per_year = "/yr^2";
    const bool ends =
        area.size() > per_year.size() && area.compare(area.size() - per_year.size(), per_year.size(), per_year) == 0;
    if (ends)
      area.erase(area.size() - per_year.size());
    if (ends != rate)
      throw InputError(where, "\"" + text + "\" does not fit the data set's Units", remedy);
    value = parse_quantity(area, Quantity::area, where);
  }
  if (!(value >= 0 && std::isfinite(value)))
    throw InputError(where, "\"" + text + "\" is not a variance", remedy);
  result.root = std::sqrt(value);
  return result;
}

std::string variance_text(const Variance &variance, const double unit, const std::string &unit_name)
{
  const double root = variance.relative ? variance.root : variance.root / unit;
  const bool compound = unit_name.find('/') != std::string::npos;
  return significant(root * root, 4) + " " +
         (variance.relative ? "sigma^2" : (compound ? "(" + unit_name + ")^2" : unit_name + "^2"));
}

} // namespace

double NoiseModel::deviation(const double sigma) const
{
  return factor * (correlation != Correlation::independent && correlation != Correlation::matrix
                       ? std::hypot(sill.deviation(sigma), nugget.deviation(sigma))
                       : sigma);
}

bool NoiseModel::needs_sigma() const
{
  const auto multiplies_sigma = [](const Variance &variance) { return variance.relative && variance.root > 0; };
  return correlation != Correlation::matrix &&
         (!correlates_points() || multiplies_sigma(sill) || multiplies_sigma(nugget));
}

double NoiseModel::rho(const double distance) const
{
  const double h = distance / range;
  switch (correlation)
  {
  case Correlation::exponential:
    return std::exp(-h);
  case Correlation::gaussian:
    return std::exp(-h * h);
  case Correlation::spherical:
    return h < 1 ? 1 - h * (1.5 - 0.5 * h * h) : 0;
  case Correlation::independent:
  case Correlation::matrix:
    break;
  }
  return 0;
}

std::string NoiseModel::describe(const double unit, const std::string &unit_name) const
{
  const std::string scaled = factor == 1 ? "" : ", sigma times " + significant(factor, 3);
  if (!correlates_points())
    return scaled.empty() ? "" : "independent" + scaled;
  if (correlation == Correlation::matrix)
    return "of a covariance file" + scaled;
  return correlations.word(correlation) + ", sill " + variance_text(sill, unit, unit_name) + ", range " +
         significant(range, 4) + " m, nugget " + variance_text(nugget, unit, unit_name) + scaled;
}

void NoiseModel::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  add_choice(
      handler, "Noise", correlation, correlations,
      "How errors of two data of the same component depend on the distance h of their points in the map. "
      "independent: they do not. exponential: exp(-h/Range), which is 0.05 at three ranges; gaussian: "
      "exp(-(h/Range)^2), 0.05 at 1.73 ranges; spherical: 1 - 1.5 h/Range + 0.5 (h/Range)^3, which is 0 from "
      "the range on. The covariance is Sill times that, and Nugget more for a datum with itself. matrix: covariances "
      "are in Covariance file. At most 20,000 data.");
  add_text(handler, "Sill", sill,
           "The correlated part of the variance. A number multiplies sigma^2 of the data, which File, Sigma, Relative "
           "error and Floor give (sigma_i sigma_j for two data); a variance with its unit, such as 9 mm^2 or 9 "
           "mm^2/yr^2, is the same for all data. Needed unless Noise = independent.");
  add_text(handler, "Range", range, "The length in the formulas of Noise (m, or with a unit). Needed as Sill is.");
  add_text(
      handler, "Covariance file", covariance_file,
      "Noise = matrix: a text file with the covariance matrix of the data, one line for each datum in the order of "
      "File (east, north, up of a row one after the other, without values that are nan), in the square of Units. "
      "It stands for all standard deviations. Relative to the folder of the parameter file.");
  add_text(handler, "Nugget", nugget,
           "The part of the variance that no two points share, written as Sill is: with Sill = 9 mm^2 and Nugget = 1 "
           "the data have their own sigma as independent errors, and 9 mm^2 of correlated ones on top.");
  handler.add_parameter(
      "Estimate noise", estimate,
      "invert: Sill, Range and Nugget are values to start from. At the first minimum they are fitted "
      "to the semivariogram of the residuals, and the minimisation goes on from there with the result.",
      dealii::Patterns::Bool());
}

NoiseModel NoiseModel::Parameters::read(const std::string &prefix, const bool rate) const
{
  NoiseModel model;
  model.correlation = correlation;
  const bool from_file = correlation == Correlation::matrix;
  if (from_file == trimmed(covariance_file).empty())
    throw InputError(prefix + "Covariance file",
                     from_file ? "the entry is empty, and Noise = matrix needs it"
                               : "'" + covariance_file + "' is given, but Noise = " + correlations.word(correlation),
                     from_file ? "Name the file of the covariance matrix." : "Set Noise = matrix, or leave it out.");
  if (!model.correlates_points() || from_file)
  {
    if (estimate)
      throw InputError(prefix + "Estimate noise", "yes is given, but Noise = " + correlations.word(correlation),
                       "Set Noise = exponential, gaussian or spherical, with values to start from.");
    const std::string is_given = "' is given, but Noise = " + correlations.word(correlation);
    for (const auto &[entry, text] : {std::pair<const char *, const std::string &>("Sill", sill), {"Range", range}})
      if (!trimmed(text).empty())
        throw InputError(prefix + entry, "'" + text + is_given,
                         "Set Noise = exponential, gaussian or spherical, or leave the entry out.");
    if (double value = 1; !trimmed(nugget).empty() && !(read_number(nugget, value) && value == 0))
      throw InputError(prefix + "Nugget", "'" + nugget + is_given,
                       "Set Noise = exponential, gaussian or spherical, or leave the entry out.");
    return model;
  }
  model.estimate = estimate;
  const std::string noise = "Noise = " + correlations.word(correlation);
  if (trimmed(sill).empty())
    throw InputError(prefix + "Sill", "the entry is empty, and " + noise + " needs it",
                     "Give a number, by which sigma^2 of the data is multiplied, or a variance such as 9 mm^2.");
  if (trimmed(range).empty())
    throw InputError(prefix + "Range", "the entry is empty, and " + noise + " needs it",
                     "Give a length above 0, such as 2 km.");
  model.sill = read_variance(sill, rate, prefix + "Sill");
  model.nugget = trimmed(nugget).empty() ? Variance{true, 0} : read_variance(nugget, rate, prefix + "Nugget");
  model.range = parse_quantity(range, Quantity::length, prefix + "Range");
  if (model.sill.root == 0)
    throw InputError(prefix + "Sill", "'" + sill + "' is zero, so nothing is correlated",
                     "Give a number above 0, or set Noise = independent.");
  if (!(model.range > 0 && std::isfinite(model.range)))
    throw InputError(prefix + "Range", "'" + range + "' is not above 0", "Give a length above 0, such as 2 km.");
  return model;
}

} // namespace lodestone
