#include <lodestone/loads/point_gradient.h>

#include <deal.II/base/geometry_info.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lodestone
{

namespace
{

template <int dim>
using Cell = typename PointLocator<dim>::Cell;

/// The distance between the centres of two opposite faces of a cell.
template <int dim>
double extent(const Cell<dim> &cell, const unsigned int direction)
{
  return cell->face(2 * direction)->center().distance(cell->face(2 * direction + 1)->center());
}

template <int dim>
struct Neighbour
{
  Cell<dim> cell;
  unsigned int direction;        ///< of its own that leads across the face
  dealii::Point<dim> unit_point; ///< in the middle of that direction, else where the point is
};

/// The cell across a face of the cell, next to a place on that face.
template <int dim>
std::optional<Neighbour<dim>> neighbour(const DisplacementSpace<dim> &space, const Cell<dim> &cell,
                                        const unsigned int face, dealii::Point<dim> unit_point,
                                        const Surroundings<dim> *surroundings)
{
  if (cell->at_boundary(face))
    return {};
  unit_point[face / 2] = face % 2;
  const auto on_face = space.mapping().transform_unit_to_real_cell(cell, unit_point);
  const unsigned int face_there = cell->neighbor_is_coarser(face) ? cell->neighbor_of_coarser_neighbor(face).first
                                                                  : cell->neighbor_of_neighbor(face);
  Neighbour<dim> result{cell->neighbor(face), face_there / 2, {}};
  if (cell->neighbor(face)->has_children())
  {
    double nearest = std::numeric_limits<double>::max();
    for (unsigned int s = 0; s < cell->face(face)->n_children(); ++s)
    {
      const Cell<dim> child = cell->neighbor_child_on_subface(face, s);
      const double distance = child->face(face_there)->center().distance(on_face);
      if (distance < nearest)
      {
        nearest = distance;
        result.cell = child;
      }
    }
  }
  if (surroundings != nullptr && !(surroundings->moduli(cell->global_active_cell_index()) ==
                                   surroundings->moduli(result.cell->global_active_cell_index())))
    return {};
  // What hanging nodes follow may be unknown here, on another rank.
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  result.cell->get_dof_indices(dofs);
  if (std::any_of(dofs.begin(), dofs.end(), [&](const auto dof) { return space.hangs(dof); }))
    return {};
  result.unit_point = space.mapping().transform_real_to_unit_cell(result.cell, on_face);
  result.unit_point[result.direction] = 0.5;
  return result;
}

/// dx_i / dxi_j of the (multi)linear cell.
template <int dim>
dealii::Tensor<2, dim> jacobian(const Cell<dim> &cell, const dealii::Point<dim> &unit_point)
{
  dealii::Tensor<2, dim> result;
  for (const unsigned int v : cell->vertex_indices())
    result += dealii::outer_product(static_cast<const dealii::Tensor<1, dim> &>(cell->vertex(v)),
                                    dealii::GeometryInfo<dim>::d_linear_shape_function_gradient(unit_point, v));
  return result;
}

/// Adds `factor`[j] dv/dxi to the gradient's entry j, xi a coordinate whose unit step is `step` in the unit cell.
template <int dim>
void add_derivative(const DisplacementSpace<dim> &space, const Cell<dim> &cell, const dealii::Point<dim> &unit_point,
                    const dealii::Tensor<1, dim> &step, const dealii::Tensor<1, dim> &factor,
                    PointGradient<dim> &result)
{
  const auto &scalar = space.element().base_element(0);
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  cell->get_dof_indices(dofs);
  for (unsigned int n = 0; n < scalar.n_dofs_per_cell(); ++n)
  {
    result.unknowns.emplace_back();
    for (unsigned int c = 0; c < dim; ++c)
      result.unknowns.back()[c] = dofs[space.element().component_to_system_index(c, n)];
    result.gradients.push_back((scalar.shape_grad(n, unit_point) * step) * factor);
  }
}

} // namespace

template <int dim>
PointGradient<dim> recovered_gradient(const DisplacementSpace<dim> &space, const typename PointLocator<dim>::Hit &hit,
                                      const Surroundings<dim> *surroundings)
{
  const dealii::Tensor<2, dim> edges = jacobian<dim>(hit.cell, hit.unit_point), duals = invert(edges);
  PointGradient<dim> result;
  for (unsigned int d = 0; d < dim; ++d)
  {
    dealii::Tensor<1, dim> own_step, edge;
    own_step[d] = 1;
    for (unsigned int i = 0; i < dim; ++i)
      edge[i] = edges[i][d];
    const std::array<std::optional<Neighbour<dim>>, 2> sides = {
        {neighbour(space, hit.cell, 2 * d, hit.unit_point, surroundings),
         neighbour(space, hit.cell, 2 * d + 1, hit.unit_point, surroundings)}};
    double rest = 1;
    for (unsigned int side = 0; side < 2; ++side)
      if (sides[side])
      {
        const Neighbour<dim> &other = *sides[side];
        const double own = extent<dim>(hit.cell, d), towards = side == 0 ? 1 - hit.unit_point[d] : hit.unit_point[d];
        const double shape = sides[1 - side] ? towards * towards : 2 * towards - 1;
        const double weight = shape * own / (own + extent<dim>(other.cell, other.direction));
        const auto step = invert(jacobian<dim>(other.cell, other.unit_point)) * edge;
        add_derivative<dim>(space, other.cell, other.unit_point, step, weight * duals[d], result);
        rest -= weight;
      }
    add_derivative<dim>(space, hit.cell, hit.unit_point, own_step, rest * duals[d], result);
  }
  return result;
}

template <int dim>
dealii::Point<dim> strain_point(const typename PointLocator<dim>::Hit &hit)
{
  constexpr double slack = 1e-9;
  const Cell<dim> &cell = hit.cell;
  dealii::Point<dim> moved = hit.unit_point;
  for (unsigned int d = 0; d < dim; ++d)
  {
    const bool low = hit.unit_point[d] < slack;
    const bool high = hit.unit_point[d] > 1 - slack;
    const unsigned int face = 2 * d + (high ? 1 : 0);
    if (!(low || high) || cell->at_boundary(face))
      continue;
    const double own = extent<dim>(cell, d);
    double other = own; // a coarser neighbour is larger
    if (!cell->neighbor_is_coarser(face))
      other = extent<dim>(cell->neighbor(face), cell->neighbor_of_neighbor(face) / 2) *
              (cell->neighbor(face)->has_children() ? 0.5 : 1);
    const double distance = std::min(own, other) / own / 6;
    moved[d] = high ? 1 - distance : distance;
  }
  return moved;
}

template PointGradient<2> recovered_gradient<2>(const DisplacementSpace<2> &, const PointLocator<2>::Hit &,
                                                const Surroundings<2> *);
template PointGradient<3> recovered_gradient<3>(const DisplacementSpace<3> &, const PointLocator<3>::Hit &,
                                                const Surroundings<3> *);
template dealii::Point<2> strain_point<2>(const PointLocator<2>::Hit &);
template dealii::Point<3> strain_point<3>(const PointLocator<3>::Hit &);

} // namespace lodestone
