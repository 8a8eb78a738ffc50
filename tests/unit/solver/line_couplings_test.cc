// Lines and their matrix, against columns of K that are found by applying the operator to unit vectors.
#include <lodestone/solver/multigrid/line_couplings.h>

#include <deal.II/dofs/dof_tools.h>
#include <deal.II/grid/grid_tools.h>

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
      const dealii::Point<dim> &size, const std::vector<unsigned int> &cells, const unsigned int degree,
      const double poisson, const std::function<void(Mesh<dim> &)> &change = [](Mesh<dim> &) {})
      : problem(box<dim>({}, size, cells), degree, {}, conditions(), change),
        stiffness(make_stiffness_operator<dim, float>(problem.space, problem.boundary_conditions))
  {
    Moduli moduli{problem.mesh.make_cell_field(), problem.mesh.make_cell_field()};
    for (const auto i : moduli.mu.locally_owned_elements())
    {
      moduli.mu(i) = 1 + .1 * (i % 4);
      moduli.lambda(i) = 2 * moduli.mu(i) * poisson / (1 - 2 * poisson);
    }
    stiffness->renew(moduli, 1);
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
};

using Link = std::array<dealii::types::global_dof_index, 2>;

// Of each unknown those before and after it, all ranks' unknowns.
std::map<dealii::types::global_dof_index, std::vector<dealii::types::global_dof_index>>
links_of(const LinePieces &pieces, const FloatVector &layout)
{
  std::vector<Link> links;
  const auto global = [&](const unsigned int i) { return layout.get_partitioner()->local_to_global(i); };
  for (unsigned int p = 0; p < pieces.beyond.size(); ++p)
  {
    for (unsigned int k = pieces.starts[p]; k + 1 < pieces.starts[p + 1]; ++k)
      for (const unsigned int turn : {0, 1})
        links.push_back({{global(pieces.unknowns[k + turn]), global(pieces.unknowns[k + 1 - turn])}});
    for (const unsigned int end : {0, 1})
      if (pieces.beyond[p][end].rank != LinePieces::none)
        links.push_back({{global(pieces.unknowns[end == 0 ? pieces.starts[p] : pieces.starts[p + 1] - 1]),
                          pieces.beyond[p][end].unknown}});
  }
  std::map<dealii::types::global_dof_index, std::vector<dealii::types::global_dof_index>> neighbours;
  for (const auto &of_rank : dealii::Utilities::MPI::all_gather(MPI_COMM_WORLD, links))
    for (const Link &link : of_rank)
      neighbours[link[0]].push_back(link[1]);
  return neighbours;
}

