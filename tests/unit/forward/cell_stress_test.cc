// Strain and stress at cell centres. A displacement that is linear in position has the same strain everywhere, in every
// Q_k and on any mesh; expected stress by Hooke's law in E and nu, as Timoshenko & Goodier (1970), Theory of
// elasticity, eqs (3) and (6), have it.
#include <lodestone/forward/cell_stress.h>
#include <lodestone/material/isotropic.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lodestone;

namespace
{

template <int dim>
typename Mesh<dim>::Parameters graded_box()
{
  typename Mesh<dim>::Parameters parameters;
  for (unsigned int d = 0; d < dim; ++d)
  {
    parameters.lower[d] = -2000;
    parameters.upper[d] = d + 1 == dim ? 0 : 3000;
  }
  parameters.cells.assign(dim, 4);
  parameters.grading.assign(dim, 5);
  parameters.surface_refinements = 1;
  parameters.surface_distance = 100;
  return parameters;
}

/// u = A x
template <int dim>
DistributedVector displacement(const DisplacementSpace<dim> &space, const dealii::Tensor<2, dim> &A)
{
  DistributedVector u = space.make_vector();
  std::vector<dealii::types::global_dof_index> dofs(space.element().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler().active_cell_iterators())
    if (!cell->is_artificial())
    {
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < dofs.size(); ++i)
        if (u.locally_owned_elements().is_element(dofs[i]))
          u(dofs[i]) =
              (A *
               space.mapping().transform_unit_to_real_cell(
                   cell, space.element().unit_support_point(i)))[space.element().system_to_component_index(i).first];
    }
  u.update_ghost_values();
  return u;
}

template <int dim>
void check(const unsigned int degree)
{
  Mesh<dim> mesh(graded_box<dim>(), MPI_COMM_WORLD);
  mesh.refine({}, {});
  const DisplacementSpace<dim> space(mesh, degree);
  dealii::Tensor<2, dim> A;
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int j = 0; j < dim; ++j)
      A[i][j] = 1e-5 * std::sin(1. + i + 3 * j);
  const CellTensors strain = strain_at_centres(space, displacement(space, A));
  ASSERT_EQ(strain.size(), mesh.triangulation().n_locally_owned_active_cells());

  const double nu = 0.3;
  Moduli moduli{mesh.make_cell_field(), mesh.make_cell_field()};
  std::vector<double> young;
  for (const auto &cell : mesh.triangulation().active_cell_iterators())
    if (cell->is_locally_owned())
    {
      young.push_back(1e10 - 2e6 * cell->center()[0]);
      const Lame lame = lame_moduli(ModuliPair::young_poisson, {{young.back(), nu}});
      moduli.lambda(cell->global_active_cell_index()) = lame.lambda;
      moduli.mu(cell->global_active_cell_index()) = lame.mu;
    }
  const CellTensors found = stress(strain, moduli);
  ASSERT_EQ(found.size(), strain.size());
  for (std::size_t c = 0; c < strain.size(); ++c)
  {
    dealii::SymmetricTensor<2, 3> expected;
    for (unsigned int i = 0; i < dim; ++i)
      for (unsigned int j = i; j < dim; ++j)
        expected[i][j] = (A[i][j] + A[j][i]) / 2;
    EXPECT_LT((strain[c] - expected).norm(), 1e-16) << c;
    // E eps_xx = s_xx - nu (s_yy + s_zz), and so on; E eps_xy = (1 + nu) s_xy; in plane strain eps_zz = 0.
    const auto &s = found[c];
    for (unsigned int i = 0; i < 3; ++i)
      for (unsigned int j = i; j < 3; ++j)
      {
        const double by_stress = i == j ? s[i][i] - nu * (trace(s) - s[i][i]) : (1 + nu) * s[i][j];
        EXPECT_NEAR(by_stress, young[c] * expected[i][j], 1e-6) << c; // Pa; strains of 1e-5 times 1e10 Pa
      }
  }
}

} // namespace

TEST(CellStressParallel, OfALinearDisplacement2d)
{
  check<2>(1);
  check<2>(2);
}
TEST(CellStressParallel, OfALinearDisplacement3d)
{
  check<3>(1);
  check<3>(2);
}
