#pragma once

#include <lodestone/prior/box_field.h>

namespace lodestone
{

/// The standard deviations of A^-1 M^(1/2) xi, xi white noise, in the cells of a box, where the axes of T are not those of the
/// box. A is what CornerSquares and BoundarySquares make of such cells, and the variances are, without error,
///
///   (A^-1 M A^-1)_ii = V sum_j (A^-1)_ij^2,   V the volume of a cell.
///
/// Work: n^3 for n cells in all, memory 8 n^2 bytes. Not collective.
template <int dim>
std::vector<double> tilted_box_deviations(const BoxGrid<dim> &grid, const BoxWeights<dim> &weights);

} // namespace lodestone