// T z = r, with T made of entries of K on the lines.
template <int dim>
void expect_lines_solve_with_entries_of_the_matrix(const Model<dim> &model)
{
  LineCouplings<dim> couplings(model.problem.space, model.problem.boundary_conditions, *model.stiffness);
  couplings.renew();
  const auto lines = couplings.make_lines(model.inverse_diagonal);
  couplings.factorize(*lines, model.inverse_diagonal);
  const auto links = links_of(lines->pieces(), model.inverse_diagonal);
  EXPECT_FALSE(links.empty());
  const auto n = model.problem.space.n_dofs();
  const auto &partitioner = *model.inverse_diagonal.get_partitioner();
  const auto r = [&](const unsigned int i) { return std::sin(1.f + partitioner.local_to_global(i)); };
  std::vector<double> z(n, 0), product(n, 0), size(n, 0);
  lines->solve(r, [&](const unsigned int i, const float value) { z[partitioner.local_to_global(i)] = value; });
  dealii::Utilities::MPI::sum(z, MPI_COMM_WORLD, z);
  for (dealii::types::global_dof_index j = 0; j < n; ++j)
  {
    const FloatVector column = model.column(j);
    const auto add = [&](const dealii::types::global_dof_index i, const double entry, const double value) {
      product[i] += entry * value;
      size[i] += std::abs(entry * value);
    };
    if (column.in_local_range(j))
      add(j, column(j), z[j]);
    if (links.count(j) == 0)
      continue;
    ASSERT_LE(links.at(j).size(), 2u);
    for (const auto i : links.at(j))
    {
      if (column.in_local_range(i))
        add(i, column(i), z[j]);
      // the two ends of a cell in Q2, which couple too, enter the diagonal
      for (const auto k : links.at(i))
        if (k != j && column.in_local_range(k))
          add(k, std::abs(column(k)), z[k]);
    }
  }
  for (unsigned int i = 0; i < partitioner.locally_owned_size(); ++i)
  {
    const auto k = partitioner.local_to_global(i);
    EXPECT_NEAR(product[k], r(i), 1e-5 * (1 + size[k])) << k;
  }
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
      const auto pieces = couplings.make_lines(model.inverse_diagonal)->pieces();
      std::map<dealii::types::global_dof_index, dealii::Point<3>> points;
      dealii::DoFTools::map_dofs_to_support_points(model.problem.space.mapping(), model.problem.space.dof_handler(),
                                                   points);
      std::vector<unsigned int> component(points.size());
      std::vector<dealii::types::global_dof_index> dofs(model.problem.space.element().dofs_per_cell);
      for (const auto &cell : model.problem.space.dof_handler().active_cell_iterators())
      {
        cell->get_dof_indices(dofs);
        for (unsigned int i = 0; i < dofs.size(); ++i)
          component[dofs[i]] = model.problem.space.element().system_to_component_index(i).first;
      }
      const auto &constraints = model.problem.boundary_conditions.constraints();
      for (unsigned int l = 0; l + 1 < pieces.starts.size(); ++l)
      {
        const unsigned int *line = pieces.unknowns.data() + pieces.starts[l],
                           n = pieces.starts[l + 1] - pieces.starts[l];
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

// Each of the vertical lines of flat cells is whole, wherever ranks begin.
TEST(LineCouplingsParallel, GoOnWhereAnotherRankBegins)
{
  for (const unsigned int degree : {1u, 2u})
  {
    const Model<3> model({1, 1, .05}, {4, 4, 4}, degree, .25);
    LineCouplings<3> couplings(model.problem.space, model.problem.boundary_conditions, *model.stiffness);
    couplings.renew();
    unsigned int n_links = 0;
    for (const auto &[unknown, others] :
         links_of(couplings.make_lines(model.inverse_diagonal)->pieces(), model.inverse_diagonal))
      n_links += others.size();
    const unsigned int n = 4 * degree + 1;
    EXPECT_EQ(n_links, 2 * (n - 2) * (2 * n * n + n * (n - 1))); // the bottom is clamped, x is held in the west
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
  const auto lines = couplings.make_lines(model.inverse_diagonal);
  couplings.factorize(*lines, model.inverse_diagonal);
  const LinePieces &pieces = lines->pieces();
  const auto &constraints = model.problem.boundary_conditions.constraints();
  const auto &partitioner = *model.inverse_diagonal.get_partitioner();
  std::vector<double> seen(pieces.unknowns.size(), 0);
  for (unsigned int l = 0; l + 1 < pieces.starts.size(); ++l)
    for (unsigned int k = pieces.starts[l]; k < pieces.starts[l + 1]; ++k)
    {
      ++seen[pieces.unknowns[k]];
      if (pieces.starts[l + 1] - pieces.starts[l] > 1 || pieces.beyond[l][0].rank != LinePieces::none ||
          pieces.beyond[l][1].rank != LinePieces::none)
      {
        EXPECT_FALSE(constraints.is_constrained(partitioner.local_to_global(pieces.unknowns[k])));
      }
    }
  for (const double times : seen)
    EXPECT_EQ(times, 1);
  double energy = 0, ab = 0, ba = 0;
  const auto a = [](const unsigned int i) { return std::sin(1.f + i); };
  const auto b = [](const unsigned int i) { return std::cos(3.f * i); };
  lines->solve(a, [&](const unsigned int i, const float z) {
    energy += z * a(i);
    ba += z * b(i);
  });
  lines->solve(b, [&](const unsigned int i, const float z) { ab += z * a(i); });
  for (double *sum : {&energy, &ab, &ba})
    *sum = dealii::Utilities::MPI::sum(*sum, MPI_COMM_WORLD);
  EXPECT_GT(energy, 0);
  EXPECT_NEAR(ab, ba, 1e-4 * energy);
}
