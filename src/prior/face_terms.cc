#include <lodestone/prior/face_terms.h>

#include <deal.II/base/tensor.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

void FaceTerm::add(const dealii::types::global_dof_index parameter_cell, const double a)
{
  if (parameter_cell == dealii::numbers::invalid_dof_index)
    return;
  for (unsigned int i = 0; i < size; ++i)
    if (cell[i] == parameter_cell)
    {
      coefficient[i] += a;
      return;
    }
  cell[size] = parameter_cell;
  coefficient[size] = a;
  ++size;
}

namespace
{

template <int dim>
using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

/// Area times unit normal (of either sign), exact also for faces that are not plane.
template <int dim>
dealii::Tensor<1, dim> area_vector(const typename dealii::Triangulation<dim>::face_iterator &face)
{
  if constexpr (dim == 2)
  {
    const dealii::Tensor<1, 2> edge = face->vertex(1) - face->vertex(0);
    return dealii::cross_product_2d(edge);
  }
  else
    return 0.5 * dealii::cross_product_3d(face->vertex(3) - face->vertex(0), face->vertex(2) - face->vertex(1));
}

/// The cells on the other side, when the term of this face belongs to `cell`; empty when it belongs to another cell or
/// to none.
template <int dim>
std::vector<Cell<dim>> neighbours(const Cell<dim> &cell, const unsigned int f)
{
  if (cell->at_boundary(f))
    return {};
  std::vector<Cell<dim>> result;
  if (cell->face(f)->has_children())
    for (unsigned int s = 0; s < cell->face(f)->n_children(); ++s)
      result.emplace_back(cell->neighbor_child_on_subface(f, s));
  else if (!cell->neighbor_is_coarser(f))
  {
    const Cell<dim> other = cell->neighbor(f);
    if (cell->global_active_cell_index() < other->global_active_cell_index())
      result.push_back(other);
  }
  return result;
}

} // namespace

template <int dim>
FaceTerms<dim>::FaceTerms(const ParameterCells<dim> &cells) : cells_(cells)
{
  const auto layout = cells.make_layout(std::vector<std::string>(dim + 1, ""));
  DistributedVector sums(layout->partitioner);
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index)
    {
      const auto first = cells.index(cell) * (dim + 1);
      for (unsigned int d = 0; d < dim; ++d)
        sums(first + d) += cell->measure() * cell->center()[d];
      sums(first + dim) += cell->measure();
    }
  sums.compress(dealii::VectorOperation::add);
  sums.update_ghost_values();
  moments_.swap(sums);
}

template <int dim>
dealii::Point<dim> FaceTerms<dim>::centre(const Cell &cell) const
{
  const auto j = cells_.index(cell);
  if (j == dealii::numbers::invalid_dof_index)
    return cell->center();
  dealii::Point<dim> centre;
  for (unsigned int d = 0; d < dim; ++d)
    centre[d] = moments_(j * (dim + 1) + d) / moments_(j * (dim + 1) + dim);
  return centre;
}

template <int dim>
FaceTerm FaceTerms<dim>::term(const Cell &cell, const unsigned int f, const std::vector<Cell> &others) const
{
  FaceTerm term;
  const auto area = area_vector<dim>(cell->face(f));
  const dealii::Tensor<1, dim> normal = area / area.norm();
  dealii::Tensor<1, dim> from_centres, from_cells;
  term.add(cells_.index(cell), 1);
  const double share = 1. / others.size();
  for (const auto &other : others)
  {
    term.add(cells_.index(other), -share);
    from_centres += share * (centre(other) - centre(cell));
    from_cells += share * (other->center() - cell->center());
  }
  // A zone's centre may lie anywhere; an ancestor's is farther from the face than its cells' centres.
  const double distance = std::max(std::abs(from_centres * normal), std::abs(from_cells * normal));
  const double weight = area.norm() / distance, vertical_share = normal[dim - 1] * normal[dim - 1];
  term.vertical = weight * vertical_share;
  term.horizontal = weight * (1 - vertical_share);
  return term;
}

template <int dim>
void FaceTerms<dim>::for_each(const std::function<void(const FaceTerm &)> &visit) const
{
  for (const auto &cell : cells_.mesh().triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int f : cell->face_indices())
      {
        const auto others = neighbours<dim>(cell, f);
        if (others.empty())
          continue;
        const FaceTerm of_face = term(cell, f, others);
        bool differs = false; // an inner face of a parameter cell adds and subtracts the same value
        for (unsigned int i = 0; i < of_face.size; ++i)
          differs = differs || std::abs(of_face.coefficient[i]) > 1e-10;
        if (differs)
          visit(of_face);
      }
}

template class FaceTerms<2>;
template class FaceTerms<3>;

} // namespace lodestone
