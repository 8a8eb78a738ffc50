#pragma once

#include <lodestone/loads/load.h>

namespace lodestone
{

/// A source of inelastic strain inside the body: f(v) = sum_q (C(m at x_q) : P_q) : eps(v)(x_q).
///
/// The data can hardly tell its strength from the stiffness of the very cells that hold it: halving E there changes the
/// displacement of the surface by a third, at any mesh size. So these cells and one ring of cells around them keep
/// their background unless the user says otherwise.
template <int dim>
class SourceLoad : public Load<dim>
{
public:
  bool kinematic() const override { return true; }
  bool holds_stiffness() const override { return hold_stiffness_; }

public:
  using Load<dim>::Load;

protected:
  void add_own_parameters(dealii::ParameterHandler &handler) override;

private:
  bool hold_stiffness_ = true;
};

/// Sets the owned cells whose bounding boxes come within `distance` (m) of the point to 1.
template <int dim>
void mark_cells_near(const dealii::Point<dim> &point, double distance, const Mesh<dim> &mesh, CellField &cells);

} // namespace lodestone
