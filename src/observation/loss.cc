#include <lodestone/base/number_text.h>
#include <lodestone/base/parameter_entries.h>
#include <lodestone/observation/loss.h>

namespace lodestone
{

namespace
{
const Choice<Loss::Kind> kinds = {
    {Loss::Kind::gaussian, "Gaussian"}, {Loss::Kind::huber, "Huber"}, {Loss::Kind::student_t, "Student-t"}};
} // namespace

double Loss::value(const double y) const
{
  switch (kind)
  {
  case Kind::gaussian:
    break;
  case Kind::huber:
    return std::abs(y) <= parameter ? y * y / 2 : parameter * (std::abs(y) - parameter / 2);
  case Kind::student_t:
    return (parameter + 1) / 2 * std::log1p(y / parameter * y);
  }
  return y * y / 2;
}

double Loss::second(const double y) const
{
  switch (kind)
  {
  case Kind::gaussian:
    break;
  case Kind::huber:
    return std::abs(y) <= parameter ? 1 : 0;
  case Kind::student_t: {
    const double q = y / parameter * y;
    return (parameter + 1) / parameter * (1 - q) / ((1 + q) * (1 + q));
  }
  }
  return 1;
}

double Loss::weight(const double y) const
{
  switch (kind)
  {
  case Kind::gaussian:
    break;
  case Kind::huber:
    return std::abs(y) <= parameter ? 1 : parameter / std::abs(y);
  case Kind::student_t:
    return (parameter + 1) / parameter / (1 + y / parameter * y);
  }
  return 1;
}

std::string Loss::describe() const
{
  return kinds.word(kind) + (kind == Kind::huber       ? " with threshold " + significant(parameter)
                             : kind == Kind::student_t ? " with " + significant(parameter) + " degrees of freedom"
                                                       : "");
}

void Loss::Parameters::add_parameters(dealii::ParameterHandler &handler)
{
  add_choice(handler, "Misfit", kind, kinds,
             "What a residual of y standard deviations adds to the misfit. Gaussian: y^2/2. Huber: y^2/2 up to Huber "
             "threshold, beyond it a straight line, so that outliers pull no harder than the threshold; convex. "
             "Student-t: (n+1)/2 ln(1 + y^2/n) with n Degrees of freedom: far outliers do not pull at all; not "
             "convex. Where errors are correlated, y are the whitened residuals.");
  handler.add_parameter("Huber threshold", threshold,
                        "Misfit = Huber: where the straight line begins, in standard deviations (above 0). At 1.345 "
                        "Gaussian errors lose 5 % of their information.",
                        dealii::Patterns::Double());
  handler.add_parameter("Degrees of freedom", degrees_of_freedom,
                        "Misfit = Student-t: n (at least 1). The smaller it is, the more outliers are expected; beyond "
                        "30 errors are nearly Gaussian.",
                        dealii::Patterns::Double());
}

Loss Loss::Parameters::read(const std::string &prefix) const
{
  if (kind == Kind::huber && !(threshold > 0 && std::isfinite(threshold)))
    throw InputError(prefix + "Huber threshold", significant(threshold),
                     "Give a number of standard deviations above 0, such as 1.345.");
  if (kind == Kind::student_t && !(degrees_of_freedom >= 1 && std::isfinite(degrees_of_freedom)))
    throw InputError(prefix + "Degrees of freedom", significant(degrees_of_freedom),
                     "Give a number of at least 1, such as 4.");
  return {kind, kind == Kind::huber ? threshold : kind == Kind::student_t ? degrees_of_freedom : 0};
}

} // namespace lodestone
