// Lines and their matrix, against columns of K that are found by applying the operator to unit vectors.
#include <lodestone/forward/multigrid/line_couplings.h>

#include <deal.II/dofs/dof_tools.h>
#include <deal.II/grid/grid_tools.h>
#include <deal.II/lac/full_matrix.h>

#include <gtest/gtest.h>

#include "verification/elastic_problem.h"
#include <map>

using namespace lodestone;
using namespace lodestone::testing;

namespace
{

using FloatVector = dealii::LinearAlgebra::distributed::Vector<float>;

template <int dim>
struct Model
{
  ElasticProblem<dim> problem;
  std::unique_ptr<StiffnessOperator<dim, float>> stiffness;
  FloatVector inverse_diagonal;

  Model(
      const dealii::Point<dim> &size, const std::vector<unsigned int> &cells, const unsigned int degree, const double poisson,
      const std::function<void(Mesh<dim> &)> &change = [](Mesh<dim> &) {})
      : problem(box<dim>({}, size, cells), degree, {}, conditions(), change),
        stiffness(make_stiffness_operator<dim, float>(problem.space, problem.boundary_conditions))
  {
    Moduli moduli{problem.mesh.make_cell_field(), problem.mesh.make_cell_field()};
    for (const auto i : moduli.mu.locally_owned_elements())
    {
      moduli.mu(i) = 1 + .1 * (i % 4);
      moduli.lambda(i) = 2 * moduli.mu(i) * poisson / (1 - 2 * poisson);
    }
    stiffness->set_moduli(moduli, 1);
    stiffness->compute_inverse_diagonal(inverse_diagonal);
  }

  static typename BoundaryConditions<dim>::Parameters conditions()
  {
    typename BoundaryConditions<dim>::Parameters parameters;
    parameters.fixed = "bottom";
    parameters.rollers = "west";
    return parameters;
  }

  // Owned entries of column j of K, by their local indices.
  FloatVector column(const dealii::types::global_dof_index j) const
  {
    FloatVector unit, product;
    stiffness->initialize_vector(unit);
    stiffness->initialize_vector(product);
    if (unit.in_local_range(j))
      unit(j) = 1;
    stiffness->vmult(product, unit);
    return product;
  }

  // The unit vectors' answers.
  std::map<std::pair<unsigned int, unsigned int>, double> entries(const TridiagonalLines &lines) const
  {
    std::vector<unsigned int> line_of(lines.unknowns().size());
    for (unsigned int l = 0; l + 1 < lines.starts().size(); ++l)
      for (unsigned int k = lines.starts()[l]; k < lines.starts()[l + 1]; ++k)
        line_of[lines.unknowns()[k]] = l;
    std::map<std::pair<unsigned int, unsigned int>, double> entries;
    for (dealii::types::global_dof_index j = 0; j < problem.space.n_dofs(); ++j)
    {
      const FloatVector k = column(j);
      if (k.in_local_range(j))
      {
        const unsigned int local = k.get_partitioner()->global_to_local(j);
        for (unsigned int i = 0; i < k.locally_owned_size(); ++i)
          if (line_of[i] == line_of[local])
            entries[{i, local}] = k.local_element(i);
      }
    }
    return entries;
  }
};

template <int dim>
void expect_lines_solve_with_entries_of_the_matrix(const Model<dim> &model)
{
  LineCouplings<dim> couplings(model.problem.space, model.problem.boundary_conditions, *model.stiffness);
  couplings.renew();
  TridiagonalLines lines = couplings.make_lines(model.inverse_diagonal);
  couplings.factorize(lines, model.inverse_diagonal);
  const auto entries = model.entries(lines);
  std::vector<float> z(lines.unknowns().size());
  const auto r = [](const unsigned int i) { return std::sin(1.f + i); };
  lines.solve(r, [&](const unsigned int i, const float value) { z[i] = value; });
  unsigned int longest = 0;
  for (unsigned int l = 0; l + 1 < lines.starts().size(); ++l)
  {
    const unsigned int *line = lines.unknowns().data() + lines.starts()[l], n = lines.starts()[l + 1] - lines.starts()[l];
    longest = std::max(longest, n);
    dealii::FullMatrix<double> matrix(n, n);
    for (unsigned int a = 0; a < n; ++a)
      for (unsigned int b = 0; b < n; ++b)
      {
        const double entry = entries.at({line[a], line[b]});
        if (a == b || a + 1 == b || b + 1 == a)
          matrix(a, b) += entry;
        else
        {
          // only the two ends of a cell in Q2 couple further; they go to the diagonal
          EXPECT_TRUE(a + 2 == b || b + 2 == a || std::abs(entry) < 1e-5) << a << ' ' << b << ' ' << entry;
          matrix(a, a) += std::abs(entry);
        }
      }
    matrix.gauss_jordan();
    for (unsigned int a = 0; a < n; ++a)
    {
      double exact = 0;
      for (unsigned int b = 0; b < n; ++b)
        exact += matrix(a, b) * r(line[b]);
      EXPECT_NEAR(z[line[a]], exact, 1e-4 * (1 + std::abs(exact)));
    }
  }
  EXPECT_GE(dealii::Utilities::MPI::max(longest, MPI_COMM_WORLD), 2u); // a rank may have nothing
}

} // namespace

