#pragma once

#include <deal.II/grid/manifold.h>

#include <array>
#include <boost/math/interpolators/pchip.hpp>
#include <memory>
#include <vector>

namespace lodestone
{

/// Monotone map of [0, 1] onto [lower, upper] that gives cells of one size inside [focus_lower, focus_upper] and sizes
/// that grow geometrically outside of it.
///
/// With equally spaced s, the cell size dx/ds is h inside the focus and h R^t outside, where t goes from 0 at the focus
/// to 1 at the end of the axis on either side. From the total length, h = L0 + (L1 + L2) ln R / (R - 1), L0 the length
/// of the focus and L1, L2 those beside it. The ends are met exactly.
///
/// Cells may be asked to have faces at given positions: then s goes through a second map of [0, 1] onto itself, a
/// monotone piecewise cubic with a continuous derivative (Fritsch and Carlson 1980, doi:10.1137/0717021) that takes the
/// end of a cell to each of these positions, so that sizes still change little from cell to cell. Same length unit
/// throughout.
class GradedAxis
{
public:
  GradedAxis() = default;
  /// @param ratio R >= 1: largest over smallest cell size
  /// @param cells number of cells into which the axis is cut before any refinement. `position` rounds s to 2^-30 of
  /// such a cell, so that the coordinate of a vertex has the same bits whichever neighbours the vertex was made from.
  /// @param faces positions inside the axis where two cells meet, ascending; fewer than cells
  GradedAxis(double lower, double upper, double focus_lower, double focus_upper, double ratio, unsigned int cells,
             const std::vector<double> &faces = {});

  /// x of a given s, the map.
  double position(double s) const;
  double coordinate(double x) const; ///< s of a given x, the inverse of `position`
  double derivative(double s) const; ///< dx/ds
  /// True when the cells have one size everywhere.
  bool is_uniform() const { return log_ratio_ == 0 && faces_.empty(); }

private:
  double lower_ = 0, upper_ = 1, focus_lower_ = 0, focus_upper_ = 1;
  double ratio_ = 1, log_ratio_ = 0, size_ = 1;
  double steps_ = 1073741824.;         ///< the reciprocal of the step to which s is rounded
  double s_lower_ = 0, s_upper_ = 1;   ///< s at the ends of the focus, without the second map
  std::vector<double> faces_, face_s_; ///< positions of faces, and their s
  std::shared_ptr<const boost::math::interpolators::pchip<std::vector<double>>> second_map_; ///< null: identity

  double graded_position(double s) const;   ///< x without the second map
  double graded_coordinate(double x) const; ///< its inverse
  double graded_derivative(double s) const;
  double stretch(double t) const;      ///< (R^t - 1) / (R - 1)
  double unstretch(double part) const; ///< inverse of stretch
};

/// The box with one GradedAxis per direction. New vertices of refined cells lie where the map puts them, however often
/// the mesh is refined, partitioned anew or copied to other levels. Cells stay bricks: use a linear mapping.
template <int dim>
class GradingManifold : public dealii::ChartManifold<dim, dim, dim>
{
public:
  explicit GradingManifold(const std::array<GradedAxis, dim> &axes) : axes_(axes) {}

  std::unique_ptr<dealii::Manifold<dim, dim>> clone() const override;
  dealii::Point<dim> pull_back(const dealii::Point<dim> &x) const override;
  dealii::Point<dim> push_forward(const dealii::Point<dim> &s) const override;
  dealii::DerivativeForm<1, dim, dim> push_forward_gradient(const dealii::Point<dim> &s) const override;

private:
  std::array<GradedAxis, dim> axes_;
};

} // namespace lodestone
