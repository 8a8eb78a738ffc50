#include <lodestone/discretization/displacement_space.h>

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_q.h>
#include <deal.II/fe/mapping_q.h>

#include <algorithm>
#include <cmath>

namespace lodestone
{

template <int dim>
DisplacementSpace<dim>::DisplacementSpace(const Mesh<dim> &mesh, const unsigned int degree)
    : mesh_(mesh), degree_(degree), element_(std::make_unique<dealii::FESystem<dim>>(dealii::FE_Q<dim>(degree), dim)),
      // Cells are straight-edged: vertices carry the whole geometry, for every degree.
      mapping_(std::make_unique<dealii::MappingQ<dim>>(1)), cell_quadrature_(dealii::QGauss<dim>(degree + 1)),
      face_quadrature_(dealii::QGauss<dim - 1>(degree + 2)), dof_handler_(mesh.triangulation())
{
  dof_handler_.distribute_dofs(*element_);

  dealii::IndexSet relevant;
  dealii::DoFTools::extract_locally_relevant_dofs(dof_handler_, relevant);
  hanging_nodes_.reinit(relevant);
  dealii::DoFTools::make_hanging_node_constraints(dof_handler_, hanging_nodes_);
  hanging_nodes_.close();

  partitioner_ = std::make_shared<const dealii::Utilities::MPI::Partitioner>(dof_handler_.locally_owned_dofs(),
                                                                             relevant, mesh.communicator());

  // The owner of an unknown holds all cells around it, so it knows.
  DistributedVector hangs = make_vector();
  for (const auto i : dof_handler_.locally_owned_dofs())
    hangs(i) = hanging_nodes_.is_constrained(i) ? 1 : 0;
  hangs.update_ghost_values();
  hanging_.set_size(n_dofs());
  for (const auto i : relevant)
    if (hangs(i) != 0)
      hanging_.add_index(i);
  hanging_.compress();
}

template <int dim>
DistributedVector DisplacementSpace<dim>::make_vector() const
{
  return DistributedVector(partitioner_);
}

template <int dim>
double largest_on_boundary(const DisplacementSpace<dim> &space, const DistributedVector &u)
{
  double largest = 0;
  for (const auto i : dealii::DoFTools::extract_boundary_dofs(space.dof_handler()))
    if (u.in_local_range(i))
      largest = std::max(largest, std::abs(u(i)));
  return dealii::Utilities::MPI::max(largest, space.mesh().communicator());
}

template class DisplacementSpace<2>;
template class DisplacementSpace<3>;

template double largest_on_boundary<2>(const DisplacementSpace<2> &, const DistributedVector &);
template double largest_on_boundary<3>(const DisplacementSpace<3> &, const DistributedVector &);

} // namespace lodestone
