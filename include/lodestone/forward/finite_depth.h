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
  std::string load_case;   ///< name for texts
  std::string rate_suffix; ///< for texts: "/yr" or ""
  double force = 0;        ///< N (2-D: N/m); 0 if the sum of all forces is nothing but rounding
  bool estimated = false;  ///< whether a strength is unknown; it then counts with the given value
  /// Whether the forces act on most of the box's width, like those of a column: nothing then spreads as in a
  /// half-space.
  bool spans_box = false;
  bool half_space_sources = false; ///< whether a source brings its field in a half-space, which no depth cuts off
};

/// Adds up the vertical forces of the loads. Collective.
/// @param space the displacements
/// @param loads the loads of a load case
/// @param factors one per load: its strength
template <int dim>
NetLoad net_load(const DisplacementSpace<dim> &space, const std::vector<LoadVector<dim>> &loads,
                 const std::vector<double> &factors);

/// Tells how much the finite depth L of a model changes vertical displacement under a net vertical surface force P.
///
/// 3-D: a half-space moves by about 0.44 (1 - nu^2) P / (E L) more than a wide model that is held at depth L, near the
/// load; twice the depth adds half of it. (In boxes 16 times as wide as deep the factor was 0.41 to 0.44.) P is in N.
///
/// 2-D, plane strain: there is no half-space to compare with. Displacement under a line load, 2 (1 - nu^2) P ln(L / r)
/// / (pi E) + constant (Flamant 1892; Johnson 1985, Contact mechanics, section 2.3), grows with the logarithm of the
/// depth, and twice the depth adds 2 ln 2 (1 - nu^2) P / (pi E) to all of the surface within a part of L about the
/// load. P is in N/m. Only differences of displacement between points there have a limit.
///
/// Both hold for a load on a small part of a wide box. A load that spans the box (relative_spread) makes a column of
/// it. The shortening of a column depends on its depth, and there is no half-space to compare with.
///
/// E and nu are means over the cells at the bottom, since a deeper box has more cells there. Lengths are in m.
template <int dim>
class FiniteDepth
{
public:
  /// Takes depth and bottom moduli from the mesh. Collective.
  FiniteDepth(const Mesh<dim> &mesh, const Moduli &moduli);

  /// Whether the model has a flat bottom; `displacement` needs one.
  bool has_flat_bottom() const { return n_faces_ > 0; }
  double depth() const { return depth_; }
  /// @return the vertical displacement (m) that a half-space (3-D) or twice the depth (2-D) would add
  /// @param force net vertical force (3-D: N, 2-D: N/m)
  double displacement(double force) const;

  /// Says what is known before a solve, in a line for the log; empty if there is nothing to say.
  std::string expectation(const NetLoad &load) const;
  /// A line for the log that compares it with the largest displacement of a solution; empty if there is nothing to say.
  struct Comparison
  {
    std::string text;
    bool large = false; ///< whether it is above 2 % in 3-D, which deserves a warning
  };
  /// Makes the comparison with the largest displacement (m) of a solution.
  Comparison comparison(const NetLoad &load, double largest_displacement) const;

private:
  std::string effect() const; ///< what displacement() is, in words
  double depth_, young_, poisson_, n_faces_;
};

} // namespace lodestone
