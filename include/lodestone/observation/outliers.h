#pragma once

#include <lodestone/observation/data_set.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The data of one set that its fit leaves farthest outside, by standardized residuals.
struct Outliers
{
  unsigned int down_weighted = 0;  ///< data that count for less than half (Loss::share)
  unsigned int beyond_five = 0;    ///< residuals of more than five standard deviations
  std::vector<unsigned int> worst; ///< data, the largest residual first; at most five
};

/// Serial. @param standardized whitened residuals of the set, without its weight
Outliers find_outliers(const DataSet &set, DataView standardized);

/// "gnss: 104 of 768 data count for less than half (Huber with threshold 1.5), the worst: north at FC05 (20.3 sigma), ...";
/// of a set with Gaussian errors how many residuals are beyond five standard deviations. Empty where there are none.
std::string describe(const DataSet &set, const Outliers &outliers, DataView standardized);

} // namespace lodestone
