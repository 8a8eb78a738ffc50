#pragma once

#include <lodestone/material/isotropic.h>

#include <deal.II/base/point.h>

#include <functional>
#include <optional>

namespace lodestone
{

/// The mean of an isotropic material over a cell in which it jumps.
///
/// First the corners are compared with the centre. Where one differs, the line between the two is halved again and
/// again towards the larger difference: if this does not vanish, the material jumps, and the cell is cut. A smooth
/// change is none. A cut cell is taken as 4^(dim-1) columns along the axis across which most corners differ. In a
/// column the places of jumps are found by halving between nine points, so that a plane that cuts across the columns is
/// met exactly. Volumes are those of the unit cell.
///
/// The mean is harmonic, of the moduli of longitudinal and of shear waves, 1/(lambda + 2 mu) and 1/mu: that of layers
/// under loads across them (Backus 1962, doi:10.1029/JZ067i011p04427), which converges best (see the guide). The
/// Poisson ratio of the mean lies between those of the parts.
/// @param centre the material at the centre
/// @param at the material at a point of the unit cell
/// @return nothing if the cell is not cut
template <int dim>
std::optional<Lame> mean_of_cut_cell(const Lame &centre, const std::function<Lame(const dealii::Point<dim> &)> &at);

} // namespace lodestone
