#pragma once

#include <lodestone/base/csv.h>
#include <lodestone/discretization/geographic.h>

namespace lodestone
{

// One meridian has many longitudes, whole turns apart: 243.5 is -116.5. Everything that reads or writes longitudes
// brings them near the model with these functions. All longitudes are in degrees.

/// The longitude of the same meridian that lies within 180 degrees of `centre`: in (centre - 180, centre + 180]. One
/// that lies there already comes back as it is, bit for bit.
double longitude_near(double longitude, double centre);

/// Brings the column `lon` of a table near `centre`, in degrees whatever its unit was. The table may lack the column.
/// @throws InputError naming file and line for a longitude beyond -360 to 360
void fold_longitudes(CsvTable &table, double centre);

/// The same for a table of values on a grid, columns `lon` and `lat`: its columns end up side by side, also across 0
/// and across the date line, and rows of a meridian that is given twice (0 and 360) become one.
///
/// A grid of a part of the world that lies on the other side of the Earth is not torn apart where the turn begins: the
/// circle is cut in the widest gap between the grid's columns.
/// @return the longitude about which positions must be folded before they are looked up in the table: `origin`, or the
///   centre of that grid
/// @throws InputError naming file and line when the two rows of a meridian given twice differ
double fold_longitude_grid(CsvTable &table, double origin);

/// For a table of places. @param lon, lat its columns of longitudes and latitudes
/// @throws InputError for a latitude beyond -90 to 90, and where longitudes and latitudes look exchanged: the middle of
/// the places is far from the model's origin, and near it once they are
void check_not_exchanged(const CsvTable &table, unsigned int lon, unsigned int lat,
                         const GeographicProjection &projection);

} // namespace lodestone
