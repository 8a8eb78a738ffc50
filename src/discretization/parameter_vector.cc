#include <lodestone/discretization/parameter_vector.h>

namespace lodestone
{

unsigned int ParameterLayout::field_of(const dealii::types::global_dof_index unknown) const
{
  const bool is_global = unknown >= first_global();
  const std::size_t place = is_global ? unknown - first_global() : unknown % fields.size();
  for (unsigned int k = 0; k < unknown_fields.size(); ++k)
  {
    const UnknownField &field = unknown_fields[k];
    const std::size_t n = is_global ? field.zones.size() : 1;
    if (field.is_by_zone == is_global && place >= field.first && place < field.first + n)
      return k;
  }
  return dealii::numbers::invalid_unsigned_int;
}

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
