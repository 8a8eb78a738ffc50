#include <lodestone/discretization/parameter_vector.h>

namespace lodestone
{

ParameterVector::ParameterVector(std::shared_ptr<const ParameterLayout> layout)
    : layout_(std::move(layout)), values_(layout_->partitioner)
{
}

ParameterVector &ParameterVector::operator=(const ParameterVector &other)
{
  if (this == &other)
    return *this;
  layout_ = other.layout_;
  // Assignment alone would keep the ghosts of the earlier layout where the owned entries are the same.
  if (values_.get_partitioner() != other.values_.get_partitioner())
    values_.reinit(other.values_, true);
  values_ = other.values_;
  return *this;
}

} // namespace lodestone
