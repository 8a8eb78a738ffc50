#include <lodestone/base/error.h>
#include <lodestone/base/units.h>
#include <lodestone/prior/weight_parameters.h>

#include <cmath>

namespace lodestone
{

namespace
{
double positive(const std::string &text, const std::string &where, const std::string &remedy)
{
  const double value = parse_quantity(text, Quantity::number, where);
  if (!(value > 0 && std::isfinite(value)))
    throw InputError(where, "\"" + text + "\" is not positive", remedy);
  return value;
}
} // namespace

WeightParameters WeightParameters::read(const std::string &weight, const std::string &target, const std::string &path)
{
  const std::string where = path + "/Weight";
  const std::string remedy = "Give one positive number, or discrepancy, or l-curve.";
  WeightParameters result;
  result.target =
      positive(target, path + "/Discrepancy target", "Give a positive number; 1 fits the data to their sigma.");
  if (weight == "discrepancy" || weight == "l-curve")
  {
    result.choice = weight == "discrepancy" ? WeightChoice::discrepancy : WeightChoice::l_curve;
    return result;
  }
  if (weight.find_first_of(",;") != std::string::npos)
    throw InputError(where, "\"" + weight + "\" is a list", remedy);
  if (weight.find_first_of("0123456789") == std::string::npos)
    throw InputError(where, "\"" + weight + "\" is not a number", remedy);
  result.weight = positive(weight, where, remedy);
  return result;
}

} // namespace lodestone
