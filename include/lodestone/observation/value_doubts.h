#pragma once

#include <lodestone/observation/data_set.h>

#include <string>
#include <vector>

namespace lodestone
{

/// What is odd about the values of a set, each with what to do about it: many zeros in line-of-sight data, numbers that
/// other programs write where nothing was measured (-9999 and the like), values more than 1,000 robust deviations (1.4826
/// times the median of |d - median|) from the median of their component. Empty for places to predict at. Serial.
std::vector<std::string> doubts_about_values(const DataSet &set);

/// Which points lie so near another one that they tell the same twice, within 1 % of the median distance from a point to
/// the next; empty if none do. Serial.
std::string near_duplicates(const DataSet &set);

} // namespace lodestone
