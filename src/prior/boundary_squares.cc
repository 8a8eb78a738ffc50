#include <lodestone/prior/boundary_squares.h>
#include <lodestone/prior/cell_number.h>
#include <lodestone/prior/face_area.h>

#include <cmath>

namespace lodestone
{

template <int dim>
void BoundarySquares<dim>::for_each(const Visit &visit) const
{
  const unsigned int n_fields = weights_.size();
  Square square;
  square.kind = Square::Kind::boundary;
  square.terms.resize(1);
  for (const auto &cell : cells_.mesh().triangulation().active_cell_iterators())
  {
    if (!cell->is_locally_owned() || cells_.index(cell) == dealii::numbers::invalid_dof_index)
      continue;
    const std::uint64_t number = cell_number<dim>(cell);
    for (const unsigned int f : cell->face_indices())
    {
      if (!cell->at_boundary(f) && !(cut_ && cut_(cell, f)))
        continue;
      const auto area = area_vector<dim>(cell->face(f));
      square.vertical_share = area[dim - 1] * area[dim - 1] / area.norm_square();
      for (unsigned int k = 0; k < n_fields; ++k)
      {
        const auto &[within, across, layer_normal] = weights_[k];
        const double cosine = area * layer_normal / area.norm(), share = cosine * cosine;
        square.field = k;
        square.weight = area.norm() * std::sqrt(within * within * (1 - share) + across * across * share);
        square.number = mixed(mixed(number, 101 + f), k);
        square.terms[0] = {cells_.index(cell) * n_fields + k, 1};
        visit(square);
      }
    }
  }
}

template class BoundarySquares<2>;
template class BoundarySquares<3>;

} // namespace lodestone
