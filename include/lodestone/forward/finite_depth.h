#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

namespace lodestone
{

/// How much the finite depth L of a model changes vertical displacement under a net vertical surface force P.
///
/// 3-D: a half-space moves by about 0.44 (1 - nu^2) P / (E L) more than a wide model that is held at depth L, near the
/// load; twice the depth adds half of it (0.41 to 0.44 found in boxes 16 times as wide as deep). P in N.
///
/// 2-D, plane strain: there is no half-space to come near to. Displacement under a line load, 2 (1 - nu^2) P ln(L / r)
/// / (pi E) + constant (Flamant 1892; Johnson 1985, Contact mechanics, section 2.3), grows with the logarithm of the
/// depth, and twice the depth adds 2 ln 2 (1 - nu^2) P / (pi E) to all of the surface within a part of L about the
/// load. P in N/m. Only differences between points there have a limit.
///
/// Both hold for a load on a small part of a wide box. One that spans the box (relative_spread) makes a column of it,
/// whose answer depends on its depth by right: there is no half-space to compare with.
///
/// E and nu are means over the cells at the bottom: what is added is added there. Metres.
template <int dim>
class FiniteDepth
{
public:
  /// Collective.
  FiniteDepth(const Mesh<dim> &mesh, const Moduli &moduli);

  bool has_flat_bottom() const { return n_faces_ > 0; } ///< the rest needs one
  double depth() const { return depth_; }
  /// What a half-space (3-D) or twice the depth (2-D) would add. @param force net vertical one
  double displacement(double force) const;

private:
  double depth_, young_, poisson_, n_faces_;
};

} // namespace lodestone
