#include <lodestone/prior/prior.h>

#include <deal.II/base/exceptions.h>

#include <cmath>

namespace lodestone
{

void Prior::set_factor(const double factor)
{
  AssertThrow(factor > 0 && std::isfinite(factor), dealii::ExcMessage("the factor of a prior is a positive number"));
  factor_ = factor;
}

} // namespace lodestone
