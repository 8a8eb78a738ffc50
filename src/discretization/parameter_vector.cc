#include <lodestone/discretization/parameter_vector.h>

namespace lodestone
{

ParameterVector::ParameterVector(std::shared_ptr<const ParameterLayout> layout)
    : layout_(std::move(layout)), values_(layout_->partitioner)
{
}

} // namespace lodestone
