#pragma once

#include <lodestone/observation/data_set.h>

namespace lodestone
{

/// N: the nuisance terms of all data sets of a load case, one column per term with one entry per datum.
///
/// A group is one data set, or all sets of one `Shared nuisance` name; (x0, y0) is the centre of its bounding box.
///
///     offset   one column e_c for each component that a component set of the group measures;
///              in a group of line-of-sight sets alone, one column of ones
///     ramp     the columns of offset, and each of them times (x - x0) and (y - y0); in 2-D times (x - x0) alone
///     quadratic  the columns of ramp, and each of offset times (x - x0)^2, (x - x0)(y - y0) and (y - y0)^2
///     rotation   one column -(y - y0) e_east + (x - x0) e_north: a small rotation about the vertical, as of a plate
///                about its Euler pole; with the offset, a rigid motion of the network
///     elevation  one column h - h0, h the height of the point and h0 the middle of their range, in line-of-sight sets
///
/// So in a group of both kinds of sets the columns are a translation of the reference frame, which a line of sight sees
/// along its direction. Coefficients: offsets are in metres (m/yr for rates) at the centre of the group; slopes have no
/// unit, metres per metre (1e-6 is 1 mm/km); rotations are in rad (rad/yr), positive from east to north.
struct NuisanceTerms
{
  std::vector<std::string> names;           ///< "gnss: east offset (m)"
  std::vector<std::vector<double>> columns; ///< not whitened

  /// @throws InputError when sets that share terms ask for different ones, or mix rates and displacements; for rotations
  /// without horizontal components and elevations without heights
  explicit NuisanceTerms(const std::vector<DataSet> &sets);
};

} // namespace lodestone
