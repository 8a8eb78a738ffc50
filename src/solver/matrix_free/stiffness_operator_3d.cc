#include <lodestone/solver/matrix_free/matrix_free_stiffness.templates.h>

namespace lodestone
{

template <int dim, typename Number>
std::unique_ptr<StiffnessOperator<dim, Number>>
make_stiffness_operator(const DisplacementSpace<dim> &space, const BoundaryConditions<dim> &boundary_conditions)
{
  AssertThrow(space.degree() == 1 || space.degree() == 2, dealii::ExcNotImplemented());
  if (space.degree() == 1)
    return std::make_unique<MatrixFreeStiffness<dim, 1, Number>>(space, boundary_conditions);
  return std::make_unique<MatrixFreeStiffness<dim, 2, Number>>(space, boundary_conditions);
}

template std::unique_ptr<StiffnessOperator<3, double>> make_stiffness_operator(const DisplacementSpace<3> &,
                                                                               const BoundaryConditions<3> &);
template std::unique_ptr<StiffnessOperator<3, float>> make_stiffness_operator(const DisplacementSpace<3> &,
                                                                              const BoundaryConditions<3> &);

} // namespace lodestone