TEST(LineCouplingsParallel, LinesHaveTheEntriesOfTheMatrix)
{
  const auto distort = [](auto &mesh) {
    using Triangulation = std::decay_t<decltype(mesh.triangulation())>;
    dealii::GridTools::distort_random(.2, const_cast<Triangulation &>(mesh.triangulation()), true, 3);
  };
  for (const unsigned int degree : {1u, 2u})
  {
    expect_lines_solve_with_entries_of_the_matrix(Model<2>({1, .2}, {4, 4}, degree, .25));
    expect_lines_solve_with_entries_of_the_matrix(Model<2>({1, 1}, {8, 4}, degree, .49, distort));
    expect_lines_solve_with_entries_of_the_matrix(Model<3>({1, 1, 1}, {2, 2, 4}, degree, .45));
    expect_lines_solve_with_entries_of_the_matrix(Model<3>({1, 1, .2}, {4, 2, 2}, degree, .3, distort));
  }
}

// Flat cells: every line is vertical, from the first row above the clamped bottom to the top. Nearly incompressible
// cubes: the lines of a component run along it.
TEST(LineCouplings, FollowTheStrongestCoupling)
{
  for (const unsigned int degree : {1u, 2u})
    for (const bool flat : {true, false})
    {
      const Model<3> model({1, 1, flat ? .05 : 1.}, {4, 4, 4}, degree, flat ? .25 : .499);
      LineCouplings<3> couplings(model.problem.space, model.problem.boundary_conditions, *model.stiffness);
      couplings.renew();
      const TridiagonalLines lines = couplings.make_lines(model.inverse_diagonal);
      std::map<dealii::types::global_dof_index, dealii::Point<3>> points;
      dealii::DoFTools::map_dofs_to_support_points(model.problem.space.mapping(), model.problem.space.dof_handler(), points);
      std::vector<unsigned int> component(points.size());
      std::vector<dealii::types::global_dof_index> dofs(model.problem.space.element().dofs_per_cell);
      for (const auto &cell : model.problem.space.dof_handler().active_cell_iterators())
      {
        cell->get_dof_indices(dofs);
        for (unsigned int i = 0; i < dofs.size(); ++i)
          component[dofs[i]] = model.problem.space.element().system_to_component_index(i).first;
      }
      const auto &constraints = model.problem.boundary_conditions.constraints();
      for (unsigned int l = 0; l + 1 < lines.starts().size(); ++l)
      {
        const unsigned int *line = lines.unknowns().data() + lines.starts()[l], n = lines.starts()[l + 1] - lines.starts()[l];
        const unsigned int c = component[line[0]], along = flat ? 2 : c;
        if (n == 1)
        {
          EXPECT_TRUE(constraints.is_constrained(line[0])) << points.at(line[0]);
          continue;
        }
        // x is held on one face, all on the bottom
        EXPECT_EQ(n, 4 * degree + 1 - (along == 2 || (along == 0 && c == 0) ? 1 : 0));
        for (unsigned int k = 1; k < n; ++k)
        {
          EXPECT_EQ(component[line[k]], c);
          for (unsigned int d = 0; d < 3; ++d)
            EXPECT_EQ(points.at(line[k])[d] == points.at(line[k - 1])[d], d != along);
        }
      }
    }
}

// With hanging nodes the lines end, the preconditioner stays symmetric and positive definite.
TEST(LineCouplingsParallel, EndAtHangingNodes)
{
  const Model<3> model({1, 1, .2}, {4, 4, 2}, 2, .25, [](Mesh<3> &mesh) {
    auto &triangulation = const_cast<dealii::parallel::distributed::Triangulation<3> &>(mesh.triangulation());
    for (const auto &cell : triangulation.active_cell_iterators())
      if (cell->is_locally_owned() && cell->center()[0] < .5 && cell->center()[2] > .1)
        cell->set_refine_flag();
    triangulation.execute_coarsening_and_refinement();
  });
  LineCouplings<3> couplings(model.problem.space, model.problem.boundary_conditions, *model.stiffness);
  couplings.renew();
  TridiagonalLines lines = couplings.make_lines(model.inverse_diagonal);
  couplings.factorize(lines, model.inverse_diagonal);
  const auto &constraints = model.problem.boundary_conditions.constraints();
  const auto &partitioner = *model.inverse_diagonal.get_partitioner();
  std::vector<double> seen(lines.unknowns().size(), 0);
  for (unsigned int l = 0; l + 1 < lines.starts().size(); ++l)
    for (unsigned int k = lines.starts()[l]; k < lines.starts()[l + 1]; ++k)
    {
      ++seen[lines.unknowns()[k]];
      if (lines.starts()[l + 1] - lines.starts()[l] > 1)
      {
        EXPECT_FALSE(constraints.is_constrained(partitioner.local_to_global(lines.unknowns()[k])));
      }
    }
  for (const double times : seen)
    EXPECT_EQ(times, 1);
  double energy = 0, ab = 0, ba = 0;
  const auto a = [](const unsigned int i) { return std::sin(1.f + i); };
  const auto b = [](const unsigned int i) { return std::cos(3.f * i); };
  lines.solve(a, [&](const unsigned int i, const float z) {
    energy += z * a(i);
    ba += z * b(i);
  });
  lines.solve(b, [&](const unsigned int i, const float z) { ab += z * a(i); });
  EXPECT_GT(energy, 0);
  EXPECT_NEAR(ab, ba, 1e-4 * energy);
}
