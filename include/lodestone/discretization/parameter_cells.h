#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/discretization/parameter_vector.h>

#include <algorithm>
#include <functional>

namespace lodestone
{

/// What one parameter cell is.
enum class ParameterCellKind
{
  cells, ///< a finite-element cell, or an ancestor of it
  zones  ///< a zone of the mesh
};

/// The linear map P from parameter cells onto finite-element cells: every cell takes the number of one parameter cell,
/// or of none.
///
/// A parameter cell is a finite-element cell, an ancestor of it, or a zone of the mesh. Cells
/// that are held have no unknown; a parameter cell all of whose cells are held does not exist. Where some fields have
/// zones and others cells, parameter cells are those of the latter, and the numbers of zones are global (see
/// ParameterLayout).
template <int dim>
class ParameterCells
{
public:
  /// How parameter cells are chosen.
  struct Parameters
  {
    ParameterCellKind kind = ParameterCellKind::cells;
    unsigned int coarsening = 0; ///< levels between finite-element cells and parameter cells
    /// By unknown field; empty: `kind` for all. Where they differ, `kind` is `cells`.
    std::vector<ParameterCellKind> by_field;

    /// Whether fields have different kinds.
    bool differ() const
    {
      return std::adjacent_find(by_field.begin(), by_field.end(), std::not_equal_to<>()) != by_field.end();
    }
  };
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// @param held nonzero on cells that keep their background, ghosts valid
  /// Collective. @throws InputError for zones on a mesh that has none
  ParameterCells(const Mesh<dim> &mesh, const Parameters &parameters, const CellField &held);
  /// The same parameter cells, with the same numbers on the same ranks, on a mesh that is a refinement of theirs: a cell
  /// belongs to the parameter cell of the cell that it came from. Collective.
  ParameterCells(const Mesh<dim> &mesh, const ParameterCells &of_coarser);

  /// Number of parameter cells, over all ranks.
  dealii::types::global_dof_index n() const { return n_; }
  /// The parameter cell of an owned or ghost cell; numbers::invalid_dof_index when the cell is held.
  dealii::types::global_dof_index index(const Cell &cell) const { return index_of_cell_[cell->active_cell_index()]; }
  /// Number, in vectors of this layout, of an unknown field on an owned or ghost cell; numbers::invalid_dof_index when
  /// the cell is held.
  /// @param field in the order of layout.unknown_fields
  dealii::types::global_dof_index entry(const Cell &cell, const ParameterLayout &layout, unsigned int field) const;
  /// A layout for the given fields; its partitioner knows all unknowns that owned and ghost cells use. Collective.
  std::shared_ptr<const ParameterLayout> make_layout(const std::vector<std::string> &fields) const;
  /// The volume that each unknown is for (m^dim): that of its parameter cell or zone. Collective.
  DistributedVector volumes(const ParameterLayout &layout) const;
  /// Number of one unknown field on every cell, ghosts included: that of the cell's parameter cell or zone, NaN where
  /// the cell is held. Collective.
  CellField on_cells(const ParameterVector &m, unsigned int field) const;
  const Mesh<dim> &mesh() const { return mesh_; }

private:
  const Mesh<dim> &mesh_;
  std::vector<dealii::types::global_dof_index> index_of_cell_; ///< by active_cell_index
  dealii::types::global_dof_index n_ = 0, first_owned_ = 0, n_owned_ = 0;
  std::vector<bool> is_by_zone_;           ///< by field; empty: no field is
  std::vector<std::string> zones_;         ///< names of the zones with cells that are not held
  std::vector<unsigned int> zone_of_cell_; ///< by active_cell_index: position in zones_

  void find_zones(const CellField &held);
  void find_indices_of_ghosts();
};

} // namespace lodestone
