#pragma once

#include <deal.II/base/array_view.h>

#include <vector>

namespace lodestone
{

/// One number per datum of a load case, all data sets one after the other; the same on every rank. Metres (or m/yr for
/// rates).
using DataVector = std::vector<double>;

/// The part of a data vector that belongs to one data set (DataLayout), or all of it. It refers to the vector's own
/// numbers.
using DataView = dealii::ArrayView<const double>;
using MutableDataView = dealii::ArrayView<double>;

} // namespace lodestone
