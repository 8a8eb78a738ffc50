#pragma once

#include <lodestone/base/csv.h>

#include <string>

namespace lodestone
{

/// Stations on a regular grid, as the table that a data file would hold: x, y (or x alone), then east, north, up, all zero.
///
/// Where `lodestone forward` predicts data without a file of positions. Serial.
/// @param spec "x0, x1, nx, y0, y1, ny" (lengths in m or with a unit); in 2-D "x0, x1, nx"
/// @throws InputError naming `where`
CsvTable station_grid(const std::string &spec, const std::string &where, unsigned int dim);

} // namespace lodestone
