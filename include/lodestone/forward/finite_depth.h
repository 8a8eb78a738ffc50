#pragma once

#include <lodestone/discretization/displacement_space.h>
#include <lodestone/loads/load_vector.h>
#include <lodestone/material/moduli.h>

#include <string>
#include <vector>

namespace lodestone
{

/// The sum of the vertical forces of a load case.
struct NetLoad
{
  std::string load_case, rate_suffix; ///< names for texts: "/yr" or ""
  double force = 0;                   ///< N (2-D: N/m); 0 where the sum of all forces is rounding
  bool estimated = false;             ///< whether a strength is unknown; it then counts as given
  bool spans_box =
      false; ///< whether the forces act on most of the box's width, like those of a column: nothing spreads as in a half-space
};

/// Collective. @param factors of the loads
template <int dim>
NetLoad net_load(const DisplacementSpace<dim> &space, const std::vector<LoadVector<dim>> &loads,
                 const std::vector<double> &factors);

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
/// Both hold for a load on a small part of a wide box. A load that spans the box (relative_spread) makes a column of it, and the answer
/// of a column depends on its depth by right: there is no half-space to compare with.
///
/// E and nu are means over the cells at the bottom, because that is where depth would be added. Lengths are in metres.
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

  /// What is known before a solve, as a line for the log; empty where there is nothing to say.
  std::string expectation(const NetLoad &load) const;
  /// The same compared with the largest displacement of a solution, where that is a line to log or, when `large`, to warn with.
  struct Comparison
  {
    std::string text;
    bool large = false; ///< above 2 % in 3-D
  };
  Comparison comparison(const NetLoad &load, double largest_displacement) const;

private:
  double depth_, young_, poisson_, n_faces_;
};

} // namespace lodestone
