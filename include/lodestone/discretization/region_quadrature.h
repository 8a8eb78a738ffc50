#pragma once

#include <lodestone/base/formula.h>
#include <lodestone/discretization/displacement_space.h>

#include <deal.II/base/bounding_box.h>
#include <deal.II/base/quadrature.h>

#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace lodestone
{

/// Quadrature over the part of the unit cube [0,1]^d where `inside` holds; weights sum to the volume of that part.
///
/// One axis, the one along which the indicator changes most, is followed by lines: on each, changes between 17 samples
/// are bisected to 1e-10, and every interval inside gets `n_points` Gauss points. Across the lines, rectangles are
/// divided until all lines through one change equally often (edges of the region; a limited number of times), then
/// carry `n_points` Gauss points per direction. Boundaries and edges along the axes are exact, curved ones good to
/// about 1e-3 of the cube; features thinner than 1/16 of it can be missed.
template <int d>
dealii::Quadrature<d> indicator_quadrature(const std::function<bool(const dealii::Point<d> &)> &inside,
                                           unsigned int n_points);

/// How the unit cube lies with respect to a region, as samples see it.
enum class RegionSide
{
  outside,
  cut,
  inside
};
/// Samples an indicator in the unit cube: `n` points per direction, and twice as many along lines through corners,
/// middles of edges and centre (for layers). The outermost points lie 1e-6 inside, so that a region that ends at the
/// cube's face does not cut the cube.
template <int d>
RegionSide sample_unit_cube(const std::function<bool(const dealii::Point<d> &)> &inside, unsigned int n);

/// The straight-edged (d-linear) image of a unit cell, or of one of its faces.
template <int dim>
class CellShape
{
public:
  explicit CellShape(const typename dealii::Triangulation<dim>::cell_iterator &cell);

  /// The place (m) of a point of the unit cell.
  dealii::Point<dim> real(const dealii::Point<dim> &unit) const;
  /// The smallest box, along the axes, that holds the cell.
  dealii::BoundingBox<dim> bounding_box() const;
  /// The point of the unit cell at a point of its face `face`, which is given in the face's own unit coordinates.
  static dealii::Point<dim> on_face(unsigned int face, const dealii::Point<dim - 1> &point);

private:
  std::array<dealii::Point<dim>, dealii::GeometryInfo<dim>::vertices_per_cell> vertices_;
};

/// Quadrature over the part of the mesh where an indicator holds: the space's own rule in cells that lie inside,
/// sub-cell quadrature in those that are cut.
///
/// Gauss points alone see a layer of 300 m in cells of 500 m as anything between 174 and 500 m. Cut cells are found by
/// samples (sample_unit_cube): 5 per direction in every cell, 9 in cells near the boundary of what was found (repeated
/// while that finds more) and in all cells when nothing was found. Layers thinner than 1/8 of a cell and lumps smaller
/// than 1/4 of one can be missed where no neighbour shows them. Each rank holds the parts in its own cells. The result
/// does not depend on the number of ranks.
template <int dim>
class RegionQuadrature
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  using Indicator = std::function<bool(const dealii::Point<dim> &)>;

  /// A cell of the region and the part of it that lies inside.
  struct Part
  {
    Cell cell;
    /// Points of a cut cell in unit coordinates; none: the whole cell, with the space's own rule.
    std::optional<dealii::Quadrature<dim>> cut;
  };

  /// What belongs to the region.
  struct Extent
  {
    Indicator inside;                            ///< whether a place belongs to the region; none: every place does
    std::set<dealii::types::material_id> zones;  ///< zones whose cells may belong to it; empty: all
    std::optional<dealii::BoundingBox<dim>> box; ///< a box that holds the region; cells away from it are not looked at
  };

  /// Collective.
  RegionQuadrature(const DisplacementSpace<dim> &space, const Extent &extent);

  /// The cells of this rank that lie at least in part inside.
  const std::vector<Part> &parts() const { return parts_; }
  /// The volume of the region (m^dim), over all ranks.
  double volume() const { return volume_; }

private:
  std::vector<Part> parts_;
  double volume_ = 0;

  void add_parts(const DisplacementSpace<dim> &space, const Extent &extent, const CellField &sides);
};

} // namespace lodestone
