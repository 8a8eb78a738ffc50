#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

#include <vector>

namespace lodestone
{

/// Whether a mesh and its moduli need more than the diagonal to smooth the error: lines cost a tenth of an iteration,
/// and to set up as much as a few applications of the operator, which easy models do not earn back.
///
/// Difficult are cells with (longest / shortest extent)^2 (lambda + 2 mu) / mu > 10: 3 for a cube with a Poisson ratio
/// of 1/4, where the diagonal takes 8 iterations and lines 7; 11 with 0.45 (11 to 14 iterations and 8) and 12 if half
/// as high as wide (10 to 12 and 7); and moduli that change from cell to cell by a factor of e^2 on average, about a
/// contrast of 1000 of cells independent of each other (19 and 15).
template <int dim>
class SmoothingDifficulty
{
public:
  explicit SmoothingDifficulty(const Mesh<dim> &mesh);
  /// Collective.
  bool lines_pay(const Moduli &moduli) const;
  /// (Longest / second longest extent)^2, the geometric mean over all cells; 1 in 2-D. Tall cells couple strongly in
  /// two directions, of which a line takes one: what is smooth in both and rough along the cells is left with
  /// eigenvalues smaller by this factor.
  double stretch_across_lines() const { return stretch_across_lines_; }
  std::size_t memory_consumption() const { return stretch_.size() * sizeof(float); }

private:
  std::vector<float> stretch_; ///< (longest / shortest extent)^2 of the owned cells
  double stretch_across_lines_;
  MPI_Comm comm_;
};

} // namespace lodestone
