#pragma once

#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// The data sets with `predicted`, a data vector of the load case (m), in place of what was measured: its values, and the
/// standard deviations that relative errors and floors give these values.
std::vector<DataSet> predicted_sets(const std::vector<DataSet> &sets, const DataVector &predicted);

/// Text of a CSV table of observed, predicted, residual (predicted - observed) and sigma, in the set's own unit: one row
/// per datum, with its position (m; where the file has them, longitude and latitude too).
/// @param predicted one value per datum of the set (m)
/// @param surface_elevation z of points that lie on the free surface (m)
std::string fit_table_text(const DataSet &set, DataView predicted, double surface_elevation);

} // namespace lodestone
