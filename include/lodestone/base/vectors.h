#pragma once

#include <deal.II/lac/la_parallel_vector.h>

namespace lodestone
{

/// Distributed vector with ghost entries; every field of the program is one of these.
using DistributedVector = dealii::LinearAlgebra::distributed::Vector<double>;

} // namespace lodestone
