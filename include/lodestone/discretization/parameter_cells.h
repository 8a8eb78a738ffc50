#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/discretization/parameter_vector.h>

namespace lodestone
{

/// The linear map P from parameter cells onto finite-element cells: every cell takes the number of one parameter cell, or of none.
///
/// A parameter cell is a finite-element cell, an ancestor of it `coarsening` levels up, or a zone of the mesh. Cells that are held
/// have no unknown; a parameter cell all of whose cells are held does not exist.
template <int dim>
class ParameterCells
{
public:
  struct Parameters
  {
    std::string kind = "cells"; ///< cells | zones
    unsigned int coarsening = 0;
  };
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// @param held nonzero on cells that keep their background
  ParameterCells(const Mesh<dim> &mesh, const Parameters &parameters, const CellField &held);

  dealii::types::global_dof_index n() const { return n_; }
  /// Parameter cell of an owned or ghost cell; numbers::invalid_dof_index when held.
  dealii::types::global_dof_index index(const Cell &cell) const { return index_of_cell_[cell->active_cell_index()]; }
  /// Layout for the given fields, whose partitioner knows all parameter cells that owned and ghost cells use.
  std::shared_ptr<const ParameterLayout> make_layout(const std::vector<std::string> &fields) const;
  /// Volume of each parameter cell (m^dim), once per field.
  DistributedVector volumes(const ParameterLayout &layout) const;
  /// Number of one field on every cell, ghosts included: that of the cell's parameter cell, NaN where the cell is held. Collective.
  CellField on_cells(const ParameterVector &m, unsigned int field) const;
  const Mesh<dim> &mesh() const { return mesh_; }

private:
  const Mesh<dim> &mesh_;
  std::vector<dealii::types::global_dof_index> index_of_cell_; ///< by active_cell_index
  dealii::types::global_dof_index n_ = 0, first_owned_ = 0, n_owned_ = 0;
};

} // namespace lodestone
