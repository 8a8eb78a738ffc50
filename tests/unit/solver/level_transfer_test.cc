// Interpolation between levels of multigrid, against deal.II's, on meshes whose levels are distributed differently.
#include <lodestone/solver/multigrid/level_transfer.h>

#include <deal.II/multigrid/mg_transfer_global_coarsening.h>

#include <gtest/gtest.h>

#include "verification/elastic_problem.h"

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

using FloatVector = dealii::LinearAlgebra::distributed::Vector<float>;

template <int dim>
void refine_at_corner(Mesh<dim> &mesh, const unsigned int times)
{
  auto &triangulation = const_cast<dealii::parallel::distributed::Triangulation<dim> &>(mesh.triangulation());
  for (unsigned int i = 0; i < times; ++i)
  {
    for (const auto &cell : triangulation.active_cell_iterators())
      if (cell->is_locally_owned() && cell->center().distance(mesh.upper()) < 1.1 * cell->diameter())
        cell->set_refine_flag();
    triangulation.execute_coarsening_and_refinement();
  }
}

/// Two levels with their boundary conditions.
template <int dim>
struct Levels
{
  ElasticProblem<dim> fine;
  std::unique_ptr<Mesh<dim>> coarse_mesh;
  std::unique_ptr<DisplacementSpace<dim>> coarse;
  std::unique_ptr<BoundaryConditions<dim>> coarse_conditions;
  std::unique_ptr<LevelTransfer<dim>> transfer;

  Levels(const typename Mesh<dim>::Parameters &mesh, const unsigned int degree, const unsigned int refinements)
      : fine(mesh, degree, {}, conditions(), [=](Mesh<dim> &m) { refine_at_corner(m, refinements); })
  {
    if (degree == 1)
      coarse_mesh = fine.mesh.make_coarser();
    coarse = std::make_unique<DisplacementSpace<dim>>(degree == 1 ? *coarse_mesh : fine.mesh, 1);
    coarse_conditions = std::make_unique<BoundaryConditions<dim>>(*coarse, conditions());
    transfer = std::make_unique<LevelTransfer<dim>>(fine.space, fine.boundary_conditions.constraints(), *coarse,
                                                    coarse_conditions->constraints());
  }

  static typename BoundaryConditions<dim>::Parameters conditions()
  {
    typename BoundaryConditions<dim>::Parameters parameters;
    parameters.fixed = "bottom";
    parameters.rollers = "west";
    return parameters;
  }

  static FloatVector make_vector(const DisplacementSpace<dim> &space, const unsigned int seed)
  {
    FloatVector result(space.dof_handler().locally_owned_dofs(), space.mesh().communicator());
    for (const auto i : result.locally_owned_elements())
      result(i) = seed == 0 ? 0 : std::sin(1. + 7 * seed * i);
    return result;
  }
};

template <int dim>
void check_against_deal_ii(const typename Mesh<dim>::Parameters &mesh, const unsigned int degree)
{
  const Levels<dim> levels(mesh, degree, 2);
  dealii::AffineConstraints<float> fine, coarse;
  fine.copy_from(levels.fine.boundary_conditions.constraints());
  coarse.copy_from(levels.coarse_conditions->constraints());
  dealii::MGTwoLevelTransfer<dim, FloatVector> reference;
  reference.reinit(levels.fine.space.dof_handler(), levels.coarse->dof_handler(), fine, coarse);

  const FloatVector x = levels.make_vector(*levels.coarse, 1), r = levels.make_vector(levels.fine.space, 2);
  FloatVector px = levels.make_vector(levels.fine.space, 3), expected_px = px;
  levels.transfer->prolongate_and_add(px, x);
  reference.prolongate_and_add(expected_px, x);
  FloatVector change = px;
  change -= levels.make_vector(levels.fine.space, 3);
  EXPECT_GT(change.l2_norm(), 1);
  px -= expected_px;
  EXPECT_LT(px.linfty_norm(), 2e-6);

  FloatVector ptr = levels.make_vector(*levels.coarse, 4), expected_ptr = ptr;
  levels.transfer->restrict_and_add(ptr, r);
  reference.restrict_and_add(expected_ptr, r);
  ptr -= expected_ptr;
  EXPECT_LT(ptr.linfty_norm(), 1e-5);

  // The transpose: (P x).r = x.(P^T r).
  FloatVector p = levels.make_vector(levels.fine.space, 0), t = levels.make_vector(*levels.coarse, 0);
  levels.transfer->prolongate_and_add(p, x);
  levels.transfer->restrict_and_add(t, r);
  EXPECT_NEAR(p * r, x * t, 1e-5 * p.l2_norm() * r.l2_norm());
}

TEST(LevelTransferParallel, EqualsDealII)
{
  auto flat = box<2>({0, -1}, {3, 0}, {12, 4});
  flat.grading = {2, 3};
  check_against_deal_ii<2>(flat, 1);
  check_against_deal_ii<2>(flat, 2);
  auto brick = box<3>({0, 0, -1}, {2, 1, 0}, {8, 4, 4});
  brick.grading = {2, 1, 3};
  check_against_deal_ii<3>(brick, 1);
  check_against_deal_ii<3>(brick, 2);
  check_against_deal_ii<3>(box<3>({0, 0, -1}, {1, 1, 0}, {16, 16, 10}), 1); // 320 cells in the coarsest mesh
}

// A mesh that would have 2^41 cells if all were as small as the smallest. A field that is linear goes up exactly.
TEST(LevelTransferParallel, MeshesMayBeDeep)
{
  const auto mesh = box<3>({-1, -1, -1}, {1, 1, 0}, {4, 4, 2});
  for (const unsigned int degree : {1, 2})
  {
    const Levels<3> levels(mesh, degree, 12);
    ASSERT_EQ(levels.fine.mesh.triangulation().n_global_levels(), 14u);
    const auto linear = [](const DisplacementSpace<3> &space, const dealii::AffineConstraints<double> &constraints) {
      FloatVector result = Levels<3>::make_vector(space, 0);
      const auto &nodes = space.element().get_unit_support_points();
      std::vector<dealii::types::global_dof_index> unknowns(nodes.size());
      for (const auto &cell : space.dof_handler().active_cell_iterators())
        if (cell->is_locally_owned())
        {
          cell->get_dof_indices(unknowns);
          for (unsigned int i = 0; i < nodes.size(); ++i)
            if (result.in_local_range(unknowns[i]) && !constraints.is_constrained(unknowns[i]))
            {
              // It vanishes where the displacement does.
              const auto x = space.mapping().transform_unit_to_real_cell(cell, nodes[i]);
              result(unknowns[i]) =
                  space.element().system_to_component_index(i).first == 0 ? (x[0] + 1) * (x[2] + 1) : 2 * (x[2] + 1);
            }
        }
      return result;
    };
    FloatVector up = Levels<3>::make_vector(levels.fine.space, 0);
    levels.transfer->prolongate_and_add(up, linear(*levels.coarse, levels.coarse_conditions->constraints()));
    const FloatVector expected = linear(levels.fine.space, levels.fine.boundary_conditions.constraints());
    EXPECT_GT(expected.linfty_norm(), 1.9);
    up -= expected;
    EXPECT_LT(up.linfty_norm(), 1e-6);
  }
}

} // namespace
