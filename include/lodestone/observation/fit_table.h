#pragma once

#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// Text of a CSV table of observed, predicted, residual (predicted - observed) and sigma, in the set's own unit, and
/// standardized residuals: one row per datum, with its position (m; where the file has them, longitude and latitude
/// too).
/// @param predicted one value per datum of the set (m)
/// @param standardized whitened residuals, without the set's weight
/// @param discretization_error estimated, one value per datum (m); empty: the table has no such column
/// @param surface_elevation z of points that lie on the free surface (m)
std::string fit_table_text(const DataSet &set, DataView predicted, DataView standardized, DataView discretization_error,
                           double surface_elevation);

} // namespace lodestone
