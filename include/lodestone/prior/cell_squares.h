#pragma once

#include <lodestone/prior/cut_faces.h>
#include <lodestone/prior/face_squares.h>

namespace lodestone
{

/// The value of every field on every cell, w/2 m^2 with w = delta V, V the cell's volume in m^dim and delta the field's
/// weight. Cells without a parameter have no square. Nothing is held in memory.
template <int dim>
class MassSquares : public Squares
{
public:
  /// @param cells lives as long as this object
  /// @param weights delta, one per field
  MassSquares(const ParameterCells<dim> &cells, std::vector<double> weights)
      : cells_(cells), weights_(std::move(weights))
  {
  }
  void for_each(const Visit &visit) const override;

private:
  const ParameterCells<dim> &cells_;
  std::vector<double> weights_;
};

/// 1/2 m^2 for every unknown that belongs to no cell: these are independent with unit variance.
class GlobalSquares : public Squares
{
public:
  explicit GlobalSquares(std::shared_ptr<const ParameterLayout> layout) : layout_(std::move(layout)) {}
  void for_each(const Visit &visit) const override;

private:
  std::shared_ptr<const ParameterLayout> layout_;
};

/// Weights of one field's squares.
struct CellWeights
{
  double mass = 0;                     ///< delta, m^-dim
  double horizontal = 0, vertical = 0; ///< gamma_h and gamma_v, m^(2-dim)
};

/// The squares of all unknowns, with R_k = P^T (delta M + gamma_h K_h + gamma_v K_v) P for field k, M the diagonal of
/// cell volumes, K_h + K_v the sum over faces that FaceSquares describes, P the map from parameter cells to cells.
/// Collective.
/// @param weights one per field
/// @param cut faces that have no square; all have one without it
template <int dim>
std::shared_ptr<const Squares>
make_cell_squares(const ParameterCells<dim> &cells, const std::shared_ptr<const ParameterLayout> &layout,
                  const std::vector<CellWeights> &weights, const CutFaces<dim> &cut = {});

} // namespace lodestone
