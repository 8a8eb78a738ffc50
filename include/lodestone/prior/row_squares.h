#pragma once

#include <lodestone/prior/precision.h>

namespace lodestone
{

/// 1/2 (A m)_i^2 / M_i for every row of a matrix A: the squares of R = A M^-1 A, A symmetric.
///
/// A row belongs to the rank that owns its unknown. Rows have the numbers of their unknowns, which may be other ones on
/// another number of ranks: random samples are not made from these squares.
class RowSquares : public Squares
{
public:
  /// @param matrix lives as long as this object
  /// @param mass the diagonal of M, positive
  RowSquares(const Precision &matrix, DistributedVector mass, const ParameterLayout &layout)
      : matrix_(matrix), mass_(std::move(mass)), n_fields_(layout.fields.size()),
        n_of_cells_(layout.n_cells * n_fields_)
  {
  }

  void for_each(const Visit &visit) const override
  {
    Square square;
    matrix_.for_each_row([&](const dealii::types::global_dof_index row, const std::vector<Square::Term> &terms) {
      const bool is_of_cell = row < n_of_cells_;
      square.kind = is_of_cell ? Square::Kind::mass : Square::Kind::global;
      square.field = is_of_cell ? row % n_fields_ : row - n_of_cells_;
      square.weight = 1 / mass_(row);
      square.number = row;
      square.terms = terms;
      visit(square);
    });
  }

private:
  const Precision &matrix_;
  DistributedVector mass_;
  std::size_t n_fields_;
  dealii::types::global_dof_index n_of_cells_;
};

} // namespace lodestone
