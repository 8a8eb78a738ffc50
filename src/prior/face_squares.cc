#include <lodestone/prior/cell_number.h>
#include <lodestone/prior/face_area.h>
#include <lodestone/prior/face_squares.h>

#include <deal.II/base/mpi.h>
#include <deal.II/base/tensor.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

namespace
{

template <int dim>
using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

/// Whether the face of two cells of one size belongs to `cell`: to the one for which it has the lower number, and
/// where these are equal to the one with the lower name. No rank or order of cells decides, so that squares have the
/// same numbers and signs on any number of ranks.
template <int dim>
bool owns_face(const Cell<dim> &cell, const unsigned int f, const Cell<dim> &other)
{
  const unsigned int f_of_other = cell->neighbor_of_neighbor(f);
  return f != f_of_other ? f < f_of_other : cell->id() < other->id();
}

/// The cells on the other side, when this face's square belongs to `cell`; none when it belongs to another cell, or
/// when there is no other side.
template <int dim>
void find_neighbours(const Cell<dim> &cell, const unsigned int f, std::vector<Cell<dim>> &others)
{
  others.clear();
  if (cell->at_boundary(f))
    return;
  if (cell->face(f)->has_children())
    for (unsigned int s = 0; s < cell->face(f)->n_children(); ++s)
      others.emplace_back(cell->neighbor_child_on_subface(f, s));
  else if (!cell->neighbor_is_coarser(f))
  {
    const Cell<dim> other = cell->neighbor(f);
    if (owns_face<dim>(cell, f, other))
      others.push_back(other);
  }
}

template <int dim>
bool has_several_cells(const ParameterCells<dim> &cells)
{
  dealii::types::global_dof_index n = 0;
  for (const auto &cell : cells.mesh().triangulation().active_cell_iterators())
    n += cell->is_locally_owned() && cells.index(cell) != dealii::numbers::invalid_dof_index ? 1 : 0;
  return dealii::Utilities::MPI::sum(n, cells.mesh().communicator()) > cells.n();
}

} // namespace

template <int dim>
FaceSquares<dim>::FaceSquares(const ParameterCells<dim> &cells, std::vector<Weights> weights, CutFaces<dim> cut)
    : cells_(cells), weights_(std::move(weights)), cut_(std::move(cut))
{
  if (!has_several_cells(cells))
    return;
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
dealii::Point<dim> FaceSquares<dim>::centre(const Cell &cell) const
{
  const auto j = cells_.index(cell);
  if (moments_.size() == 0 || j == dealii::numbers::invalid_dof_index)
    return cell->center();
  dealii::Point<dim> centre;
  for (unsigned int d = 0; d < dim; ++d)
    centre[d] = moments_(j * (dim + 1) + d) / moments_(j * (dim + 1) + dim);
  return centre;
}

template <int dim>
void FaceSquares<dim>::evaluate(const Cell &cell, const unsigned int f, const std::vector<Cell> &others,
                                Square &difference) const
{
  const auto area = area_vector<dim>(cell->face(f));
  const dealii::Tensor<1, dim> normal = area / area.norm();
  dealii::Tensor<1, dim> from_centres, from_cells;
  const auto add = [&](const Cell &side, const double a) {
    if (const auto j = cells_.index(side); j != dealii::numbers::invalid_dof_index)
      difference.add(j, a);
  };
  difference.terms.clear();
  add(cell, 1);
  const double share = 1. / others.size();
  for (const auto &other : others)
  {
    add(other, -share);
    from_centres += share * (centre(other) - centre(cell));
    from_cells += share * (other->center() - cell->center());
  }
  // A zone's centre may lie anywhere; an ancestor's is farther from the face than its cells' centres.
  const double distance = std::max(std::abs(from_centres * normal), std::abs(from_cells * normal));
  difference.distance = distance;
  difference.weight = area.norm() / distance;
  difference.vertical_share = normal[dim - 1] * normal[dim - 1];
}

template <int dim>
void FaceSquares<dim>::for_each(const Visit &visit) const
{
  const unsigned int n_fields = weights_.size();
  Square difference, square;
  square.kind = Square::Kind::face;
  std::vector<Cell> others;
  for (const auto &cell : cells_.mesh().triangulation().active_cell_iterators())
  {
    if (!cell->is_locally_owned())
      continue;
    const std::uint64_t number = cell_number<dim>(cell);
    for (const unsigned int f : cell->face_indices())
    {
      find_neighbours<dim>(cell, f, others);
      if (others.empty() || (cut_ && cut_(cell, f)))
        continue;
      evaluate(cell, f, others, difference);
      // An inner face of a parameter cell adds and subtracts the same value.
      if (std::all_of(difference.terms.begin(), difference.terms.end(),
                      [](const Square::Term &term) { return std::abs(term.coefficient) <= 1e-10; }))
        continue;
      square.vertical_share = difference.vertical_share;
      square.distance = difference.distance;
      for (unsigned int k = 0; k < n_fields; ++k)
      {
        const double gamma =
            weights_[k].horizontal * (1 - square.vertical_share) + weights_[k].vertical * square.vertical_share;
        if (gamma == 0)
          continue;
        square.field = k;
        square.weight = gamma * difference.weight;
        square.number = mixed(mixed(number, 1 + f), k);
        square.terms = difference.terms;
        for (Square::Term &term : square.terms)
          term.unknown = term.unknown * n_fields + k;
        visit(square);
      }
    }
  }
}

template class FaceSquares<2>;
template class FaceSquares<3>;

} // namespace lodestone
