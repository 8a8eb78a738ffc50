#include <lodestone/prior/cell_number.h>
#include <lodestone/prior/corner_squares.h>

#include <cmath>

namespace lodestone
{

namespace
{

template <int dim>
using Vectors = std::vector<dealii::Tensor<1, dim>>;
using Rows = std::array<std::array<double, 3>, 3>;

/// L with L^T L = S^-1, where S_ij = e_i^T T^-1 e_j: sum_i (L d)_i^2 is then the smallest g^T T g of all g with
/// e_i^T g = d_i. For as many vectors as there are dimensions that is the only g. L is the inverse of the Cholesky factor
/// of S.
template <int dim>
Rows energy_rows(const Vectors<dim> &e, const dealii::SymmetricTensor<2, dim> &inverse)
{
  const std::size_t n = e.size();
  Rows factor{}, rows{};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j)
    {
      double s = e[i] * (inverse * e[j]);
      for (std::size_t k = 0; k < j; ++k)
        s -= factor[i][k] * factor[j][k];
      factor[i][j] = i == j ? std::sqrt(s) : s / factor[j][j];
    }
  for (std::size_t j = 0; j < n; ++j) // forward substitution of unit vector j
    for (std::size_t i = j; i < n; ++i)
    {
      double s = i == j ? 1 : 0;
      for (std::size_t k = j; k < i; ++k)
        s -= factor[i][k] * rows[k][j];
      rows[i][j] = s / factor[i][i];
    }
  return rows;
}

} // namespace

template <int dim>
bool CornerSquares<dim>::find_difference(const Cell &cell, const unsigned int f, Difference &difference) const
{
  if (cell->at_boundary(f) || (cut_ && cut_(cell, f)))
    return false;
  difference.terms.clear();
  difference.between = dealii::Tensor<1, dim>();
  const auto add = [&](const Cell &side, const double a) {
    difference.between += a * side->center();
    if (const auto j = cells_.index(side); j != dealii::numbers::invalid_dof_index)
      difference.terms.push_back({j, a});
  };
  // The coarser side has the whole face.
  const bool from_finer = cell->neighbor_is_coarser(f);
  const Cell coarse = from_finer ? Cell(cell->neighbor(f)) : cell;
  const unsigned int face = from_finer ? cell->neighbor_of_coarser_neighbor(f).first : f;
  add(coarse, -1);
  if (!coarse->face(face)->has_children())
    add(coarse->neighbor(face), 1);
  else
    for (unsigned int s = 0; s < coarse->face(face)->n_children(); ++s)
      add(coarse->neighbor_child_on_subface(face, s), 1. / coarse->face(face)->n_children());
  return true;
}

template <int dim>
void CornerSquares<dim>::for_each(const Visit &visit) const
{
  const unsigned int n_fields = tensors_.size(), n_corners = 1u << dim;
  std::vector<dealii::SymmetricTensor<2, dim>> inverses;
  for (const auto &tensor : tensors_)
    inverses.push_back(dealii::invert(tensor));
  Square square;
  square.kind = Square::Kind::face;
  std::array<Difference, 2 * dim> of_faces;
  std::array<bool, 2 * dim> exists;
  for (const auto &cell : cells_.mesh().triangulation().active_cell_iterators())
  {
    if (!cell->is_locally_owned())
      continue;
    const std::uint64_t number = cell_number<dim>(cell);
    for (const unsigned int f : cell->face_indices())
      exists[f] = find_difference(cell, f, of_faces[f]);
    for (unsigned int corner = 0; corner < n_corners; ++corner)
    {
      std::vector<const Difference *> differences;
      Vectors<dim> vectors;
      for (unsigned int d = 0; d < dim; ++d)
        if (const unsigned int f = 2 * d + ((corner >> d) & 1); exists[f])
        {
          differences.push_back(&of_faces[f]);
          vectors.push_back(of_faces[f].between);
        }
      for (unsigned int k = 0; k < n_fields; ++k)
      {
        const Rows rows = energy_rows<dim>(vectors, inverses[k]);
        for (std::size_t i = 0; i < differences.size(); ++i)
        {
          square.field = k;
          square.weight = cell->measure() / n_corners;
          square.number = mixed(mixed(number, 201 + dim * corner + i), k);
          square.terms.clear();
          for (std::size_t j = 0; j <= i; ++j)
            for (const Square::Term &term : differences[j]->terms)
              square.add(term.unknown * n_fields + k, rows[i][j] * term.coefficient);
          if (!square.terms.empty())
            visit(square);
        }
      }
    }
  }
}

template class CornerSquares<2>;
template class CornerSquares<3>;

} // namespace lodestone
