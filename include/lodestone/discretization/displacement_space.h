#pragma once

#include <lodestone/discretization/mesh.h>
#include <lodestone/discretization/state.h>

#include <deal.II/base/quadrature.h>
#include <deal.II/dofs/dof_handler.h>
#include <deal.II/fe/fe_system.h>
#include <deal.II/fe/mapping.h>
#include <deal.II/lac/affine_constraints.h>

namespace lodestone
{

/// The finite-element space of displacements: vectors of Q_k functions (k = 1 or 2) on the mesh, with one function per
/// node and direction. No other class chooses element, mapping or quadrature. The constructor is collective.
template <int dim>
class DisplacementSpace
{
public:
  DisplacementSpace(const Mesh<dim> &mesh, unsigned int degree);

  const Mesh<dim> &mesh() const { return mesh_; }
  const dealii::DoFHandler<dim> &dof_handler() const { return dof_handler_; }
  const dealii::FiniteElement<dim> &element() const { return *element_; }
  const dealii::Mapping<dim> &mapping() const { return *mapping_; }
  const dealii::Quadrature<dim> &cell_quadrature() const { return cell_quadrature_; }
  /// Its order is one higher than that of the cells, since surface loads vary faster than the solution.
  const dealii::Quadrature<dim - 1> &face_quadrature() const { return face_quadrature_; }
  /// The constraints of hanging nodes alone; BoundaryConditions adds its own.
  const dealii::AffineConstraints<double> &hanging_nodes() const { return hanging_nodes_; }
  /// Whether an unknown of a cell that is held here hangs. (hanging_nodes() lacks ghost cells' constraints that follow from
  /// cells which are not held here.)
  bool hangs(const dealii::types::global_dof_index i) const { return hanging_.is_element(i); }
  unsigned int degree() const { return degree_; }
  dealii::types::global_dof_index n_dofs() const { return dof_handler_.n_dofs(); }

  /// A zero vector with ghosts on all locally relevant entries.
  DistributedVector make_vector() const;
  /// The partitioner of the vectors that make_vector() makes.
  const dealii::Utilities::MPI::Partitioner &partitioner() const { return *partitioner_; }

private:
  const Mesh<dim> &mesh_;
  unsigned int degree_;
  std::unique_ptr<dealii::FiniteElement<dim>> element_;
  std::unique_ptr<dealii::Mapping<dim>> mapping_;
  dealii::Quadrature<dim> cell_quadrature_;
  dealii::Quadrature<dim - 1> face_quadrature_;
  dealii::DoFHandler<dim> dof_handler_;
  dealii::AffineConstraints<double> hanging_nodes_;
  dealii::IndexSet hanging_; ///< of the locally relevant unknowns
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner_;
};

/// The largest component (m) of a displacement at the nodes of the boundary. Inside, beside a point source, a node may
/// move by any amount. Collective.
template <int dim>
double largest_on_boundary(const DisplacementSpace<dim> &space, const DistributedVector &u);

} // namespace lodestone
