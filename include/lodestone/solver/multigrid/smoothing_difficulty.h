#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/material/moduli.h>

#include <vector>

namespace lodestone
{

/// Tells whether a mesh and its moduli need more than the diagonal to smooth the error. Lines cost a tenth of an
/// iteration, and their set-up costs as much as a few applications of the operator, which easy models do not earn back.
///
/// A cell is difficult if d = (longest / shortest extent)^2 (lambda + 2 mu) / mu > 10. Moduli are difficult if they
/// change from cell to cell by a factor of e^2 on average. Iterations that were measured with the diagonal and with
/// lines:
///
///   cubes, Poisson ratio 1/4                       d = 3     8          7
///   cubes, Poisson ratio 0.45                      d = 11    11 to 14   8
///   cells half as high as wide, Poisson ratio 1/4  d = 12    10 to 12   7
///   independent moduli with a contrast of 1000               19         15
template <int dim>
class SmoothingDifficulty
{
public:
  /// Collective.
  explicit SmoothingDifficulty(const Mesh<dim> &mesh);
  /// Whether lines pay with these moduli. Collective.
  bool lines_pay(const Moduli &moduli) const;
  /// The geometric mean over all cells of (longest / second longest extent)^2; 1 in 2-D. Tall cells couple strongly in
  /// two directions, and a line takes only one of them. Error that is smooth in both directions and rough along the
  /// cells belongs to eigenvalues that are smaller by this factor.
  double stretch_across_lines() const { return stretch_across_lines_; }
  /// Bytes on this rank.
  std::size_t memory_consumption() const { return stretch_.size() * sizeof(float); }

private:
  std::vector<float> stretch_; ///< (longest / shortest extent)^2 of the owned cells
  double stretch_across_lines_;
  MPI_Comm comm_;
};

} // namespace lodestone
